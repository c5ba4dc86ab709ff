"""Everything the answers need at one moment, indexed: facts that may be sent, contacts, languages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from bot.knowledge.digits import LATIN
from bot.knowledge.i18n import Catalogs, Words
from bot.knowledge.kinds import AnyFact, ConventionRule, Ratification, Side
from bot.knowledge.loading import Content
from bot.knowledge.schema import Contact, CountryFile
from bot.knowledge.speaking import Speaker
from bot.knowledge.values import last_day

EMERGENCY_KINDS = ("emergency", "police", "ambulance", "fire")


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in its place. place: a country's code, `PHL-HKG`, or an instrument. side: which end it binds; None for
    the rest."""

    id: str
    fact: AnyFact
    place: str
    side: Side | None

    def stale(self, today: date) -> bool:
        """Whether it is past its review date."""
        return last_day(self.fact.review_by) < today


@dataclass(frozen=True, slots=True)
class Helping:
    """A contact in its place. phones etc. are empty unless they may be sent."""

    id: str
    contact: Contact
    place: str
    side: Side | None

    @property
    def sendable(self) -> bool:
        """Whether its numbers and addresses may be sent."""
        known = self.contact.state != "unverified" and not self.contact.verify_before_publishing
        return known or self.contact.kind in EMERGENCY_KINDS

    @property
    def phones(self) -> tuple[str, ...]:
        """Numbers that may be sent."""
        return self.contact.phones if self.sendable else ()


@dataclass(slots=True)
class Snapshot:
    """One good version of the content."""

    content: Content
    catalogs: Catalogs
    facts: dict[tuple[str, str], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """(place, kind) -> facts that may be sent."""
    rules: dict[str, Entry] = field(default_factory=dict)
    """Name of a convention's rule -> its fact."""
    ratifications: dict[str, Entry] = field(default_factory=dict)
    """Country -> whether it is bound by C189."""
    contacts: dict[str, list[Helping]] = field(default_factory=lambda: defaultdict(list))
    """Place -> its contacts."""
    speakers: dict[str, Speaker] = field(default_factory=dict)
    _other_digits: dict[str, Speaker] = field(default_factory=dict)

    def country(self, code: str) -> CountryFile | None:
        """The file of a country."""
        return self.content.countries.get(code)

    def speaker(self, language: str, zero: str = LATIN) -> Speaker:
        """The voice of a language; English when there is no catalog. zero: the digits that it writes numbers and dates with.

        In a language of Latin letters digits stay Latin: one other character would double the price of each SMS.
        """
        plain = self.speakers.get(language) or self.speakers["en"]
        if zero == LATIN or plain.latin:
            return plain
        key = plain.tag + zero
        if key not in self._other_digits:
            self._other_digits[key] = plain.with_words(Words(plain.tag, zero))
        return self._other_digits[key]


def take(content: Content, catalogs: Catalogs) -> Snapshot:
    """Index a content. Facts that are unverified stay out of it."""
    snapshot = Snapshot(content, catalogs)
    for full, fact in content.facts.items():
        if fact.state == "unverified":
            continue
        place = content.places[full].where
        country = content.countries.get(place)
        side = fact.side or (country.roles[0] if country and len(set(country.roles)) == 1 else None)
        entry = Entry(full, fact, place, side)
        snapshot.facts[(place, fact.kind)].append(entry)
        if isinstance(fact, ConventionRule):
            snapshot.rules.setdefault(fact.rule, entry)
        elif isinstance(fact, Ratification) and place == "C189":
            snapshot.ratifications[fact.country] = entry
    for full, contact in content.contacts.items():
        place = content.places[full].where
        country = content.countries.get(place)
        side = contact.side or (country.roles[0] if country and len(set(country.roles)) == 1 else None)
        snapshot.contacts[place].append(Helping(full, contact, place, side))
    for tag in catalogs.languages:
        names = {code: file.names[tag] for code, file in content.countries.items() if tag in file.names}
        snapshot.speakers[tag] = Speaker(catalogs, Words(tag).ready(), tag, names)
    return snapshot
