"""Runs an ASGI application on a free port of loopback, and lets its next requests go wrong."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
"""Published interfaces of the providers, where they are at hand."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What goes wrong with one request.

    status: answer with it instead of doing anything; None: do what is asked first. headers: of that answer.
    hang: seconds before anything is done; late: seconds between doing what is asked and the answer.
    cut: then close the connection in the middle of the answer. body: of the answer.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    late: float = 0.0
    cut: bool = False
    body: str | None = None


BUSY = Failure(429, {"Retry-After": "7"})
BROKEN = Failure(500)
ACCEPTED_BUT_CUT = Failure(cut=True)
ACCEPTED_WITHOUT_BODY = Failure(body="")


class StandIn:
    """A stand-in server. url: its address while it runs. requests: (method, path, parameters) of everything asked."""

    app: Starlette

    def __init__(self) -> None:
        self.url = ""
        self.failures: list[Failure] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def forget(self) -> None:
        """Be as new, at the same address."""
        self.failures.clear()
        self.requests.clear()

    async def fail(self, request: Request, answer: Any, failures: list[Failure] | None = None) -> Response:
        """The answer of `answer()`, or what `failures` says; those of the server if no others are given."""
        failures = self.failures if failures is None else failures
        failure = failures.pop(0) if failures else None
        if failure is None:
            return await answer()
        if failure.hang:
            await asyncio.sleep(failure.hang)
        if failure.status is not None:
            return Response(failure.body or "", failure.status, headers=failure.headers)
        done = await answer()
        if failure.late:
            await asyncio.sleep(failure.late)
        if failure.cut:
            return _Cut(done.body)
        return Response(failure.body if failure.body is not None else done.body, done.status_code)

    def __enter__(self) -> Self:
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the stand-in server did not start")
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


class _Cut(Response):
    """The beginning of an answer, then nothing: the server closes the connection."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self.body) + 10).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body[:5]})
