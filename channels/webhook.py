"""What the webhooks of all channels share: bodies of bounded size, clear refusals, silent libraries."""

from __future__ import annotations

from collections.abc import Awaitable

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.logs import quieten

log = structlog.get_logger(__name__)

LARGEST = 256 * 1024
"""Bytes of a webhook's body. Twilio and Telegram send a few kilobytes at most."""

quieten()


async def read_body(request: Request, largest: int = LARGEST) -> bytes:
    """The body; raises HTTPException 413 as soon as it is known to be larger than `largest` bytes."""
    too_large = HTTPException(413, f"The body is larger than {largest // 1024} KiB; no provider sends that much.")
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:20]) > largest:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                raise too_large
    except ClientDisconnect:
        raise HTTPException(400, "The connection ended before the body did.") from None
    return bytes(body)


async def stored(storing: Awaitable[None], done: Response, *, channel: str) -> Response:
    """`done` once the message is stored; 503 when it could not be, so that the provider comes again."""
    try:
        await storing
    except Exception as error:  # whatever it is, the provider must try again
        # Only the kind: an error of the database quotes the statement with her words in it.
        log.error("an inbound message could not be stored", channel=channel, error=type(error).__name__)
        again = "The message could not be stored. Please send it again."
        return PlainTextResponse(again, 503, headers={"Retry-After": "5"})
    return done


def refuse(why: str) -> Response:
    """403 with the reason; nothing has been stored."""
    return PlainTextResponse(why, 403)


async def closed(request: Request) -> Response:
    """Endpoint of a channel that is not set up: nothing can prove who is writing."""
    return refuse("This channel is not set up here.")
