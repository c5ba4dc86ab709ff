"""Reads what Telegram delivers: https://core.telegram.org/bots/api#update as plain JSON.

Read by hand rather than with the library's classes: one update of a shape that the library does not know must not keep
those after it from being read, and what is no update at all must be told apart from what we have no use for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.messages import Inbound, Location, Media
from bot.segments import clean

ALLOWED = ("message", "callback_query")
"""The kinds of updates that we ask Telegram for."""

COMMANDS = {"/start": "greet", "/help": "menu", "/language": "set_language", "/delete": "delete_data", "/hide": "hide"}
"""What the bot's commands mean; any other word with a slash is text."""

_PAYLOAD = re.compile(r"[a-z][a-z0-9_]*(?:\|[a-z_]+=[^|]{0,40}){0,4}")
_FILES = {
    "voice": "voice", "audio": "voice", "video": "video", "video_note": "video", "animation": "video",
    "document": "document", "sticker": "sticker",
}  # fmt: skip
# What she sends that is neither text nor a file: she gets an answer. Anything else is a notice of Telegram's own.
_OTHER = {"dice", "poll", "game", "story", "paid_media", "checklist"}


class Malformed(Exception):
    """Nothing that Telegram could have sent; the text says what is wrong, without quoting."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that she pressed: what has to be answered, and whose buttons are to go. message_id: None if unknown."""

    query_id: str
    chat_id: int
    message_id: int | None


def read_update(update: Any) -> tuple[Inbound | None, Pressed | None]:
    """The message of an update and the button behind it; None for what is not for us. Raises `Malformed`."""
    if not isinstance(update, dict):
        raise Malformed("an update is a JSON object")
    update_id = _integer(update, "update_id")
    if "message" in update:
        return _message(update_id, _object(update, "message")), None
    if "callback_query" in update:
        return _pressed(update_id, _object(update, "callback_query"))
    return None, None


def _message(update_id: int, message: dict[str, Any]) -> Inbound | None:
    chat = _object(message, "chat")
    address = str(_integer(chat, "id"))
    if chat.get("type") != "private":
        return None
    sender = _object(message, "from") if "from" in message else {}
    text = (
        _string(message, "text") if "text" in message else _string(message, "caption") if "caption" in message else ""
    )
    media, location = _media(message), _location(message)
    if not (media or location or {"text", "caption"} & message.keys() or _OTHER & message.keys()):
        return None
    return Inbound(
        channel="telegram", address=address, text=text, provider_id=str(update_id),
        payload=_command(text) if "text" in message else None,
        media=media, location=location, language=_language(sender),
    )  # fmt: skip


def _pressed(update_id: int, query: dict[str, Any]) -> tuple[Inbound | None, Pressed | None]:
    query_id, sender = _string(query, "id"), _object(query, "from")
    # An old message may come without its chat; in a private chat its id is that of the person.
    chat_id, message_id = _integer(sender, "id"), None
    if "message" in query:
        message = _object(query, "message")
        chat = _object(message, "chat")
        if chat.get("type") != "private":
            return None, None
        chat_id, message_id = _integer(chat, "id"), _integer(message, "message_id")
    pressed = Pressed(query_id, chat_id, message_id)
    data = _string(query, "data") if "data" in query else ""
    if not _PAYLOAD.fullmatch(data):  # a game, or a forged button: answered, so that her app stops waiting, and no more
        return None, pressed
    inbound = Inbound(
        channel="telegram", address=str(chat_id), text="", provider_id=str(update_id), payload=data,
        language=_language(sender),
    )  # fmt: skip
    return inbound, pressed


def _command(text: str) -> str | None:
    """What a command means, if the command is all there is: `/help he hits me` is a message, and so read as one."""
    words = text.split()
    if not words or len(words) > (2 if words[0].lower().startswith("/start") else 1):
        return None
    return COMMANDS.get(words[0].lower().partition("@")[0])


def _media(message: dict[str, Any]) -> tuple[Media, ...]:
    found = []
    if "photo" in message:
        sizes = message["photo"]
        if not isinstance(sizes, list) or not sizes or not isinstance(sizes[-1], dict):
            raise Malformed("photo is a list of sizes")
        found.append(Media("photo", _string(sizes[-1], "file_id"), "image/jpeg"))
    for name, kind in _FILES.items():
        # An animation comes once more as a document.
        if name in message and not (name == "document" and "animation" in message):
            file = _object(message, name)
            content_type = _string(file, "mime_type")[:100] if "mime_type" in file else ""
            found.append(Media(kind, _string(file, "file_id"), content_type))
    if "contact" in message:
        found.append(Media("contact", _string(_object(message, "contact"), "phone_number")))
    return tuple(found)


def _location(message: dict[str, Any]) -> Location | None:
    if "location" not in message:
        return None
    place = _object(message, "location")
    return Location(_degrees(place, "latitude", 90), _degrees(place, "longitude", 180))


def _language(sender: dict[str, Any]) -> str | None:
    tag = sender.get("language_code")
    return tag if isinstance(tag, str) and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", tag) else None


def _degrees(parent: dict[str, Any], name: str, most: int) -> float:
    value = parent.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise Malformed(f"{name} is missing or not in degrees")
    return float(value)


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"{name} is missing or not an object")
    return value


def _integer(parent: dict[str, Any], name: str) -> int:
    value = parent.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise Malformed(f"{name} is missing or not an integer")
    return value


def _string(parent: dict[str, Any], name: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is missing or not a string")
    return clean(value)
