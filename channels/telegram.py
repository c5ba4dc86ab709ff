"""Telegram, by long polling or by webhook.

Texts go without markup, so that nothing that anybody wrote can be mistaken for it: what is bold or in italics is told
beside the text. Direction marks stay as they are.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.request import HTTPXRequest

from bot.messages import Choice, DeliveryError, OnReachable, Outbound, Receive, ReceivePartner
from bot.segments import clean, split
from bot.settings import Settings
from channels.fetching import fetch, host
from channels.pace import Pace
from channels.parts import PartsSent
from channels.telegram_errors import advice, delivery_error
from channels.telegram_profile import Profile, present
from channels.telegram_updates import ALLOWED, Malformed, Pressed, Update, read_update
from channels.webhook import read_body, refuse, stored

log = structlog.get_logger(__name__)

# Asks the library for the type that it will have in future; without this it warns at every "too many requests".
os.environ.setdefault("PTB_TIMEDELTA", "true")

LONGEST = 4096
"""UTF-16 units of text that Telegram takes in one message."""

BUTTON = 64
"""Bytes of data that a button can carry."""

AT_ONCE = 100
"""Messages that Telegram deletes in one request."""

KEYBOARDS = 10_000
"""Chats whose last buttons are remembered, so that they go when she writes instead of pressing one."""

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
    """The `telegram` channel. Addresses are ids of private chats; of a partner's group too, for what is sent.

    poll: seconds that Telegram holds a poll open. longest_wait: seconds between two tries when it cannot be reached.
    receive_partner, on_reachable, profiles: set where the app is put together. Without the first, groups are not read.
    """

    name = "telegram"

    def __init__(
        self, settings: Settings, *, poll: int = 25, longest_wait: float = 60.0, pace: Pace | None = None
    ) -> None:
        token, api = settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url
        self._secret, self._public_url = settings.telegram_webhook_secret.get_secret_value(), settings.public_url
        self._home = settings.home
        self._poll, self._longest_wait = poll, longest_wait
        self._key = hashlib.sha256(token.encode()).digest()
        self.receive_partner: ReceivePartner | None = None
        self.on_reachable: OnReachable | None = None
        self.profiles: Callable[[], Mapping[str, Profile]] | None = None
        # Another server is a test's: never through a proxy of the environment.
        options: dict[str, Any] = {"read_timeout": 15, "connect_timeout": 5, "httpx_kwargs": {"trust_env": not api}}
        self._requests = (
            HTTPXRequest(connection_pool_size=2, **options),
            HTTPXRequest(connection_pool_size=64, pool_timeout=10, **options),
        )
        self._files = httpx.AsyncClient(timeout=httpx.Timeout(30.0, connect=5.0), trust_env=not api)
        api = api or "https://api.telegram.org"
        self._file_url = f"{api}/file/bot{token or 'none'}"
        self._bot = _RawBot(
            token or "none",
            f"{api}/bot",
            f"{api}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._parts, self._pace = PartsSent(), pace or Pace()
        self._keyboards: OrderedDict[str, int] = OrderedDict()
        self._moved: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def render(self, message: Outbound) -> list[str]:
        """See `as_telegram`."""
        return as_telegram(message)

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand the message over; returns the ids of its parts, with commas between them. The last one carries the buttons.

        When a later part fails, those before it are remembered while this process lives: see `PartsSent`.
        """
        texts = self.render(message)
        if not texts[0]:
            raise DeliveryError("empty", permanent=True)
        keyboard, _ = _buttons(message.choices)
        parts = [
            (text, _entities(text, message), keyboard if i == len(texts) - 1 else None) for i, text in enumerate(texts)
        ]
        ids = await self._parts.send(key, parts, lambda part: self._send_part(address, *part, urgent=message.urgent))
        if keyboard is not None and not message.urgent:
            self._keyboards[address] = int(ids[-1])
            self._keyboards.move_to_end(address)
            while len(self._keyboards) > KEYBOARDS:
                self._keyboards.popitem(last=False)
        return ",".join(ids)

    async def _send_part(
        self,
        address: str,
        text: str,
        entities: Sequence[MessageEntity],
        keyboard: InlineKeyboardMarkup | None,
        *,
        urgent: bool,
        again: bool = True,
    ) -> str:
        chat = self._moved.get(address, address)
        await self._pace.turn(chat, urgent=urgent, group=chat.startswith("-"))
        try:
            # A preview of a page about violence has no place on a screen that others may see.
            sent = await self._bot.send_message(
                chat,
                text,
                entities=entities or None,
                reply_markup=keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except ChatMigrated as error:
            if not again:
                raise delivery_error(error) from None
            self._move(address, str(error.new_chat_id))
            return await self._send_part(address, text, entities, keyboard, urgent=urgent, again=False)
        except TelegramError as error:
            wrong = delivery_error(error)
            if wrong.retry_after is not None:
                self._pace.too_many(chat, wrong.retry_after)
            raise wrong from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DeliveryError("unreadable answer") from None
        return str(sent.message_id)

    def _move(self, old: str, new: str) -> None:
        self._moved[old] = new
        log.warning("a partner's group has a new id; write it where the old one stands", old=old, new=new)

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """Always None: Telegram tells no bot what it has sent."""
        return None

    async def clear(self, address: str, ids: Sequence[str]) -> None:
        """Delete messages, hers and ours, as far as Telegram lets us: up to 48 hours old. Raises `DeliveryError`."""
        numbers = [int(i) for i in ids]
        try:
            for start in range(0, len(numbers), AT_ONCE):
                batch = numbers[start : start + AT_ONCE]
                try:
                    await self._bot.delete_messages(address, batch)
                except BadRequest:  # one that cannot be deleted keeps the others from it
                    for number in batch:
                        await self._delete(address, number)
        except TelegramError as error:
            raise delivery_error(error) from None
        self._keyboards.pop(address, None)

    async def _delete(self, address: str, number: int) -> None:
        try:
            await self._bot.delete_message(address, number)
        except BadRequest as error:
            log.debug("a message cannot be deleted", error=type(error).__name__)

    async def typing(self, address: str) -> None:
        """Show her that an answer is being made. Whether it works does not matter."""
        try:
            await self._bot.send_chat_action(address, "typing")
        except Exception as error:  # an ornament must never disturb anything
            log.debug("she was not shown that an answer is being made", error=type(error).__name__)

    async def download(self, reference: str, largest: int) -> tuple[bytes, str]:
        """The content of a file that came with a message, and its type, empty when unknown. Raises `DeliveryError`.

        reference: Telegram's id of the file. largest: bytes.
        """
        try:
            file = await self._bot.get_file(reference)
        except BadRequest:  # too large for bots, or gone
            raise DeliveryError("file: refused", permanent=True) from None
        except TelegramError as error:
            raise delivery_error(error) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DeliveryError("unreadable answer") from None
        if file.file_size is not None and file.file_size > largest:
            raise DeliveryError("file: too large", permanent=True)
        here = host(self._file_url)
        path = (file.file_path or "").removeprefix(self._file_url + "/")
        if not path or ".." in path:
            raise DeliveryError("file: no path", permanent=True)
        allowed = lambda url: host(url) == here  # noqa: E731
        return await fetch(self._files, f"{self._file_url}/{path.lstrip('/')}", largest=largest, allowed=allowed)

    async def username(self) -> str:
        """The bot's name, as links to it have it. Raises `DeliveryError`."""
        try:
            return str((await self._bot.get_me()).username)
        except TelegramError as error:
            raise delivery_error(error) from None

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook; only a request with the secret that we gave Telegram gets in."""

        async def webhook(request: Request) -> Response:
            if not self._secret:
                return refuse("TELEGRAM_WEBHOOK_SECRET is not set, so nothing can prove that this comes from Telegram.")
            given = request.headers.get("x-telegram-bot-api-secret-token", "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                return refuse("X-Telegram-Bot-Api-Secret-Token is missing or wrong: only Telegram may write here.")
            try:
                update = read_update(json.loads(await read_body(request)), self._key)
            except Malformed as error:
                return PlainTextResponse(f"Not an update of Telegram: {error}.", 400)
            except (ValueError, RecursionError):
                return PlainTextResponse("Not an update of Telegram: the body is not JSON.", 400)
            done = await stored(self._store(update, receive), Response(status_code=200), channel=self.name)
            if done.status_code == 200:
                self._settle(update)
            return done

        return [Route(PATH, webhook, methods=["POST"])]

    async def _store(self, update: Update, receive: Receive) -> None:
        """Everything that must not be lost of an update; raises when it could not be stored."""
        if update.inbound:
            await receive(update.inbound)
        if update.partner and self.receive_partner:
            known = next((old for old, new in self._moved.items() if new == update.partner.address), None)
            await self.receive_partner(replace(update.partner, address=known) if known else update.partner)
        if update.reachable and self.on_reachable:
            await self.on_reachable(self.name, str(update.reachable[0]), update.reachable[1])

    async def run(self, receive: Receive) -> None:
        """With a public address: tells Telegram our webhook and returns. Without: polls until cancelled."""
        if self.profiles is not None:
            self._beside(present(self._bot, self.profiles(), self._home / "telegram-profile"))
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
                after = delivery_error(error).retry_after or 0
                log.warning(advice(error), error=delivery_error(error).code)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                after = 0
                log.warning("Telegram's answer could not be read; trying again", error=type(error).__name__)
            await asyncio.sleep(max(after, min(pause, self._longest_wait)))
            pause *= 2

    async def _take(self, found: Any, receive: Receive, offset: int | None) -> int | None:
        """Store one update; returns the offset after it. That tells Telegram to forget it, so it is stored first."""
        try:
            update = read_update(found, self._key)
        except Malformed as error:
            log.error("Telegram sent an update that is none", problem=str(error))
            update = Update()
        pause = 0.5
        while True:
            try:
                await self._store(update, receive)
                break
            except Exception as error:  # whatever it is, her message must not be lost; only the kind, see `stored`
                log.error(
                    "an inbound message could not be stored; trying again",
                    channel=self.name,
                    error=type(error).__name__,
                )
                await asyncio.sleep(min(pause, self._longest_wait))
                pause *= 2
        self._settle(update)
        try:
            return int(found["update_id"]) + 1
        except (TypeError, KeyError, ValueError):
            return offset

    def _settle(self, update: Update) -> None:
        """What may fail: let her app stop waiting, and take away the buttons that she has pressed or left behind."""
        if update.moved:
            self._move(str(update.moved[0]), str(update.moved[1]))
        if update.pressed:
            self._beside(self._answer(update.pressed))
        if update.inbound and (shown := self._keyboards.pop(update.inbound.address, None)) is not None:
            pressed = update.pressed
            if pressed is None or pressed.message_id != shown:
                self._beside(self._take_buttons(int(update.inbound.address), shown))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, pressed: Pressed) -> None:
        try:
            await self._bot.answer_callback_query(pressed.query_id)
        except Exception as error:  # it may be too old, and her message is stored anyway
            log.debug("a button was not answered", error=type(error).__name__)
        if pressed.message_id is not None and pressed.clears:
            await self._take_buttons(pressed.chat_id, pressed.message_id)

    async def _take_buttons(self, chat_id: int, message_id: int) -> None:
        try:
            await self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None)
        except Exception as error:  # the message may be gone, or too old to change
            log.debug("buttons were not taken away", error=type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()
        await self._files.aclose()


_KINDS = {"strong": MessageEntity.BOLD, "quiet": MessageEntity.ITALIC}


def _entities(text: str, message: Outbound) -> Sequence[MessageEntity]:
    """What stands out in a part of the message, and what keeps in the background. Offsets as Telegram counts them."""
    found = [MessageEntity(_KINDS[mark], begin, end - begin) for begin, end, mark in message.marked(text)]
    return MessageEntity.adjust_message_entities_to_utf_16(text, found)


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
