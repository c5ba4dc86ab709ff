"""Lays a draft out in pages that each cost at most three SMS segments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot import segments
from bot.knowledge.contacts import written
from bot.knowledge.draft import Draft, Piece
from bot.knowledge.snapshot import Entry
from bot.knowledge.values import last_day

GSM_UNITS, UCS_UNITS = 456, 201
SHORT_GSM, SHORT_UCS = 304, 134
"""Three segments; with GSM-7 three units are kept free, because a two-unit character is not torn by the end of a
segment. The short
ones are two segments: what is not essential goes on page 1 only as far as they reach."""


TORN = 16
"""Units of UCS-2 that may stay unused, because no segment ends inside a letter with its vowel signs. Only a text that is so
near to the limit is counted in full."""


_OTHER_SCRIPT = re.compile("[\u0400-\u1dff\u2c00-\ud7ff]")
"""Letters that no replacement brings into GSM-7."""
_NUMBER = re.compile(r"\d{3}")
_GSM = segments.GSM_BASIC | segments.GSM_EXTENSION


@lru_cache(maxsize=8192)
def measure(text: str) -> tuple[int | None, int]:
    """Units in GSM-7 (None when the text cannot be sent in it) and in UCS-2.

    Counts as `segments.count(segments.plain(text))` would, but by the set of characters, which is many times quicker.
    """
    if _OTHER_SCRIPT.search(text):
        return None, segments.units(text)
    foreign = set(text) - _GSM
    if foreign and not all(unicodedata.normalize("NFD", character)[0] in segments.GSM_BASIC for character in foreign):
        cheap = segments.count(segments.plain(text + "x" * 80))  # long enough for accents to be worth dropping
        return (cheap.units - 80 if cheap.encoding == "GSM-7" else None), segments.units(text)
    return len(text) + sum(text.count(character) for character in segments.GSM_EXTENSION), segments.units(text)


def fits(texts: Sequence[str], reserve: int = 0, *, short: bool = False) -> bool:
    """Whether the texts, joined, fit in three segments with `reserve` characters left; or in two (`short`)."""
    sizes = [measure(text) for text in texts]
    gaps = max(len(texts) - 1, 0) + reserve
    if all(gsm is not None for gsm, _ in sizes):
        return sum(gsm or 0 for gsm, _ in sizes) + gaps <= (SHORT_GSM if short else GSM_UNITS)
    total, most = sum(ucs for _, ucs in sizes) + gaps, SHORT_UCS if short else UCS_UNITS
    if most - TORN < total <= most:
        whole = " ".join([*texts, "x" * (reserve - 1)] if reserve else texts)
        return segments.count(whole).segments <= (2 if short else 3)
    return total <= most


@dataclass(frozen=True, slots=True)
class Layout:
    """pages: what she reads. choices: how many of the choices still fit on page 1. helping: the lines that name who helps,
    with their contacts. frame: the lines that name laws, sources and dates, with the facts that they are about.
    lead: the sentence that page 1 begins with.
    """

    pages: tuple[str, ...]
    choices: int
    helping: tuple[Piece, ...]
    frame: tuple[Piece, ...]
    lead: str


def lay_out(draft: Draft, labels: Sequence[str], reserve: int) -> Layout:
    """The pages. labels: of the choices that follow. reserve: room on page 1 for what the dialogue adds."""
    s = draft.speaker
    more = f"1 {s.t('choice_more')}"
    room = reserve + len(more) + 1
    first = _FirstPage(draft, room, len(more) + 1)
    said = {piece.text for piece in first.pieces}
    once: dict[str, Piece] = {}
    for piece in (*first.left, *draft.more):
        once.setdefault(piece.text, piece)
    rest = [piece for text, piece in once.items() if text not in said]
    while rest and first.take(rest[0], short=True):
        rest.pop(0)
    page = " ".join(first.texts())
    later, helping, frame = _later(draft, rest, more)
    if first.contact:
        helping.insert(0, first.contact)
    closing = first.closing()
    if closing:
        frame.insert(0, Piece(" ".join(closing), (first.cited.id,) if first.cited else ()))
    count = _choices_that_fit(page, labels, room)
    return Layout((page, *later), count, tuple(helping), tuple(frame), first.pieces[0].text if first.pieces else "")


class _FirstPage:
    """Page 1 while it is filled: what it cannot do without, then whom to call, what to do, the law, and the rest.

    It costs two SMS; three only where what it cannot do without is longer than two, or, in letters of which an SMS holds
    160, where whom to call and what to do would not fit; in other letters, where the number to call would not.
    """

    def __init__(self, draft: Draft, room: int, line: int) -> None:
        """room: units for what is added to the page. line: of these, the line that offers the next page."""
        self.draft, self.room, self.line = draft, room, line
        self.contact: Piece | None = None
        self.cited: Entry | None = None
        self.citing = 0
        self.pieces, self.left = _vital(draft.first, draft.main)
        self._cite()
        if draft.names_law:
            self.citing = 1
            if not self._shorten():
                self.citing = 0
        self._squeeze()
        contact = _first_contact(draft)
        advice = next((piece for piece in self.left if not piece.facts), None)
        worth_a_third = [piece.text for piece in (advice, contact) if piece]
        if not _plain(self.texts()):
            worth_a_third = [contact.text] if contact and _NUMBER.search(contact.text) else []
        self.short = fits([*self.texts(), *worth_a_third], short=True)
        if contact and self._holds([*self.texts(), contact.text]):
            self.contact = contact
        if advice and self.take(advice):
            self.left.remove(advice)
        self.short = self.short or fits(self.texts(), short=True)
        self._cite_longer()
        self.left = [piece for piece in self.left if not self.take(piece)]
        self._cite_longer()

    def texts(self) -> list[str]:
        """The page, sentence by sentence."""
        return [*(p.text for p in self.pieces), *((self.contact.text,) if self.contact else ()), *self.closing()]

    def closing(self) -> list[str]:
        """How the page names law and source of what it says."""
        if not self.cited:
            return []
        law = self.cited.fact.law
        named = law is not None and any(law.cited() in piece.text for piece in self.pieces)
        return _cite(self.cited, self.draft, law=not named)[self.citing]

    def take(self, piece: Piece, *, short: bool = False) -> bool:
        """Put a piece in its place if there is room for it. short: only as far as two SMS reach."""
        if any(piece.text == other.text for other in self.pieces):
            return True
        if not self._holds([*self.texts(), piece.text], short=short):
            return False
        order = {id(p): number for number, p in enumerate(self.draft.first)}
        at = order.get(id(piece), len(order))
        self.pieces.insert(sum(order.get(id(p), len(order)) <= at for p in self.pieces), piece)
        self._cite()
        return True

    def _holds(self, texts: Sequence[str], *, short: bool = False) -> bool:
        return fits(texts, short=True) if short or self.short else fits(texts, self.room)

    def _citable(self, piece: Piece) -> bool:
        return any(name in self.draft.used for name in piece.facts)

    def _cite(self) -> None:
        """Law and source of the main fact, or of the first one that the page still holds."""
        used, main = self.draft.used, self.draft.main
        facts = [name for piece in self.pieces for name in piece.facts if name in used]
        self.cited = (main if main and main.id in facts else used[facts[0]]) if facts else None

    def _cite_longer(self) -> None:
        while self.cited and self.citing < len(_CITED) - 1:
            self.citing += 1
            if self._holds(self.texts()) and (self.citing < len(_CITED) - 1 or _plain(self.texts())):
                continue
            self.citing -= 1
            return

    def _shorten(self) -> bool:
        """Use fewer words until three SMS are enough; whether they are."""
        while not fits(self.texts(), self.room):
            long = next((at for at, piece in enumerate(self.pieces) if piece.short and piece.text != piece.short), None)
            if long is None:
                return False
            self.pieces[long] = replace(self.pieces[long], text=self.pieces[long].short)
        return True

    def _squeeze(self) -> None:
        """Use fewer words, then do without what comes last, until three SMS are enough."""
        while not self._shorten() and len(self.pieces) > 1:
            last = next((at for at in range(len(self.pieces) - 1, 0, -1) if not self.pieces[at].keep), -1)
            if (
                last == -1
                and not self.pieces[0].keep
                and any(piece.keep and self._citable(piece) for piece in self.pieces)
            ):
                last = 0  # rather without the advice before the rule than without the rule
            others = [piece for piece in self.pieces if piece is not self.pieces[last]]
            if self.draft.known and self.room > self.line and not any(map(self._citable, others)):
                self.room = self.line  # rather without room for the dialogue's question than without the only rule
                continue
            self.left.insert(0, self.pieces.pop(last))
            self._cite()


def _vital(pieces: Sequence[Piece], main: Entry | None) -> tuple[list[Piece], list[Piece]]:
    """What page 1 cannot do without: all up to the rule that answers the question, its limits, and what is to be kept;
    and the rest."""
    name = main.id if main else None
    rule = max((at for at, piece in enumerate(pieces) if name in piece.facts), default=0)
    vital = [piece for at, piece in enumerate(pieces) if at <= rule or piece.keep]
    return vital, [piece for piece in pieces if piece not in vital]


def _plain(texts: Sequence[str]) -> bool:
    return all(measure(text)[0] is not None for text in texts)


def _choices_that_fit(page: str, labels: Sequence[str], reserve: int) -> int:
    for count in range(len(labels), 1, -1):
        if fits([page], reserve + sum(len(label) + 3 for label in labels[:count])):
            return count
    return min(1, len(labels))


_CITED = ("source", "law and source", "sentences")
"""How page 1 may name law and source, the shortest first."""


def _cite(entry: Entry, draft: Draft, *, law: bool) -> list[list[str]]:
    """The texts for each of `_CITED`. law: whether the law is still to be named."""
    s = draft.speaker
    fact, source = entry.fact, entry.fact.source
    cited = fact.law.cited() if fact.law and law else ""
    if source.date:
        origin = s.t("cite_source", source=source.name, date=s.date(source.date))
    else:
        origin = s.t("cite_source_undated", source=source.name, checked=s.date(fact.checked_on))
    when = s.date(source.date) if source.date else s.t("cite_checked", date=s.date(fact.checked_on))
    short = s.t("cite_short", law=cited, source=source.name, date=when) if cited else f"({source.name} {when})"
    shortest = f"({source.name} {s.date(source.date[:4])})" if source.date else f"({source.name})"
    return [[shortest], [short], [s.t("cite_law", law=cited), origin] if cited else [origin]]


def _first_contact(draft: Draft) -> Piece | None:
    if draft.helpers_in_text or not draft.help_kinds:
        return None
    helpers = draft.helpers(*draft.help_kinds)
    if not helpers:
        return None
    contact = written(helpers[0], draft.speaker, draft.position(helpers[0].place), short=True)
    return Piece(draft.speaker.t("call_first", contact=contact), (helpers[0].id,))


def _later(draft: Draft, rest: list[Piece], more: str) -> tuple[list[str], list[Piece], list[Piece]]:
    """Pages after the first: detail, whom to call, conventions, law and sources. And the pieces of the second and the
    last of these. more: the line under each page that offers the next one."""
    blocks = [[piece.text for piece in rest]] if rest else []
    who = [] if draft.helpers_in_text else _contact_lines(draft)
    if who:
        blocks.append([piece.text for piece in who])
    if draft.rules:
        blocks.append([piece.text for piece in draft.rules])
    last = _sources(draft)
    if last:
        blocks.append([piece.text for piece in last])
    return _pack(blocks, more), who, last


def _contact_lines(draft: Draft) -> list[Piece]:
    s, helpers = draft.speaker, draft.helpers(*draft.help_kinds)[:4]
    if not helpers:
        return [Piece(s.t("no_contact"))]
    lines = [Piece(written(helper, s, draft.position(helper.place)), (helper.id,)) for helper in helpers]
    return [replace(lines[0], text=s.t("who_helps") + " " + lines[0].text), *lines[1:]]


def _sources(draft: Draft) -> list[Piece]:
    s, entries = draft.speaker, list(draft.used.values())
    if not entries:
        return []
    cited = dict.fromkeys(
        e.fact.law.cited() for e in entries if e.fact.law and e.fact.kind not in ("convention_rule", "ratification")
    )
    laws = [law for law in cited if not any(other != law and other.startswith(law) for other in cited)]
    sources = dict.fromkeys(
        f"{e.fact.source.name} {s.date(e.fact.source.date)}" if e.fact.source.date else e.fact.source.name
        for e in entries
    )
    lines = [s.t("laws", laws="; ".join(laws))] if laws else []
    names = list(sources)
    lines.append(s.t("sources", sources="; ".join(names[:5])))
    lines.extend("; ".join(names[at : at + 6]) + "." for at in range(5, len(names), 6))
    oldest = min((e.fact.checked_on for e in entries), key=last_day)
    lines.append(s.t("checked", date=s.date(oldest), who=", ".join(dict.fromkeys(e.fact.checked_by for e in entries))))
    stale = [e for e in entries if e.stale(draft.today)]
    if stale:
        due = min((e.fact.review_by for e in stale), key=last_day)
        lines.append(s.t("stale", date=s.date(due)))
    names_of_facts = tuple(e.id for e in entries)
    return [Piece(line, names_of_facts) for line in lines]


def _pack(blocks: list[list[str]], more: str) -> list[str]:
    """Blocks of lines in pages; a block begins a line of its own, and a page where it no longer fits whole but would
    on the next."""
    pages: list[str] = []
    current = ""
    for block in blocks:
        whole = _joined(block)
        if current and not fits([current, whole, more]) and fits([whole, more]):
            pages.append(current)
            current = ""
        for number, line in enumerate(block):
            gap = "\n" if number == 0 else _gap(current, line)
            candidate = current + gap + line if current else line
            if current and not fits([candidate, more]):
                pages.append(current)
                candidate = line
            current = candidate
    if current:
        pages.append(current)
    return [part for page in pages for part in _cut(page, more)]


def _joined(block: list[str]) -> str:
    return "\n".join(block)


def _gap(before: str, line: str) -> str:
    return " " if before.rstrip()[-1:] in ".।:?" and line[-1:] in ".।)?" else "\n"


def _cut(page: str, more: str) -> list[str]:
    """A page that is too long by itself (one long sentence) is cut between words."""
    if fits([page, more]):
        return [page]
    return segments.split(page, GSM_UNITS - len(more) - 1 if _plain([page, more]) else UCS_UNITS - TORN - len(more) - 1)
