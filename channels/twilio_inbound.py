"""What came in at Twilio: the form of a webhook, or the same message as the REST API lists it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from twilio.rest.api.v2010.account.message import MessageInstance
from twilio.rest.api.v2010.account.message.media import MediaInstance

from bot.messages import Inbound, Location, Media
from bot.segments import clean

OptOut = Literal["default", "advanced", "none"]
"""Who acts on STOP, START and HELP: Twilio by its default words, by Advanced Opt-Out, or nobody but we (short codes)."""

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START = frozenset({"start", "yes", "unstop"})
HELP = frozenset({"help", "info"})
"""Twilio's default words, only as the whole message, in any case."""

_NEVER_REMOVED = frozenset({"stop", "start", "help"})
"""Words that Advanced Opt-Out cannot be told to leave alone."""

_KINDS = {"image": "photo", "audio": "voice", "video": "video"}


def read_form(form: dict[str, str], opt_out: OptOut = "default") -> Inbound | str:
    """The message of a form that Twilio signed, or a sentence that says what is wrong with it."""
    sid, sender = word(form, "MessageSid", "SmsSid"), word(form, "From")
    if not sid:
        return "MessageSid is missing or longer than 100 characters; this address takes messages as Twilio sends them."
    if not sender:
        return "From is missing or longer than 100 characters; this address takes messages as Twilio sends them."
    text = clean(form.get("Body", ""))
    return Inbound(
        channel="sms", address=sender, text=text, provider_id=sid, media=_media(form), location=_location(form),
        keyword=keyword(text, sender, opt_out, form.get("OptOutType", "")),
    )  # fmt: skip


def read_listed(message: MessageInstance, media: list[MediaInstance], opt_out: OptOut = "default") -> Inbound | None:
    """The same message as the REST API lists it; None when it lacks what a message must have."""
    sid, sender, text = str(message.sid or ""), str(message.from_ or ""), clean(str(message.body or ""))
    if not sid or not sender or len(sid) > 100 or len(sender) > 100:
        return None
    return Inbound(
        channel="sms", address=sender, text=text, provider_id=sid,
        received_at=message.date_sent or message.date_created or datetime.now(UTC),
        media=tuple(_medium(f"https://api.twilio.com{m.uri.removesuffix('.json')}", str(m.content_type)) for m in media if m.uri),
        keyword=keyword(text, sender, opt_out),
    )  # fmt: skip


def keyword(text: str, sender: str, opt_out: OptOut, opt_out_type: str = "") -> str | None:
    """`stop`, `start` or `help` when Twilio takes the whole message for that, else None.

    opt_out_type: what Twilio itself says, with Advanced Opt-Out. INFO asks for a text that Twilio sends, and is no call for help.
    """
    body = text.strip().casefold()
    said = opt_out_type.strip().casefold()
    if said in ("stop", "start"):
        return said
    if said == "help":
        return None if body == "info" else "help"
    if opt_out == "none" or sender.startswith("whatsapp:"):
        return None
    if opt_out == "advanced":
        return body if body in _NEVER_REMOVED else None
    return "stop" if body in STOP else "start" if body in START else "help" if body in HELP - {"info"} else None


def word(form: dict[str, str], *names: str) -> str:
    """The first of these fields that holds something, if it is of a length that an id or an address has."""
    value = next((v for name in names if (v := clean(form.get(name, "")).strip())), "")
    return value if len(value) <= 100 else ""


def _media(form: dict[str, str]) -> tuple[Media, ...]:
    announced = form.get("NumMedia", "")
    number = min(int(announced), 10) if announced.isascii() and announced.isdecimal() and len(announced) < 10 else 0
    media = []
    for i in range(number):
        reference, content_type = clean(form.get(f"MediaUrl{i}", "")), clean(form.get(f"MediaContentType{i}", ""))
        if reference and len(reference) <= 2000:
            media.append(_medium(reference, content_type[:100]))
    return tuple(media)


def _medium(reference: str, content_type: str) -> Media:
    kind = "contact" if "vcard" in content_type else _KINDS.get(content_type.partition("/")[0], "document")
    return Media(kind, reference, content_type)


def _location(form: dict[str, str]) -> Location | None:
    """Where she is, which WhatsApp can tell."""
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    return Location(latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
