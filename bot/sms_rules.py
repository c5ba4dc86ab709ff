"""What SMS may hold and when they may come, by the country of her number: the `sms:` part of content/countries.

Used for every message to her that goes by SMS. Messages to partners are not touched: her number must reach them.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global

from bot.knowledge import Knowledge
from bot.knowledge.i18n import alpha2
from bot.knowledge.schema import Sms

SHORT_CODE = 5
"""Digits that a number may have and still be an emergency or short code, which is never left out."""


class SmsRules:
    """The rules of the content in service."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def of(self, country: str | None) -> Sms:
        """The rules of a country (ISO 3166 alpha-3); where none are known, none apply."""
        file = self._knowledge.snapshot.country(country) if country else None
        return (file.sms if file else None) or Sms()

    def allowed_text(self, country: str | None, text: str) -> str:
        """The text as it may be sent there: without long phone numbers and links where these are not allowed."""
        return without_numbers_and_links(text) if self.of(country).no_links_or_numbers else text

    def allowed_at(self, country: str | None, moment: datetime) -> datetime:
        """The first moment, from `moment` (with a time zone) on, that is outside the country's quiet hours.

        Only for what nobody waits for: never ask it for an answer to her own message, nor for anything about danger.
        Where a country has several time zones, the hour has to be right in each of them.
        """
        rules = self.of(country)
        if country is None or rules.quiet_from is None or rules.quiet_to is None:
            return moment
        begin, end = time.fromisoformat(rules.quiet_from), time.fromisoformat(rules.quiet_to)
        zones = zones_of(country)
        found = moment
        for _ in range(2 * len(zones)):  # leaving the quiet hours of one zone may enter those of the next
            later = [_after_quiet(found.astimezone(zone), begin, end) for zone in zones]
            if max(later, default=found) <= found:
                return found
            found = max(later)
        return moment  # some zone is always quiet: the rule cannot be kept, and a message must not wait for ever


def _after_quiet(local: datetime, begin: time, end: time) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in. The hours may go past midnight."""
    at = local.time()
    over_night = begin > end
    if not (at >= begin or at < end if over_night else begin <= at < end):
        return local
    day = local.date() + timedelta(days=1) if over_night and at >= begin else local.date()
    return datetime.combine(day, end, tzinfo=local.tzinfo)


@lru_cache(maxsize=64)
def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """The time zones of a country, as CLDR lists them and this machine knows them."""
    zones = []
    for name, territory in sorted(get_global("zone_territories").items()):
        if territory == alpha2(country):
            try:
                zones.append(ZoneInfo(name))
            except ZoneInfoNotFoundError:
                continue
    return tuple(zones)


# Left out: what can be dialled and is no short code, and what can be tapped.

_CURRENCIES = frozenset(Locale("en").currencies)
_LEFT = "\ue000"
"""Marks a place where something was left out, until the text around it has been tidied."""

_DIGITS = re.compile(
    r"\u200e?(?<![\w+])(?<!\d[.,:/])[+(]{0,2}\d(?:[ \u00a0\u202f()\-\u2010\u2011\u2013]{0,2}\d)*(?![\w])"
)
_DATE = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?|(19|20)\d\d[-\u2013](19|20)\d\d")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>]+"
    r"|(?<![@\w.])(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>]*"
    r"|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|int|info|io|app|me)(?:\.[a-z]{2})?(?![\w@.]*\w)",
    re.IGNORECASE,
)


def without_numbers_and_links(text: str) -> str:
    """The text without links and without phone numbers of more than five digits; amounts, dates and laws stay."""
    marked = _LINK.sub(lambda found: _LEFT + _end_of(found[0]), text)
    marked = _DIGITS.sub(lambda found: _LEFT if _can_be_dialled(found, marked) else found[0], marked)
    return _tidy(marked) if _LEFT in marked else text


def _end_of(link: str) -> str:
    """Punctuation that ends the sentence, not the link."""
    return link[len(link.rstrip(".,;:)!?")) :]


def _can_be_dialled(found: re.Match[str], text: str) -> bool:
    written = found[0].strip("\u200e")
    digits = sum(c.isdecimal() for c in written)
    if digits <= SHORT_CODE or all(_DATE.fullmatch(part) for part in written.split()):
        return False
    if written.startswith(("+", "(", "0")):
        return True
    before, after = text[: found.start()].split()[-1:], text[found.end() :].split()[:1]
    if any(word.strip(".,;:()") in _CURRENCIES for word in (*before, *after)):
        return False
    return digits > SHORT_CODE + 1 or not re.search(r"\s", written)  # "art. 12 2022" is not a phone number


def _tidy(text: str) -> str:
    text = re.sub(rf"\s*\([^()]*{_LEFT}[^()]*\)", "", text)
    text = re.sub(rf"(?:\s*[:/]\s*)?{_LEFT}(?:\s*/\s*{_LEFT})*(?:\s*/\s*(?=\S))?", "", text)
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"[ \t]+(?=[,.;\n]|$)", "", text)
    text = re.sub(r",(?:\s*,)+", ",", text)
    return re.sub(r",\s*(?=[.;\n]|$)", "", text)
