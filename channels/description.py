"""The webhooks in the words of OpenAPI 3.1: for those who connect a provider, and for tests that try everything on them."""

from __future__ import annotations

from typing import Any

from channels.http_sms import PATH as GATEWAY_PATH
from channels.http_sms import STATUS_PATH as GATEWAY_STATUS_PATH
from channels.telegram import PATH as TELEGRAM_PATH
from channels.twilio_sms import PATH as SMS_PATH
from channels.twilio_sms import STATUS_PATH

_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_REFUSALS = {
    "400": {"description": "Not what this provider sends; nothing is stored.", "content": _TEXT},
    "403": {"description": "Nothing proves that the provider sent it, or the channel is not set up.", "content": _TEXT},
    "413": {"description": "Larger than any provider's message.", "content": _TEXT},
    "503": {"description": "It could not be stored; send it again.", "content": _TEXT},
}
_WORD = {"type": "string", "minLength": 1, "maxLength": 100}


def _post(summary: str, body: dict[str, Any], done: dict[str, Any], guards: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "post": {
            "summary": summary,
            "parameters": guards,
            "requestBody": {"required": True, "content": body},
            "responses": {**done, **_REFUSALS},
        }
    }


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _form(required: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": fields}
    return {"application/x-www-form-urlencoded": {"schema": schema}}


def _done(status: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    return {status: {"description": "Stored, or known already.", **({"content": content} if content else {})}}


_TWILIO = [_header("X-Twilio-Signature", "Twilio's signature over the address and the form.")]
_SECRET = [_header("X-Telegram-Bot-Api-Secret-Token", "TELEGRAM_WEBHOOK_SECRET.")]
_ANY = {
    "application/json": {"schema": {"type": "object"}},
    "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
}
_CHAT = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": {"type": "integer"}, "type": {"enum": ["private", "group", "supergroup", "channel"]}},
}
_UPDATE = {
    "type": "object",
    "required": ["update_id"],
    "properties": {
        "update_id": {"type": "integer", "minimum": 0, "maximum": 2**53},
        "message": {
            "type": "object",
            "required": ["message_id", "date", "chat"],
            "properties": {
                "message_id": {"type": "integer"},
                "date": {"type": "integer"},
                "chat": _CHAT,
                "text": {"type": "string", "maxLength": 4096},
            },
        },
    },
}

WEBHOOKS: dict[str, dict[str, Any]] = {
    SMS_PATH: _post(
        "An SMS, MMS or WhatsApp message that Twilio received.",
        _form(
            ["MessageSid", "From"], MessageSid=_WORD, From=_WORD, Body={"type": "string"}, NumMedia={"type": "string"},
            MediaUrl0={"type": "string"}, MediaContentType0={"type": "string"}, Latitude={"type": "string"},
            Longitude={"type": "string"},
        ),
        _done("200", {"text/xml": {"schema": {"type": "string"}}}),
        _TWILIO,
    ),
    STATUS_PATH: _post(
        "What became of a message that Twilio sent.",
        _form(["MessageSid", "MessageStatus"], MessageSid=_WORD, MessageStatus=_WORD, ErrorCode={"type": "string"}),
        _done("204"),
        _TWILIO,
    ),
    TELEGRAM_PATH: _post(
        "An update of Telegram's Bot API.", {"application/json": {"schema": _UPDATE}}, _done("200"), _SECRET
    ),
    GATEWAY_PATH: _post(
        "A message that the SMS gateway received, in the form that its profile says.",
        _ANY, _done("200", _TEXT), [_header("X-Signature", "Or whatever the profile says.")],
    ),
    GATEWAY_STATUS_PATH: _post(
        "What became of a message that the SMS gateway sent, in the form that its profile says.",
        _ANY, _done("200", _TEXT), [_header("X-Signature", "Or whatever the profile says.")],
    ),
}  # fmt: skip
"""By path, each webhook that any channel has."""
