"""Lays a draft out in pages that each cost at most three SMS segments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
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


_OTHER_SCRIPT = re.compile("[\u0400-\u1dff\u2c00-\ud7ff]")
"""Letters that no replacement brings into GSM-7."""
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
    return sum(ucs for _, ucs in sizes) + gaps <= (SHORT_UCS if short else UCS_UNITS)


def lay_out(draft: Draft, labels: Sequence[str], reserve: int) -> tuple[tuple[str, ...], int]:
    """The pages, and how many of the choices with these labels still fit on page 1. reserve: room for what the
    dialogue adds."""
    s = draft.speaker
    rest = list(draft.more)
    first, overflow, closing = _essential(draft)
    said = {piece.text for piece in first}
    once: dict[str, Piece] = {}
    for piece in overflow + rest:
        once.setdefault(piece.text, piece)
    rest = [piece for text, piece in once.items() if text not in said]
    room = reserve + len(s.t("choice_more")) + 3 + sum(len(label) + 3 for label in labels[:1])
    contact = _first_contact(draft)
    helping = [contact] if contact and fits([*(p.text for p in first), contact, *closing], room) else []
    while rest and fits([*(p.text for p in first), rest[0].text, *helping, *closing], short=True):
        first.append(rest.pop(0))
    page = " ".join([*(piece.text for piece in first), *helping, *closing])
    count = _choices_that_fit(page, labels, reserve + len(s.t("choice_more")) + 3)
    return (page, *_later(draft, rest)), count


def _essential(draft: Draft) -> tuple[list[Piece], list[Piece], list[str]]:
    """What page 1 must say as far as it fits, what it has to do without, and how it names law and source."""
    first = list(draft.first)
    overflow: list[Piece] = []
    closing = _closing(first, draft)
    while len(first) > 1 and not fits([*(piece.text for piece in first), *closing]):
        long = next((at for at, piece in enumerate(first) if piece.short and piece.text != piece.short), None)
        if long is not None:
            first[long] = replace(first[long], text=first[long].short)
        else:
            last = next((at for at in range(len(first) - 1, 0, -1) if not first[at].keep), len(first) - 1)
            overflow.insert(0, first.pop(last))
        closing = _closing(first, draft)
    return first, overflow, closing


def _choices_that_fit(page: str, labels: Sequence[str], reserve: int) -> int:
    for count in range(len(labels), 1, -1):
        if fits([page], reserve + sum(len(label) + 3 for label in labels[:count])):
            return count
    return min(1, len(labels))


def _cite(entry: Entry, draft: Draft) -> list[list[str]]:
    """Ways to name law and source of a fact, longest first."""
    s = draft.speaker
    fact, source = entry.fact, entry.fact.source
    law = s.t("cite_law", law=fact.law.cited()) if fact.law and not draft.cite_source_only else ""
    if source.date:
        origin = s.t("cite_source", source=source.name, date=s.date(source.date))
    else:
        origin = s.t("cite_source_undated", source=source.name, checked=s.date(fact.checked_on))
    when = s.date(source.date) if source.date else s.t("cite_checked", date=s.date(fact.checked_on))
    short = (
        s.t("cite_short", law=fact.law.cited(), source=source.name, date=when)
        if fact.law and law
        else f"({source.name} {when})"
    )
    return [[text for text in (law, origin) if text], [short]]


def _closing(first: list[Piece], draft: Draft) -> list[str]:
    """Law and source of the main fact, or of the first one that page 1 still holds: in full where that is cheap, else
    in short."""
    facts = [name for piece in first for name in piece.facts if name in draft.used]
    if not facts:
        return []
    entry = draft.main if draft.main and draft.main.id in facts else draft.used[facts[0]]
    full, short = _cite(entry, draft)
    texts = [piece.text for piece in first] + full
    return full if fits(texts) and all(measure(text)[0] is not None for text in texts) else short


def _first_contact(draft: Draft) -> str | None:
    if draft.helpers_in_text or not draft.help_kinds:
        return None
    helpers = draft.helpers(*draft.help_kinds)
    if not helpers:
        return None
    return draft.speaker.t(
        "call_first", contact=written(helpers[0], draft.speaker, abroad=_abroad(draft, helpers[0].place), short=True)
    )


def _abroad(draft: Draft, place: str) -> bool:
    return place == draft.origin and draft.destination is not None and draft.stage != "home"


def _later(draft: Draft, rest: list[Piece]) -> list[str]:
    """Pages after the first: detail, whom to call, conventions, law and sources."""
    blocks = [[piece.text for piece in rest]] if rest else []
    who = [] if draft.helpers_in_text else _contact_lines(draft)
    if who:
        blocks.append(who)
    if draft.rules:
        blocks.append([piece.text for piece in draft.rules])
    last = _sources(draft)
    if last:
        blocks.append(last)
    return _pack(blocks)


def _contact_lines(draft: Draft) -> list[str]:
    helpers = draft.helpers(*draft.help_kinds)
    if not helpers:
        return [draft.speaker.t("no_contact")]
    lines = [written(helper, draft.speaker, abroad=_abroad(draft, helper.place)) for helper in helpers[:4]]
    return [draft.speaker.t("who_helps") + " " + lines[0], *lines[1:]]


def _sources(draft: Draft) -> list[str]:
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
    return lines


def _pack(blocks: list[list[str]]) -> list[str]:
    """Blocks of lines in pages; a block begins a line of its own, and a page where it no longer fits whole but would
    on the next."""
    pages: list[str] = []
    current = ""
    for block in blocks:
        whole = _joined(block)
        if current and not fits([current, whole]) and fits([whole]):
            pages.append(current)
            current = ""
        for number, line in enumerate(block):
            gap = "\n" if number == 0 else _gap(current, line)
            candidate = current + gap + line if current else line
            if current and not fits([candidate]):
                pages.append(current)
                candidate = line
            current = candidate
    if current:
        pages.append(current)
    return [part for page in pages for part in _cut(page)]


def _joined(block: list[str]) -> str:
    return "\n".join(block)


def _gap(before: str, line: str) -> str:
    return " " if before.rstrip()[-1:] in ".।:?" and line[-1:] in ".।)?" else "\n"


def _cut(page: str) -> list[str]:
    """A page that is too long by itself (one long sentence) is cut between words."""
    if fits([page]):
        return [page]
    return segments.split(page, GSM_UNITS if measure(page)[0] is not None else UCS_UNITS)
