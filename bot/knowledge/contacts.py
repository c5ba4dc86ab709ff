"""How a contact is written: name, number as she must dial it, when somebody answers."""

from __future__ import annotations

from typing import Literal

from bot.knowledge.i18n import left_to_right
from bot.knowledge.schema import Contact, Hours
from bot.knowledge.snapshot import EMERGENCY_KINDS, Helping, Snapshot
from bot.knowledge.speaking import Speaker

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


Position = Literal["inside", "outside", "unsure"]
"""Where she is, as seen from a contact's country."""


def dialable(helper: Helping, position: Position) -> tuple[str, ...]:
    """The numbers that may be sent and that she can call from where she is."""
    if not helper.sendable:
        return ()
    contact = helper.contact
    anywhere = tuple(phone for phone in contact.phones if phone.startswith("+"))
    if position == "outside":
        return contact.from_abroad or anywhere
    return contact.phones or contact.from_abroad


def written(helper: Helping, s: Speaker, position: Position, *, short: bool = False) -> str:
    """One contact in a line. A number that works only inside its country says so, when she may be outside."""
    contact = helper.contact
    parts = [contact.names.get(s.tag, contact.name)]
    numbers = dialable(helper, position)
    if numbers:
        parts.append(_numbers(helper, numbers, s, position, short=short))
    if helper.sendable and not (short and numbers):
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
    unreachable = not (numbers or contact.email or contact.web or contact.office_in_each_province)
    if contact.address and helper.sendable and (unreachable or not short):
        extras.append(contact.address)
    return left_to_right(", ".join([text, *extras]), s.tag)


def _numbers(helper: Helping, numbers: tuple[str, ...], s: Speaker, position: Position, *, short: bool) -> str:
    abroad = helper.contact.from_abroad
    if position == "unsure" and abroad and numbers != abroad:
        return abroad[0] if short else f"{numbers[0]} ({s.t('from_abroad', phone=abroad[0])})"
    text = numbers[0] if short else " / ".join(numbers)
    if position == "unsure" and not all(number.startswith("+") for number in numbers):
        return s.t("inside_only", phone=text, country=s.country(helper.place))
    return text


def _hours(contact: Contact, s: Speaker) -> list[str]:
    if contact.always_open:
        return [s.t("always_open")]
    return [opening(contact.hours, s)] if contact.hours else []


def opening(hours: Hours, s: Speaker) -> str:
    """`Mon to Fri 8:30 to 17:30`"""
    text = s.t("open_hours", opens=s.clock(hours.opens), closes=s.clock(hours.closes))
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


_INSTEAD = ("violence_line", "hotline", "shelter", "ngo", "embassy", "welfare_office")
"""Who is named to a woman in danger where no emergency number is known; those who answer her best first."""


def instead(snapshot: Snapshot, country: str | None, origin: str | None) -> Helping | None:
    """The best contact for a woman in danger in a country without a known emergency number; None when none may be sent.

    origin: hers; whoever serves only women of other countries is left out. Who can be called comes before who has a web page.
    """
    found: list[tuple[tuple[bool, int], Helping]] = []
    for place in (country, f"{origin}-{country}"):
        for helper in snapshot.contacts.get(place or "", ()):
            contact = helper.contact
            fits = contact.kind in _INSTEAD and not contact.about and (not contact.serves or origin in contact.serves)
            numbers = dialable(helper, "inside")
            if fits and helper.sendable and (numbers or contact.web):
                found.append(((not numbers, _INSTEAD.index(contact.kind)), helper))
    return min(found, key=lambda pair: pair[0])[1] if found else None
