"""What is measured: something that takes messages, and the processes that it is made of."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.load import Send
from benchmarks.processes import ROOT, Family, Server
from bot.turn import Turn
from tests.standins.twilio import TwilioStandIn

PATIENCE = 60.0
"""Seconds that one message may wait."""


def questions() -> list[tuple[str, str]]:
    """Language and text of ordinary questions, of all languages, in an order that is always the same."""
    lines = [json.loads(line) for path in sorted((ROOT / "tests/nlu").glob("??.jsonl")) for line in path.open("rb")]
    found = [(line["lang"], line["text"]) for line in lines if line["intent"].startswith("ask_")]
    random.Random(8).shuffle(found)
    return found


class Dialogue:
    """A Rasa server. servers: all that it needs."""

    def __init__(self, name: str, rasa: Server, servers: Sequence[Server]) -> None:
        self.name, self._rasa = name, rasa
        self.servers = [*servers, rasa]
        self._numbers = itertools.count()
        self._questions = itertools.cycle(questions())

    @property
    def families(self) -> list[Family]:
        """The processes that a message costs something."""
        return [server.family for server in self.servers]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        """A way to send a message, each in a conversation of its own."""
        async with _session() as session:
            yield lambda: self.ask(session, f"bench-{next(self._numbers)}")

    async def ask(self, session: aiohttp.ClientSession, sender: str, question: tuple[str, str] | None = None) -> bool:
        """Send a question, the next one if none is given, in a conversation; whether an action answered."""
        language, text = question or next(self._questions)
        metadata = Turn(language, "sms", origin="PHL", destination="HKG", route_told=True, greeted=True).as_metadata()
        body = {"sender": sender, "message": text, "metadata": metadata}
        async with session.post(f"{self._rasa.url}/webhooks/rest/webhook", json=body) as response:
            return b'"step"' in await response.read()


class Provider(TwilioStandIn):
    """Twilio, which tells when a message to a number has been handed to it."""

    def __init__(self) -> None:
        super().__init__()
        self.spec = {}  # that requests fit the interface is tested elsewhere; here it would cost more than what is measured
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}

    @contextlib.contextmanager
    def expecting(self, number: str) -> Iterator[asyncio.Event]:
        """An event that is set when something is sent to `number`."""
        event = asyncio.Event()
        self._waiting[number] = (asyncio.get_running_loop(), event)
        try:
            yield event
        finally:
            self._waiting.pop(number, None)

    async def _create(self, request: Request) -> Response:
        response = await super()._create(request)
        if response.status_code == 201:
            waiting = self._waiting.get(json.loads(bytes(response.body))["to"])
            if waiting:
                waiting[0].call_soon_threadsafe(waiting[1].set)
        self.requests.clear()
        self.messages.clear()
        return response


class WholeService:
    """The service with its replicas. more: further processes that belong to it, for example a database server."""

    def __init__(self, name: str, replicas: Sequence[Server], provider: Provider, more: Sequence[Family] = ()) -> None:
        self.name, self.servers, self._provider, self._more = name, list(replicas), provider, more
        self._urls = itertools.cycle([f"{server.url}/webhooks/twilio/sms" for server in replicas])
        self._numbers = itertools.count(1_000_000)
        self._questions = itertools.cycle(questions())

    @property
    def families(self) -> list[Family]:
        """The processes that a message costs something."""
        return [*(server.family for server in self.servers), *self._more]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        """A way to send a message from a new number; answered when the provider has been handed the reply."""
        async with _session() as session:
            yield lambda: self._ask(session)

    async def _ask(self, session: aiohttp.ClientSession) -> bool:
        _, text = next(self._questions)
        sender, url = f"+8525{next(self._numbers)}", next(self._urls)
        body, headers = self._provider.signed(url, self._provider.inbound(sender, text))
        with self._provider.expecting(sender) as answered:
            async with session.post(url, data=body, headers=headers) as response:
                if response.status >= 300:
                    return False
            await asyncio.wait_for(answered.wait(), PATIENCE)
            return True


def settings(provider: Provider, **more: str) -> dict[str, str]:
    """Environment of a service that is measured: no pause for a second message, one partner, one key for all replicas."""
    fields = {name.upper(): value for name, value in provider.settings.items()}
    return {
        **fields, "KASAMA_PAUSE": "0", "KASAMA_OPERATOR_SMS": "+12025550111",
        "KASAMA_SECRET_KEY": "for-measuring-only-" + "0" * 32, **more,
    }  # fmt: skip


def _session() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))


Subject = Dialogue | WholeService


def stock_model() -> Path:
    """The trained model of this checkout. Raises FileNotFoundError."""
    from bot.training import model_path

    path = model_path(ROOT, ROOT / "var")
    if not path.exists():
        raise FileNotFoundError("there is no trained model: make setup")
    return path


def describe(error: BaseException) -> dict[str, Any]:
    """What goes into the tables for something that could not be measured."""
    return {"failed": str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}
