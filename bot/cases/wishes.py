"""When and how she may be written to: asked once, in her words, and kept to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sms_rules import zones_of
from bot.store.models import Case, Person

CHOICES = (("contact_any_time", "contact_any"), ("06:00-12:00", "contact_6_12"), ("18:00-23:00", "contact_18_23"))
"""What she can pick instead of writing; times need no translation."""

ACTIVE = timedelta(minutes=15)
"""She wrote so recently that the phone is in her hand: an answer now comes in the moment that she chose herself."""

HIDDEN = timedelta(hours=2)
"""After she has hidden the chat not even harmless news come for so long, unless she writes first: who holds the phone?"""

_TIME = re.compile(r"(?<!\d)(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?(?!\d)", re.IGNORECASE)


def picked(payload: str) -> tuple[int, int] | None:
    """Safe hours of a picked choice as minutes of the day; None: any time."""
    parts = payload.removeprefix("contact_").split("_")
    return (int(parts[0]) * 60, int(parts[1]) * 60) if len(parts) == 2 else None


def hours_in(text: str) -> tuple[int, int] | None:
    """Two clock times in her words, `9pm to 11pm`, `21:00-23:00`, as minutes of the day; None where there are not just two.

    Anything less plain is not guessed at: a caseworker reads her words.
    """
    written = unicodedata.normalize("NFKC", "".join(str(unicodedata.digit(c, c)) for c in text))
    found = [(int(h), int(m or 0), (half or "").lower()[:1]) for h, m, half in _TIME.findall(written)]
    if len(found) != 2:
        return None
    (h1, m1, half1), (h2, m2, half2) = found
    half1 = half1 or (half2 if h1 < h2 else "")
    first, second = _minutes(h1, m1, half1), _minutes(h2, m2, half2)
    return None if first is None or second is None or first == second else (first, second)


def _minutes(hour: int, minute: int, half: str) -> int | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute if hour <= 24 and minute < 60 else None


def first_safe(
    case: Case, person: Person, moment: datetime, quiet: Callable[[datetime], datetime], *, hidden: bool = True
) -> datetime:
    """The first moment, from `moment` on, at which a person's words may go to her.

    quiet: moves a moment out of the quiet hours of her country. hidden: whether to wait after she has hidden the chat and not
    written since.
    """
    hidden_at = person.hidden_at if person.hidden_at is None or person.wrote_at <= person.hidden_at else None
    if hidden and hidden_at is not None and moment < hidden_at + HIDDEN:
        return first_safe(case, person, hidden_at + HIDDEN, quiet, hidden=False)
    if hidden_at is None and moment - person.wrote_at < ACTIVE:
        return moment
    if case.safe_from is None or case.safe_to is None:
        return quiet(moment)
    country = person.destination if person.destination_said else person.phone_country or person.destination
    zones = zones_of(country) if country else ()
    if not zones:
        return quiet(moment)
    for minutes in range(0, 48 * 60, 5):  # safe in every zone that she may be in; if never, her words decide nothing
        at = moment + timedelta(minutes=minutes)
        if all(_inside(at.astimezone(zone), case.safe_from, case.safe_to) for zone in zones):
            return at
    return quiet(moment)


def _inside(local: datetime, begin: int, end: int) -> bool:
    minute = local.hour * 60 + local.minute
    return begin <= minute < end if begin < end else minute >= begin or minute < end
