"""The connection to the actions stays open, and a request goes out in one piece.

Stock opens a session and a TCP connection for every action and closes them again; headers and body are sent apart,
which wakes the other side twice. Here each endpoint keeps one session. What is sent and how the answer is read is the
same. A connection may be closed by the other side at the very moment that it is used again; then the request is sent
once more, which it may be: actions change nothing.
"""

from __future__ import annotations

import contextlib
from typing import Any, AsyncIterator

import aiohttp
import aiohttp.client_reqrep
from aiohttp.http import StreamWriter
from rasa.utils.endpoints import EndpointConfig

CONNECTIONS = 100
"""Open at a time, at most; more requests wait."""

IDLE = 4.0
"""Seconds that an unused connection stays open; less than the five after which Uvicorn closes it."""


def apply() -> None:
    """Put it in place."""
    stock_session, stock_request = EndpointConfig.session, EndpointConfig.request

    def session(self: EndpointConfig) -> Any:
        return _lent(self, stock_session)

    async def request(self: EndpointConfig, *arguments: Any, **named: Any) -> Any:
        try:
            return await stock_request(self, *arguments, **named)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError):  # nobody listens there
                raise
            return await stock_request(self, *arguments, **named)

    EndpointConfig.session = session
    EndpointConfig.request = request
    aiohttp.client_reqrep.StreamWriter = InOnePiece


@contextlib.asynccontextmanager
async def _lent(endpoint: EndpointConfig, make: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """The endpoint's session, which is not closed afterwards."""
    kept = endpoint.__dict__.get("_kasama_session")
    if kept is None or kept.closed:
        kept = endpoint._kasama_session = make(endpoint)
        await kept.connector.close()
        kept._connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE)
    yield kept


class InOnePiece(StreamWriter):
    """Holds the headers back until there is something to send with them."""

    _headers = b""
    _in_headers = False

    async def write_headers(self, status_line: str, headers: Any) -> None:
        """Take the headers."""
        self._in_headers = True
        await super().write_headers(status_line, headers)
        self._in_headers = False

    def _write(self, chunk: bytes) -> None:
        if self._in_headers:
            self._headers += chunk
            return
        held, self._headers = self._headers, b""
        super()._write(held + bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None:
        """The end; of a request without a body the headers go out now."""
        if self._headers and not chunk:
            self._write(b"")
        await super().write_eof(chunk)
