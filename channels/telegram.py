"""Telegram, by long polling or by webhook."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.messages import Choice, DeliveryError, Outbound, Receive
from bot.segments import clean, split
from bot.settings import Settings
from channels.parts import PartsSent
from channels.telegram_updates import ALLOWED, Malformed, Pressed, read_update
from channels.webhook import read_body, refuse, stored

log = structlog.get_logger(__name__)

# Asks the library for the type that it will have in future; without this it warns at every "too many requests".
os.environ.setdefault("PTB_TIMEDELTA", "true")

LONGEST = 4096
"""UTF-16 units of text that Telegram takes in one message."""

BUTTON = 64
"""Bytes of data that a button can carry."""

PATH = "/webhooks/telegram"


class _RawBot(Bot):
    """The library's bot, which also hands out updates as Telegram sent them."""

    async def raw_updates(self, offset: int | None, timeout: int) -> list[Any]:
        """Updates as JSON. offset: the first wanted; those before are forgotten. timeout: seconds to wait."""
        data = {"offset": offset, "timeout": timeout, "allowed_updates": list(ALLOWED)}
        found = await self._post("getUpdates", data, read_timeout=timeout + 10)
        return found if isinstance(found, list) else []


def as_telegram(message: Outbound) -> list[str]:
    """The text, more than one only beyond 4096 units. Choices are buttons below it, if they can be."""
    _, lines = _buttons(message.choices)
    return split("\n".join([clean(message.text).strip(), *lines]).strip(), LONGEST)


class Telegram:
    """The `telegram` channel. Addresses are ids of private chats.

    poll: seconds that Telegram holds a poll open. longest_wait: seconds between two tries when it cannot be reached.
    """

    name = "telegram"

    def __init__(self, settings: Settings, *, poll: int = 25, longest_wait: float = 60.0) -> None:
        token, api = settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url
        self._secret, self._public_url = settings.telegram_webhook_secret.get_secret_value(), settings.public_url
        self._poll, self._longest_wait = poll, longest_wait
        # Another server is a test's: never through a proxy of the environment.
        options: dict[str, Any] = {"read_timeout": 15, "connect_timeout": 5, "httpx_kwargs": {"trust_env": not api}}
        self._requests = (
            HTTPXRequest(connection_pool_size=2, **options),
            HTTPXRequest(connection_pool_size=64, pool_timeout=10, **options),
        )
        api = api or "https://api.telegram.org"
        self._bot = _RawBot(
            token or "none",
            f"{api}/bot",
            f"{api}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._parts = PartsSent()
        self._tasks: set[asyncio.Task[None]] = set()

    def render(self, message: Outbound) -> list[str]:
        """See `as_telegram`."""
        return as_telegram(message)

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand the message over; returns the id of its last part, which carries the buttons.

        When a later part fails, those before it are remembered while this process lives: see `PartsSent`.
        """
        texts = self.render(message)
        if not texts[0]:
            raise DeliveryError("empty", permanent=True)
        keyboard, _ = _buttons(message.choices)
        parts = [(text, keyboard if i == len(texts) - 1 else None) for i, text in enumerate(texts)]
        return await self._parts.send(key, parts, lambda part: self._send_part(address, *part))

    async def _send_part(self, address: str, text: str, keyboard: InlineKeyboardMarkup | None) -> str:
        try:
            # A preview of a page about violence has no place on a screen that others may see.
            sent = await self._bot.send_message(
                address, text, reply_markup=keyboard, link_preview_options=LinkPreviewOptions(is_disabled=True)
            )
        except TelegramError as error:
            raise _delivery_error(error) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DeliveryError("unreadable answer") from None
        return str(sent.message_id)

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """Always None: Telegram tells no bot what it has sent."""
        return None

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook; only a request with the secret that we gave Telegram gets in."""

        async def webhook(request: Request) -> Response:
            if not self._secret:
                return refuse("TELEGRAM_WEBHOOK_SECRET is not set, so nothing can prove that this comes from Telegram.")
            given = request.headers.get("x-telegram-bot-api-secret-token", "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                return refuse("X-Telegram-Bot-Api-Secret-Token is missing or wrong: only Telegram may write here.")
            try:
                inbound, pressed = read_update(json.loads(await read_body(request)))
            except Malformed as error:
                return PlainTextResponse(f"Not an update of Telegram: {error}.", 400)
            except (ValueError, RecursionError):
                return PlainTextResponse("Not an update of Telegram: the body is not JSON.", 400)
            done = Response(status_code=200)
            if inbound:
                done = await stored(receive(inbound), done, channel=self.name)
            if pressed and done.status_code == 200:
                self._settle(pressed)
            return done

        return [Route(PATH, webhook, methods=["POST"])]

    async def run(self, receive: Receive) -> None:
        """With a public address: tells Telegram our webhook and returns. Without: polls until cancelled."""
        if self._public_url and self._secret:
            await self._persist(self._set_webhook)
            log.info("Telegram will write to our webhook")
            return
        # Telegram refuses polling while there is a webhook; what has piled up is kept.
        await self._persist(lambda: self._bot.delete_webhook(drop_pending_updates=False))
        log.info("asking Telegram for messages")
        offset: int | None = None
        while True:
            updates = await self._persist(lambda after=offset: self._bot.raw_updates(after, self._poll))  # type: ignore[misc]
            for update in updates:
                offset = await self._take(update, receive, offset)

    async def _set_webhook(self) -> bool:
        return await self._bot.set_webhook(
            f"{self._public_url}{PATH}", secret_token=self._secret, allowed_updates=ALLOWED, drop_pending_updates=False
        )

    async def _persist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """The result of `call`, tried until Telegram gives one, with growing pauses."""
        pause = 1.0
        while True:
            try:
                return await call()
            except TelegramError as error:
                after = _delivery_error(error).retry_after or 0
                log.warning(_advice(error), error=_delivery_error(error).code)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                after = 0
                log.warning("Telegram's answer could not be read; trying again", error=type(error).__name__)
            await asyncio.sleep(max(after, min(pause, self._longest_wait)))
            pause *= 2

    async def _take(self, update: Any, receive: Receive, offset: int | None) -> int | None:
        """Store one update; returns the offset after it. That tells Telegram to forget it, so it is stored first."""
        try:
            inbound, pressed = read_update(update)
        except Malformed as error:
            log.error("Telegram sent an update that is none", problem=str(error))
            inbound = pressed = None
        pause = 0.5
        while inbound:
            try:
                await receive(inbound)
                break
            except Exception as error:  # whatever it is, her message must not be lost; only the kind, see `stored`
                log.error(
                    "an inbound message could not be stored; trying again",
                    channel=self.name,
                    error=type(error).__name__,
                )
                await asyncio.sleep(min(pause, self._longest_wait))
                pause *= 2
        if pressed:
            self._settle(pressed)
        try:
            return int(update["update_id"]) + 1
        except (TypeError, KeyError, ValueError):
            return offset

    def _settle(self, pressed: Pressed) -> None:
        """Let her app stop waiting, and take the buttons away, beside everything else: nothing depends on it."""
        task = asyncio.create_task(self._answer(pressed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, pressed: Pressed) -> None:
        try:
            await self._bot.answer_callback_query(pressed.query_id)
        except Exception as error:  # it may be too old, and her message is stored anyway
            log.debug("a button was not answered", error=type(error).__name__)
        if pressed.message_id is None:
            return
        try:
            await self._bot.edit_message_reply_markup(pressed.chat_id, pressed.message_id, reply_markup=None)
        except Exception as error:  # the message may be gone, or too old to change
            log.debug("buttons were not taken away", error=type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()


def _buttons(choices: tuple[Choice, ...]) -> tuple[InlineKeyboardMarkup | None, list[str]]:
    """Buttons, one per row, and lines of text for the choices that no button can carry."""
    rows, lines = [], []
    for choice in choices:
        label = clean(choice.label).strip()
        if label and 1 <= len(choice.payload.encode()) <= BUTTON:
            rows.append([InlineKeyboardButton(label, callback_data=choice.payload)])
        elif label:
            lines.append(f"- {label}")
    return (InlineKeyboardMarkup(rows) if rows else None), lines


def _delivery_error(error: TelegramError) -> DeliveryError:
    """What the library's error means for the delivery. Its own text is dropped: it may hold the token or the chat."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return DeliveryError("429", retry_after=seconds, refused=True)
    if isinstance(error, Forbidden):
        return DeliveryError("403 blocked", permanent=True)
    if isinstance(error, BadRequest | ChatMigrated):
        return DeliveryError("400 refused", permanent=True)
    if isinstance(error, InvalidToken):
        return DeliveryError("401 token refused", refused=True)
    if isinstance(error, Conflict):
        return DeliveryError("409 conflict", refused=True)
    if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return DeliveryError("unreachable", refused=True)
    return DeliveryError("timeout" if isinstance(error, TimedOut) else type(error).__name__)


def _advice(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "Telegram refused TELEGRAM_BOT_TOKEN; copy it again from BotFather"
    if isinstance(error, Conflict):
        return "another program is fetching this bot's messages; stop it, or use a bot of your own for each"
    if isinstance(error, BadRequest):
        return (
            "Telegram refused our request; is KASAMA_PUBLIC_URL an https address, and has "
            "TELEGRAM_WEBHOOK_SECRET letters, digits, _ and - only?"
        )
    return "Telegram cannot be reached; trying again"
