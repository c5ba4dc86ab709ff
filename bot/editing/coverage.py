"""What is there, how old it is, and what waits for a partner: `kasama content status`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.knowledge import Knowledge, Route
from bot.knowledge.schema import Contact
from bot.knowledge.snapshot import EMERGENCY_KINDS
from bot.knowledge.values import last_day
from bot.topics import TOPICS

SOON = timedelta(days=60)
URGENT = (*EMERGENCY_KINDS, "hotline", "violence_line", "anti_trafficking", "health_line")
"""Contacts whose confirmation matters most."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that is kept and not sent until a partner confirms it. why: `unverified` or `unconfirmed`."""

    id: str
    kind: str
    what: str
    why: str
    file: str
    line: int


def waiting(knowledge: Knowledge) -> list[Waiting]:
    """All that waits, emergency numbers and hotlines first."""
    content = knowledge.snapshot.content
    found = []
    for full, contact in content.contacts.items():
        if contact.state == "unverified" or contact.verify_before_publishing:
            why = "unverified" if contact.state == "unverified" else "unconfirmed"
            place = content.places[full]
            what = f"{contact.name} {', '.join(contact.phones)}".strip()
            if contact.kind in EMERGENCY_KINDS:
                what += " (sent all the same: an emergency number)"
            found.append(Waiting(full, contact.kind, what, why, place.file, place.line))
    for full, fact in content.facts.items():
        if fact.state == "unverified":
            place = content.places[full]
            found.append(Waiting(full, fact.kind, fact.kind.replace("_", " "), "unverified", place.file, place.line))
    order = {kind: number for number, kind in enumerate(URGENT)}
    return sorted(found, key=lambda item: (order.get(item.kind, len(order)), item.id))


def status(knowledge: Knowledge, today: date) -> dict[str, Any]:
    """Coverage and age, as JSON.

    countries: per country facts and contacts that are sent, that wait, that are past or near their review date.
    topics: per corridor and topic whether a rule is known. languages: per language sentences missing, not read by a native
    speaker, outdated. sms: per country what SMS can do there. waiting: see `waiting`. problems: what keeps a file out of
    service.
    """
    snapshot = knowledge.snapshot
    catalogs = snapshot.catalogs
    return {
        "countries": {code: _entries(knowledge, code, today) for code in sorted(snapshot.content.countries)},
        "corridors": {
            f"{origin}-{destination}": {
                topic: knowledge.answer(topic, Route(origin, destination), "en").known for topic in TOPICS
            }
            for origin, destination in sorted(snapshot.content.corridors)
        },
        "languages": {
            tag: {
                "sentences": len(catalogs.sentences),
                "missing": len(catalogs.language(tag).missing) if tag != "en" else 0,
                "unread": len(catalogs.language(tag).unread),
                "outdated": len(catalogs.language(tag).outdated),
            }
            for tag in catalogs.languages
        },
        "sms": {
            code: {
                "two_way": file.sms.two_way,
                "no_links_or_numbers": file.sms.no_links_or_numbers,
                "quiet": f"{file.sms.quiet_from} to {file.sms.quiet_to}" if file.sms.quiet_from else "",
                "sender_overwritten": file.sms.sender_overwritten,
            }
            for code, file in sorted(snapshot.content.countries.items())
            if file.sms is not None
        },
        "waiting": [
            {"id": w.id, "kind": w.kind, "what": w.what, "why": w.why, "file": w.file, "line": w.line}
            for w in waiting(knowledge)
        ],
        "problems": [str(problem) for problem in (*knowledge.problems, *catalogs.entry_problems)],
    }


def ages(knowledge: Knowledge, today: date) -> dict[str, int]:
    """How many facts and contacts that are sent are past their review date, or soon will be."""
    rows = [
        _entries(knowledge, where, today)
        for where in {place.where for place in knowledge.snapshot.content.places.values()}
    ]
    return {name: sum(row[name] for row in rows) for name in ("expired", "soon")}


def _entries(knowledge: Knowledge, code: str, today: date) -> dict[str, int]:
    content = knowledge.snapshot.content
    facts = [fact for full, fact in content.facts.items() if content.places[full].where == code]
    contacts = [contact for full, contact in content.contacts.items() if content.places[full].where == code]
    sent = [fact for fact in facts if fact.state != "unverified"]
    both: list[Any] = [*sent, *(c for c in contacts if _sent(c))]
    due = [last_day(entry.review_by) for entry in both]
    return {
        "facts": len(sent),
        "contacts": sum(map(_sent, contacts)),
        "waiting": len(facts) - len(sent) + sum(not _sent(c) for c in contacts),
        "expired": sum(day < today for day in due),
        "soon": sum(today <= day < today + SOON for day in due),
    }


def _sent(contact: Contact) -> bool:
    confirmed = contact.state != "unverified" and not contact.verify_before_publishing
    return confirmed or contact.kind in EMERGENCY_KINDS


def as_text(report: Mapping[str, Any]) -> str:
    """The report for people."""
    rows = ["country   facts contacts  waiting  expired  soon"]
    rows += [
        f"{code:8} {row['facts']:6} {row['contacts']:8} {row['waiting']:8} {row['expired']:8} {row['soon']:5}"
        for code, row in report["countries"].items()
    ]
    rows += ["", "corridor  " + " ".join(topic.removeprefix("ask_")[:4] for topic in TOPICS)]
    rows += [
        f"{name:9} " + " ".join("yes " if known[topic] else " -  " for topic in TOPICS)
        for name, known in report["corridors"].items()
    ]
    rows += ["", "language  missing  not read by a native speaker  outdated"]
    rows += [
        f"{tag:9} {row['missing']:7} {row['unread']:30} {row['outdated']:9}" for tag, row in report["languages"].items()
    ]
    rows += ["", "SMS, where something is to be known (the content of countries that are not listed says nothing)"]
    rows += [f"{code:9} {'; '.join(said)}" for code, row in report["sms"].items() if (said := _sms(row))]
    rows += ["", *_lines("waits for a partner (kasama content confirm ID --by PARTNER)", report["waiting"])]
    broken = report["problems"]
    rows += ["", f"broken, and so left out: {len(broken) or 'nothing'}", *(f"  {problem}" for problem in broken)]
    return "\n".join(rows)


def _sms(row: Mapping[str, Any]) -> list[str]:
    """What an operator has to know before a woman there is told to text back."""
    said = []
    if row["two_way"] is False:
        said.append("women cannot text back to a number there; a foreign number or Telegram")
    elif row["two_way"]:
        said.append("two-way")
    if row["no_links_or_numbers"]:
        said.append("links and long phone numbers are left out")
    if row["quiet"]:
        said.append(f"quiet {row['quiet']}, except answers and danger")
    if row["sender_overwritten"]:
        said.append("she may see another sender, and her reply may not come back")
    return said


def _lines(title: str, items: Iterable[Mapping[str, Any]]) -> list[str]:
    found = [f"  {w['id']:32} {w['why']:12} {w['what']}" for w in items]
    return [f"{title}: {len(found)}", *found]


def heat_map(report: Mapping[str, Any]) -> str:
    """Topics by corridor as an SVG picture: green where a rule is known, grey where the answer names whom to ask."""
    corridors = report["corridors"]
    cell, left, top = 26, 92, 92
    width, height = left + cell * len(TOPICS) + 8, top + cell * len(corridors) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for column, topic in enumerate(TOPICS):
        x, y = left + column * cell + cell // 2 + 4, top - 8
        parts.append(f'<text x="{x}" y="{y}" transform="rotate(-60 {x} {y})">{topic.removeprefix("ask_")}</text>')
    for row, (name, known) in enumerate(corridors.items()):
        y = top + row * cell
        parts.append(f'<text x="8" y="{y + cell * 2 // 3}">{name}</text>')
        for column, topic in enumerate(TOPICS):
            colour = "#4f9d69" if known[topic] else "#d9d9d9"
            box = f'x="{left + column * cell}" y="{y}" width="{cell - 2}" height="{cell - 2}" rx="3" fill="{colour}"'
            parts.append(
                f"<rect {box}><title>{name} {topic}: {'known' if known[topic] else 'not known'}</title></rect>"
            )
    return "\n".join([*parts, "</svg>", ""])
