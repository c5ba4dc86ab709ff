"""Reads what Telegram delivers: https://core.telegram.org/bots/api#update as plain JSON.

Read by hand rather than with the library's classes: one update of a shape that the library does not know must not keep
those after it from being read, and what is no update at all must be told apart from what we have no use for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from bot.deeplink import DeepLink
from bot.messages import Inbound, Location, Media, PartnerReply
from bot.segments import clean

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that we ask Telegram for."""

COMMANDS = {"/start": "greet", "/help": "menu", "/language": "set_language", "/delete": "delete_data", "/hide": "hide"}
"""What the bot's commands mean; any other word with a slash is text."""

CASE = "case:"
"""Begins the payload of a button of a case, which only a partner is sent."""

LIVE_SECONDS = 600
"""A live location moves every few seconds; one place in so long is taken in."""

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
    """A button that was pressed, which has to be answered. clears: whether all buttons of its message are to go.

    message_id: None if unknown.
    """

    query_id: str
    chat_id: int
    message_id: int | None
    clears: bool = True


@dataclass(frozen=True, slots=True)
class Update:
    """What an update says; nothing at all when it is not for us.

    reachable: the chat, and whether she has blocked us (False) or let us in again. moved: a group's old and new id.
    """

    inbound: Inbound | None = None
    partner: PartnerReply | None = None
    pressed: Pressed | None = None
    reachable: tuple[int, bool] | None = None
    moved: tuple[int, int] | None = None


def read_update(update: Any, key: bytes = b"") -> Update:
    """What a delivered update says. key: for what must not be readable in the id of an edit. Raises `Malformed`."""
    if not isinstance(update, dict):
        raise Malformed("an update is a JSON object")
    update_id = _integer(update, "update_id")
    if "message" in update:
        return _message(str(update_id), _object(update, "message"))
    if "edited_message" in update:
        return _edited(update_id, _object(update, "edited_message"), key)
    if "callback_query" in update:
        return _pressed(update_id, _object(update, "callback_query"))
    if "my_chat_member" in update:
        return _membership(_object(update, "my_chat_member"))
    return Update()


def _message(provider_id: str, message: dict[str, Any], *, edited: bool = False) -> Update:
    chat = _object(message, "chat")
    chat_id = _integer(chat, "id")
    if chat.get("type") in ("group", "supergroup"):
        return _in_group(provider_id, chat_id, message)
    if chat.get("type") != "private":
        return Update()
    sender = _object(message, "from") if "from" in message else {}
    text, media, location = _text(message), _media(message), _location(message)
    if not (media or location or {"text", "caption"} & message.keys() or _OTHER & message.keys()):
        return Update()
    inbound = Inbound(
        channel="telegram", address=str(chat_id), text=text, provider_id=provider_id,
        payload=_command(text) if "text" in message else None,
        media=media, location=location, language=_language(sender), edited=edited,
        message_id=str(message["message_id"]) if isinstance(message.get("message_id"), int) else None,
        link=_link(text) if "text" in message else None,
    )  # fmt: skip
    return Update(inbound)


def _edited(update_id: int, message: dict[str, Any], key: bytes) -> Update:
    """A correction is a message of its own. Telegram tells of the same one again when, say, a preview has been added to it."""
    chat_id, edit_date = _integer(_object(message, "chat"), "id"), message.get("edit_date")
    message_id = message.get("message_id")
    if not isinstance(edit_date, int) or not isinstance(message_id, int):
        return _message(str(update_id), message, edited=True)
    if "location" in message:
        edit_date //= LIVE_SECONDS
    # Message ids count per chat, and no chat's id may stand in the clear.
    chat = hmac.new(key, str(chat_id).encode(), hashlib.sha256).hexdigest()[:16]
    return _message(f"edit:{chat}:{message_id}:{edit_date}", message, edited=True)


def _in_group(provider_id: str, chat_id: int, message: dict[str, Any]) -> Update:
    """In a group the bot says nothing by itself; what is written there may be a partner's answer."""
    moved = message.get("migrate_to_chat_id")
    if isinstance(moved, int):
        return Update(moved=(chat_id, moved))
    sender, group = _part(message, "from"), _part(message, "sender_chat")
    anonymous = group.get("id") == chat_id  # an admin who shows as the group
    text = _text(message)
    if not text or (sender.get("is_bot") and not anonymous) or (group and not anonymous):
        return Update()
    names = [group.get("title")] if anonymous else [sender.get("first_name"), sender.get("last_name")]
    answered = _part(message, "reply_to_message").get("message_id")
    reply = PartnerReply(
        channel="telegram", address=str(chat_id), sender=_name(names), text=text, provider_id=provider_id,
        reply_to=str(answered) if isinstance(answered, int) else None,
    )  # fmt: skip
    return Update(partner=reply)


def _pressed(update_id: int, query: dict[str, Any]) -> Update:
    query_id, sender = _string(query, "id"), _object(query, "from")
    # An old message may come without its chat; in a private chat its id is that of the person.
    chat_id, message_id, private = _integer(sender, "id"), None, True
    if "message" in query:
        message = _object(query, "message")
        chat = _object(message, "chat")
        private = chat.get("type") == "private"
        chat_id, message_id = _integer(chat, "id"), _integer(message, "message_id")
    data = _string(query, "data") if "data" in query else ""
    if data.startswith(CASE):
        reply = PartnerReply(
            channel="telegram", address=str(chat_id), sender=_name([sender.get("first_name"), sender.get("last_name")]),
            text="", provider_id=str(update_id), reply_to=None if message_id is None else str(message_id), button=data,
        )  # fmt: skip
        return Update(partner=reply, pressed=Pressed(query_id, chat_id, message_id, clears=False))
    if not private:
        return Update(pressed=Pressed(query_id, chat_id, message_id, clears=False))
    pressed = Pressed(query_id, chat_id, message_id)
    if not _PAYLOAD.fullmatch(data):  # a game, or a forged button: answered, so that her app stops waiting, and no more
        return Update(pressed=pressed)
    inbound = Inbound(
        channel="telegram", address=str(chat_id), text="", provider_id=str(update_id), payload=data,
        language=_language(sender),
    )  # fmt: skip
    return Update(inbound, pressed=pressed)


def _membership(change: dict[str, Any]) -> Update:
    chat = _object(change, "chat")
    status = _part(change, "new_chat_member").get("status")
    if chat.get("type") != "private" or status not in ("kicked", "left", "member"):
        return Update()
    return Update(reachable=(_integer(chat, "id"), status == "member"))


def _text(message: dict[str, Any]) -> str:
    """Her words. Of a place with a name and of a contact, what is written on them."""
    for name in ("text", "caption"):
        if name in message:
            return _string(message, name)
    venue = _part(message, "venue")
    return "\n".join(clean(v) for v in (venue.get("title"), venue.get("address")) if isinstance(v, str) and v)


def _command(text: str) -> str | None:
    """What a command means, if the command is all there is: `/help he hits me` is a message, and so read as one."""
    words = text.split()
    if not words or len(words) > (2 if words[0].lower().startswith("/start") else 1):
        return None
    return COMMANDS.get(words[0].lower().partition("@")[0])


def _link(text: str) -> DeepLink | None:
    """What the link said that she came by: `/start tl_PHL_HKG`."""
    words = text.split()
    return DeepLink.parse(words[1]) if len(words) == 2 and _command(text) == "greet" else None


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


def _name(parts: list[Any]) -> str:
    return " ".join(clean(part) for part in parts if isinstance(part, str) and part)[:60]


def _part(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """What may be there or not, and decides nothing that could be lost."""
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


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
