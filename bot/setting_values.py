"""What the values of settings must look like. Each check returns the value as it is used; its ValueError says what to do."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, SecretStr

from bot.rasa_speed import chosen


def _http_url(value: str) -> str:
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise ValueError("must be an address that starts with http:// or https://")
    return value.rstrip("/")


def _http_urls(value: str) -> str:
    return ",".join(_http_url(part.strip()) for part in value.split(",") if part.strip())


def _networks(value: str) -> str:
    for part in value.split(","):
        try:
            ip_network(part.strip() or "::1", strict=False)
        except ValueError:
            raise ValueError("must be addresses or networks, for example 127.0.0.1,10.0.0.0/24") from None
    return value


def _phone(value: str) -> str:
    if not value:
        return value
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise ValueError("must be a phone number with + and country code, for example +85221579537") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a possible phone number; write it with + and country code")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _sender(value: str) -> str:
    """A Twilio sender: a number, or a Messaging Service (`MG…`)."""
    return value if value.startswith("MG") and len(value) == 34 else _phone(value)


def _https(value: str) -> str:
    here = ("http://127.0.0.1", "http://localhost")
    if value and not (value.startswith(("https://", *here)) and urlsplit(value).hostname):
        raise ValueError("must be an address that starts with https://")
    return value


def _speedups(value: str) -> str:
    chosen(value)
    return value


def _chat(value: str) -> str:
    """A chat's id; Telegram has a minus before those of groups."""
    digits = value.removeprefix("-")
    if value and not (digits.isascii() and digits.isdecimal()):
        raise ValueError("must be the id of a Telegram chat: digits, with - before them for a group")
    return value


def _email(value: str) -> str:
    if value and (
        value.count("@") != 1 or value.startswith("@") or value.endswith("@") or any(c.isspace() for c in value)
    ):
        raise ValueError("must be one e-mail address")
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and (urlsplit(text).scheme not in ("smtp", "smtps") or not urlsplit(text).hostname):
        raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    return value


def _imap_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value():
        return value
    url = urlsplit(value.get_secret_value())
    if url.scheme not in ("imap", "imaps") or not (url.hostname and url.username and url.password):
        raise ValueError("must look like imaps://user:password@host/INBOX; write @ in the user as %40")
    if url.scheme == "imap" and not is_here(url.hostname):
        raise ValueError("must begin with imaps://: without encryption her words could be read on the way")
    return value


def is_here(host: str) -> bool:
    """Whether a host is this machine, so that what goes there does not leave it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Chat = Annotated[str, AfterValidator(_chat)]
EmailAddress = Annotated[str, AfterValidator(_email)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
HttpUrls = Annotated[str, AfterValidator(_http_urls)]
HttpsUrl = Annotated[str, AfterValidator(_https)]
ImapUrl = Annotated[SecretStr, AfterValidator(_imap_url)]
Networks = Annotated[str, AfterValidator(_networks)]
Phone = Annotated[str, AfterValidator(_phone)]
Sender = Annotated[str, AfterValidator(_sender)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]
SpeedUps = Annotated[str, AfterValidator(_speedups)]
