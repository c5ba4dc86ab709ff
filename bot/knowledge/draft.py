"""What a topic decides to say, before it is laid out in pages: pieces of text, each with the facts it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from bot import segments
from bot.knowledge.contacts import Position, dialable
from bot.knowledge.kinds import AnyFact, Penalty
from bot.knowledge.snapshot import Entry, Helping, Snapshot
from bot.knowledge.speaking import SAYS, Speaker

Where = Literal["home", "there", "corridor"]
Stage = Literal["before", "there", "home"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that she named. currency: None when she did not say it, or said a word that several share: those are may_be."""

    amount: Decimal
    currency: str | None
    may_be: tuple[str, ...] = ()

    def in_currency(self, code: str) -> bool | None:
        """Whether it is in a currency, as far as she said; None: she said none."""
        if self.currency or self.may_be:
            return code in (self.currency, *self.may_be)
        return None


@dataclass(frozen=True, slots=True)
class Piece:
    """One or more sentences that stay together, and the facts that they rest on (none for advice).

    short: the same in fewer words, for a page that is too full. keep: page 1 does without other pieces rather than
    without this.
    """

    text: str
    facts: tuple[str, ...] = ()
    short: str = ""
    keep: bool = False


@dataclass(slots=True)
class Draft:
    """An answer in the making.

    first: what must stand on page 1, in order. more: what follows, on page 1 as far as it fits. main: the fact whose
    law and source
    page 1 names. home_first: those who help at home come before those at her place of work. given_order: the order of
    kinds counts more
    than whether there is a number. names_law: page 1 is to name the law also where that takes a third SMS: what she is
    asked for is illegal only because of it.
    """

    snapshot: Snapshot
    origin: str | None
    destination: str | None
    speaker: Speaker
    stage: Stage | None
    asked: Money | None
    today: date
    first: list[Piece] = field(default_factory=list)
    more: list[Piece] = field(default_factory=list)
    rules: list[Piece] = field(default_factory=list)
    used: dict[str, Entry] = field(default_factory=dict)
    main: Entry | None = None
    help_kinds: tuple[str, ...] = ()
    helpers_in_text: bool = False
    choices: tuple[str, ...] = ()
    home_first: bool = False
    given_order: bool = False
    topic: str = ""
    known: bool = False
    names_law: bool = False

    # Finding

    def find(self, kind: str, *where: Where) -> list[Entry]:
        """Facts of a kind, in the order of the places asked for; all places if none is."""
        found: list[Entry] = []
        for place in where or ("corridor", "there", "home"):
            if place == "corridor" and self.origin and self.destination:
                found.extend(self.snapshot.facts.get((f"{self.origin}-{self.destination}", kind), ()))
            elif place == "there" and self.destination:
                found.extend(e for e in self.snapshot.facts.get((self.destination, kind), ()) if e.side != "origin")
            elif place == "home" and self.origin:
                found.extend(e for e in self.snapshot.facts.get((self.origin, kind), ()) if e.side != "destination")
        return [entry for entry in found if self._holds(entry)]

    def _holds(self, entry: Entry) -> bool:
        """Whether a fact that is limited to some places of work holds for hers. While hers is not known the limit is
        said. A rule whose limits cannot be said in her language is not said at all."""
        if entry.fact.note_limits and self.speaker.tag not in entry.fact.note:
            return False
        limited = entry.fact.destinations
        if not limited or self.destination in limited:
            return True
        return self.destination is None and entry.fact.kind != "ban"

    def voice(self, entry: Entry) -> Speaker:
        """The speaker for the place of a fact."""
        there = entry.side != "origin" if entry.place != self.origin else entry.side == "destination"
        place = entry.place if entry.place in (self.origin, self.destination) else self.destination or self.origin or ""
        return self.speaker.at(place, there=there, origin=self.origin, destination=self.destination)

    def lines(self, entry: Entry) -> list[Piece]:
        """What a fact says: the core with what belongs to it, then the rest."""
        texts = [self.speaker.capital(text) for text in SAYS[entry.fact.kind](entry.fact, self.voice(entry))]
        broken = [self.speaker.t("often_broken")] if entry.fact.often_broken else []
        texts[:1] = [" ".join([*texts[:1], *self._limits(entry), *broken, *self._asides(entry)])]
        return [Piece(text, (entry.id,)) for text in texts]

    def _core(self, entry: Entry) -> tuple[Piece, list[Piece]]:
        """What a fact says, as what must stay together on page 1 and what may follow."""
        texts = [self.speaker.capital(text) for text in SAYS[entry.fact.kind](entry.fact, self.voice(entry))]
        may = [*self._asides(entry), *texts[1:]]
        must = [*texts[:1], *self._limits(entry)]
        broken = [self.speaker.t("often_broken")] if entry.fact.often_broken else []
        return Piece(" ".join(must + broken), (entry.id,), short=" ".join(must)), [
            Piece(text, (entry.id,)) for text in may
        ]

    def _limits(self, entry: Entry) -> Iterable[str]:
        """What must be said with a fact, else it would mislead."""
        if entry.stale(self.today):
            yield self.speaker.t("stale_short")
        if entry.fact.destinations and self.destination is None:
            countries = [self.speaker.country(code) for code in entry.fact.destinations]
            yield self.speaker.t("holds_for", countries=self.speaker.list(countries))
        if entry.fact.note_limits:
            yield entry.fact.note[self.speaker.tag]

    def _asides(self, entry: Entry) -> Iterable[str]:
        fact: AnyFact = entry.fact
        for voice in fact.other_voices:
            if voice.amount:
                yield self.speaker.t("other_voice", source=voice.source.name, amount=self.speaker.money(voice.amount))
        note = "" if fact.note_limits else fact.note.get(self.speaker.tag)
        if note:
            yield note

    # Saying

    def core(self, kind: str, *where: Where, most: int = 1, keep: bool = False) -> list[Entry]:
        """Put the core of the first facts of a kind on page 1, and the rest behind. keep: page 1 cannot do without them, in
        letters of which an SMS holds 160."""
        entries = self.find(kind, *where)
        for number, entry in enumerate(entries):
            if entry.id in self.used:
                continue
            self.used[entry.id] = entry
            if number < most:
                must, may = self._core(entry)
                cheap = keep and segments.count(segments.plain(must.text)).encoding == "GSM-7"
                must = replace(must, keep=must.keep or cheap)
                if all(piece.text != must.text for piece in self.first):
                    self.first.append(must)
                self.more.extend(may)
                self.known = True
                self.main = self.main or entry
            else:
                self.more.extend(self.lines(entry))
        return entries

    def also(self, *kinds: str, where: tuple[Where, ...] = ()) -> list[Entry]:
        """Put facts behind. They alone do not answer the question."""
        found = []
        for kind in kinds:
            for entry in self.find(kind, *where):
                if entry.id not in self.used:
                    self.used[entry.id] = entry
                    self.more.extend(self.lines(entry))
                    found.append(entry)
        return found

    def penalties(self, *about: str) -> None:
        """Put what breaking these rules costs behind."""
        for entry in self.find("penalty"):
            if isinstance(entry.fact, Penalty) and entry.fact.about in about and entry.id not in self.used:
                self.used[entry.id] = entry
                self.more.extend(self.lines(entry))

    def lead(self, text: str, *entries: Entry, keep: bool = False) -> None:
        """A sentence of its own on page 1, resting on facts."""
        for entry in entries:
            self.used[entry.id] = entry
            self.known = True
            self.main = self.main or entry
        self.first.append(Piece(text, tuple(entry.id for entry in entries), keep=keep))

    def advise(self, *keys: str, **values: object) -> None:
        """Advice on page 1."""
        self.first.extend(Piece(self.speaker.t(key, **values)) for key in keys)

    def insist(self, key: str, short_key: str) -> None:
        """Advice that page 1 keeps whatever else has to go, in fewer words if need be."""
        self.first.append(Piece(self.speaker.t(key), short=self.speaker.t(short_key), keep=True))

    def tip(self, *keys: str, **values: object) -> None:
        """Advice behind."""
        self.more.extend(Piece(self.speaker.t(key, **values)) for key in keys)

    def rule(self, *names: str) -> None:
        """What conventions say: on page 1 when nothing is known for her route, else at the end."""
        for name in names:
            entry = self.snapshot.rules.get(name)
            if entry is None:
                continue
            text = SAYS["convention_rule"](entry.fact, self.speaker)[0]
            law = entry.fact.law.cited() if entry.fact.law else entry.place
            self.rules.append(Piece(self.speaker.t("cite_rule", text=text, law=law), (entry.id,)))
            self.used.setdefault(entry.id, entry)

    def bound(self) -> None:
        """Whether her destination is bound by C189, beside what the convention says."""
        piece = self.ratification()
        if piece:
            self.rules.insert(0, piece)

    def ratification(self) -> Piece | None:
        """Whether her destination is bound by C189, or that this is not known; None without a destination."""
        if not self.destination:
            return None
        entry = self.snapshot.ratifications.get(self.destination)
        if entry is None:
            country = self.speaker.country(self.destination)
            return Piece(self.speaker.t("c189_unknown", country=country))
        self.used.setdefault(entry.id, entry)
        return Piece(SAYS["ratification"](entry.fact, self.speaker)[0], (entry.id,))

    # Contacts

    def position(self, place: str) -> Position:
        """Where she is, as seen from a contact's country. What is not known is taken from what she most likely means: a
        number of her destination she wants there."""
        home = self.stage in ("before", "home")
        if place == self.origin and self.destination:
            return "inside" if home else "outside" if self.stage == "there" else "unsure"
        return "outside" if place == self.destination and home else "inside"

    def helpers(self, *kinds: str) -> list[Helping]:
        """Contacts for her, best first: of the kinds in their order, at her place first."""
        if self.topic == "ask_return":
            return self._helpers(kinds, [self.origin], home_first=True)
        home_first = self.stage in ("before", "home") or (self.home_first and self.stage != "there")
        places = [self.origin, self.destination] if home_first else [self.destination, self.origin]
        # Who helps only women of this route stands in the corridor's file, and comes after the others.
        places.append(f"{self.origin}-{self.destination}" if self.origin and self.destination else None)
        return self._helpers(kinds, places, home_first=home_first)

    def _helpers(self, kinds: tuple[str, ...], places: list[str | None], *, home_first: bool) -> list[Helping]:
        found: list[tuple[tuple[int, ...], Helping]] = []
        for order, place in enumerate(p for p in places if p):
            for helper in self.snapshot.contacts.get(place, ()):
                contact = helper.contact
                if contact.state == "unverified" or contact.kind not in kinds:
                    continue
                if contact.serves and self.origin not in contact.serves:
                    continue
                if contact.about and self.topic not in contact.about:
                    continue
                numberless = not dialable(helper, self.position(place))
                written = contact.email or contact.web or contact.address or contact.office_in_each_province
                if numberless and not (helper.sendable and written):
                    continue
                rank = kinds.index(contact.kind)
                key = (
                    (rank, order, numberless)
                    if self.given_order
                    else (order, numberless, rank)
                    if home_first
                    else (numberless, order, rank)
                )
                found.append((key, helper))
        return [helper for _, helper in sorted(found, key=lambda pair: pair[0])]
