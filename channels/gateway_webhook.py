"""What an SMS gateway brings to our webhooks: whether it really comes from there, and what stands in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import phonenumbers
from starlette.requests import Request

from bot.segments import clean
from channels.gateway_profile import Receive, Signature, Token, look_up

MOST_MESSAGES = 200
"""In one call."""

_LATE = timedelta(days=7)


class Refused(Exception):
    """Nothing proves that the gateway sent this; the text says what is missing, and no more."""


class Unreadable(Exception):
    """The gateway sent it, and it is not what the profile says; the text says what."""


def check_guard(receive: Receive, secret: str, request: Request, body: bytes) -> None:
    """Raises `Refused` unless the request carries the secret, or a signature made with it."""
    if len(secret) < 16:
        raise Refused("KASAMA_SMS_GATEWAY_SECRET is not set, so nothing can prove that this comes from the gateway.")
    if receive.signature:
        _check_signature(receive.signature, secret.encode(), request, body)
    elif receive.token:
        _check_token(receive.token, secret.encode(), request)


def _check_token(token: Token, secret: bytes, request: Request) -> None:
    given = request.headers.get(token.header, "") if token.header else request.query_params.get(token.query, "")
    if token.prefix and not given.startswith(token.prefix):
        given = ""
    if not hmac.compare_digest(_bytes(given.removeprefix(token.prefix)), secret):
        raise Refused(f"{token.header or token.query} is missing or wrong: only the SMS gateway may write here.")


def _check_signature(signature: Signature, secret: bytes, request: Request, body: bytes) -> None:
    given = request.headers.get(signature.header, "")
    if not given.startswith(signature.prefix) or given == signature.prefix:
        raise Refused(f"{signature.header} is missing: only the SMS gateway may write here.")
    stamp = request.headers.get(signature.timestamp, "") if signature.timestamp else ""
    before, _, after = signature.signs.partition("{body}")
    signed = b"".join((_bytes(before.replace("{timestamp}", stamp)), body, _bytes(after.replace("{timestamp}", stamp))))
    wanted = hmac.new(secret, signed, hashlib.sha256).digest()
    try:
        text = given.removeprefix(signature.prefix)
        found = bytes.fromhex(text) if signature.encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if not hmac.compare_digest(found, wanted):
        raise Refused(f"{signature.header} does not fit this request and KASAMA_SMS_GATEWAY_SECRET.")
    if signature.timestamp:
        at = _epoch(stamp)
        if at is None or abs(time.time() - at) > signature.window:
            raise Refused(f"{signature.timestamp} is too far from now: the call is old, or a clock is wrong.")


def read_calls(receive: Receive, each: str, request: Request, body: bytes) -> list[Any]:
    """The messages or reports of a call; raises `Unreadable`. What no signature covers is not read."""
    query = {} if receive.signature else dict(request.query_params)
    text = body.decode(errors="replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise Unreadable("the body is not JSON") from None
    else:
        try:
            # Of a field that comes twice the first.
            document = dict(reversed(parse_qsl(text, keep_blank_values=True, max_num_fields=1000)))
        except ValueError:
            raise Unreadable("the body is neither JSON nor a form") from None
    if isinstance(document, dict):
        document = {**query, **document}
    if not each:
        return [document]
    calls = look_up(document, each)
    if not isinstance(calls, list) or len(calls) > MOST_MESSAGES:
        raise Unreadable(f"{each} is not a list of at most {MOST_MESSAGES}")
    return calls


def fits(only: dict[str, str], call: Any) -> bool:
    """Whether a call is of the kind that is wanted."""
    return all(re.fullmatch(pattern, word(call, path)) for path, pattern in only.items())


def word(call: Any, path: str, longest: int = 100) -> str:
    """The text or number at a path, without white space around it; empty when there is none or it is too long."""
    text = free_text(call, path).strip() if path else ""
    return text if len(text) <= longest else ""


def free_text(call: Any, path: str) -> str:
    """The text at a path, as it stands."""
    value = look_up(call, path)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return clean(str(value))
    except ValueError:  # an integer of thousands of digits
        return ""


def address(text: str, country: str) -> str:
    """A sender as E.164, where it is a phone number; a short code or a name stays as it is."""
    digits = re.sub(r"[\s().\-]", "", text)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not re.fullmatch(r"\+?[0-9]{4,20}", digits):
        return text
    for number, region in ((digits, country or None), (f"+{digits.lstrip('+')}", None)):
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return digits


def moment(text: str) -> datetime | None:
    """A time stamp: seconds or milliseconds since 1970, or ISO 8601 with its zone. None when it cannot be true."""
    at = _epoch(text)
    try:
        found = datetime.fromtimestamp(at, UTC) if at is not None else datetime.fromisoformat(text)
        if found.tzinfo is None:
            return None
        now = datetime.now(UTC)
        return found.astimezone(UTC) if now - _LATE < found <= now else None
    except (ValueError, OverflowError, OSError):
        return None


def made_id(sender: str, text: str, stamp: str) -> str:
    """An id for a message of a gateway that gives none: the same sender, words and time stamp are the same message."""
    return "made-" + hashlib.sha256("\0".join((sender, text, stamp)).encode(errors="replace")).hexdigest()[:40]


def _epoch(text: str) -> float | None:
    if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,9})?", text):
        return None
    return float(text) / (1000 if float(text) > 1e11 else 1)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
