"""Secret addresses of partners: values of settings that `content/partners/*.yml` only name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import phonenumbers
from dotenv import dotenv_values

from bot.knowledge.schema import Partner, Reach
from bot.settings import Settings, SettingsError, environment_name


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where partners are reached from this service.

    email, sms: of the partner that operates it; empty: not there. sms_channel: name of the channel that SMS to partners go by.
    more: values of the other settings that partners name, see `partner_addresses`.
    public_url: where links in e-mails lead; empty: there are none. mail_read: e-mails can be answered.
    """

    email: str = ""
    sms: str = ""
    sms_channel: str = "sms"
    more: Mapping[str, str] = field(default_factory=dict)
    public_url: str = ""
    mail_read: bool = False

    @property
    def values(self) -> dict[str, str]:
        """All values, by setting."""
        own = {"KASAMA_OPERATOR_EMAIL": self.email, "KASAMA_OPERATOR_SMS": self.sms}
        return {**self.more, **{name: value for name, value in own.items() if value}}


_OPERATORS = (
    "operator_email", "operator_sms", "operator_telegram", "operator_webhook", "operator_webhook_secret",
)  # fmt: skip


def partner_addresses(settings: Settings | None = None, file: Path = Path(".env")) -> dict[str, str]:
    """All values that partners may name, by setting: those of the environment, then those of `.env`.

    settings: where the operator's addresses come from; without them, from the environment too.
    """
    given: dict[str, str | None] = {**dotenv_values(file), **os.environ}
    values = {
        name: value
        for name, value in given.items()
        if value and name.startswith(("KASAMA_PARTNER_", "KASAMA_OPERATOR_"))
    }
    if settings is not None:
        for field in _OPERATORS:
            value = getattr(settings, field)
            text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
            values.pop(environment_name(field), None)
            if text:
                values[environment_name(field)] = text
    return values


def missing(partner: Partner, values: Mapping[str, str]) -> list[str]:
    """Settings that a partner names and that have no value. The operator's own are optional one by one."""
    if partner.id == "operator":
        return []
    names = [way.address_from for way in reaches(partner)]
    names += [way.secret_from for way in reaches(partner) if way.secret_from]
    return [name for name in dict.fromkeys(names) if not values.get(name)]


def reaches(partner: Partner) -> list[Reach]:
    """All ways to a partner: its inboxes, then those of the people on duty, in order."""
    return [*partner.reach, *(way for person in partner.on_duty for way in person.reach)]


def wrong(partner: Partner, values: Mapping[str, str]) -> list[str]:
    """What is wrong with the values, one sentence each, which names the setting and does not quote the value."""
    found = []
    for way in reaches(partner):
        value = values.get(way.address_from, "")
        if value and (why := _why_wrong(way.channel, value)):
            found.append(f"{way.address_from} {why}")
    return found


def check_addresses(partners: Iterable[Partner], values: Mapping[str, str]) -> None:
    """Raises `SettingsError` that names every address of a partner that cannot be one."""
    problems = [problem for partner in partners for problem in wrong(partner, values)]
    if problems:
        raise SettingsError("\n".join(problems))


def _why_wrong(channel: str, value: str) -> str:
    if channel == "email":
        good = value.count("@") == 1 and not value.startswith("@") and not value.endswith("@") and " " not in value
        return "" if good else "must be one e-mail address"
    if channel == "sms":
        try:
            good = phonenumbers.is_possible_number(phonenumbers.parse(value, None))
        except phonenumbers.NumberParseException:
            good = False
        return "" if good else "must be a phone number with + and country code"
    if channel == "telegram":
        good = value.removeprefix("-").isascii() and value.removeprefix("-").isdecimal()
        return "" if good else "must be the id of a Telegram chat: digits, with - before them for a group"
    good = value.startswith(("https://", "http://127.0.0.1", "http://localhost"))
    return "" if good else "must be an address that starts with https://"
