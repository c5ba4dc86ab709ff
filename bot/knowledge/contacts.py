"""How a contact is written: name, number as she must dial it, when somebody answers."""

from __future__ import annotations

from bot.knowledge.i18n import left_to_right
from bot.knowledge.schema import Contact, Hours
from bot.knowledge.snapshot import EMERGENCY_KINDS, Helping, Snapshot
from bot.knowledge.speaking import Speaker

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(helper: Helping, s: Speaker, *, abroad: bool, short: bool = False) -> str:
    """One contact in a line. abroad: she may be outside the contact's country."""
    contact = helper.contact
    parts = [contact.names.get(s.tag, contact.name)]
    if helper.sendable:
        parts.extend(_numbers(contact, s, abroad=abroad, short=short))
    if helper.sendable and not (short and helper.phones):
        if contact.email and not (short and contact.web):
            parts.append(contact.email)
        if contact.web and (short or not contact.email):
            parts.append(contact.web)
    text = " ".join(parts)
    extras = _hours(contact, s)
    if contact.office_in_each_province:
        extras.append(s.t("office_each_province"))
    if contact.free and not short:
        extras.append(s.t("free_call"))
    if contact.languages and not short:
        extras.append(s.t("talks", languages=s.languages(contact.languages)))
    if contact.address and helper.sendable and not short:
        extras.append(contact.address)
    return left_to_right(", ".join([text, *extras]), s.tag)


def _numbers(contact: Contact, s: Speaker, *, abroad: bool, short: bool) -> list[str]:
    if abroad and contact.from_abroad:
        if short or not contact.phones:
            return [contact.from_abroad[0]]
        return [contact.phones[0], "(" + s.t("from_abroad", phone=contact.from_abroad[0]) + ")"]
    if not contact.phones:
        return list(contact.from_abroad[:1])
    return [contact.phones[0]] if short else [" / ".join(contact.phones)]


def _hours(contact: Contact, s: Speaker) -> list[str]:
    if contact.always_open:
        return [s.t("always_open")]
    return [opening(contact.hours, s)] if contact.hours else []


def opening(hours: Hours, s: Speaker) -> str:
    """`Mon to Fri 8:30 to 17:30`"""
    text = s.t("open_hours", opens=hours.opens.removeprefix("0"), closes=hours.closes.removeprefix("0"))
    if not hours.from_day:
        return text
    first, last = (s.weekday(_DAYS.index(day)) for day in (hours.from_day, hours.to_day or hours.from_day))
    return s.t("open_days", first=first, last=last, hours=text)


_EMERGENCY_ORDER = {"medical": ("ambulance", "emergency", "police"), "selfharm": ("emergency", "ambulance", "police")}
"""An ambulance is no help against a man with a knife, and the police none to a woman who wants to die: in some countries
to try it is an offence."""


def emergency(snapshot: Snapshot, country: str | None, kind: str = "") -> tuple[Contact, ...]:
    """Emergency contacts of a country that fit a kind of danger, see `bot.safety`; empty where none is known."""
    found = [
        helper.contact for helper in snapshot.contacts.get(country or "", ()) if helper.contact.kind in EMERGENCY_KINDS
    ]
    for wanted in _EMERGENCY_ORDER.get(kind, ("emergency", "police")):
        chosen = tuple(contact for contact in found if contact.kind == wanted and contact.phones)
        if chosen:
            return chosen
    return ()
