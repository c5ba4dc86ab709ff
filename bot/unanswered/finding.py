"""The messages that were not understood and are nobody's call for help, redacted and grouped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.models import InboundRow, Person, now
from bot.unanswered.grouping import groups
from bot.unanswered.redacting import MARKS, Redacting

INTENTS = ("nlu_fallback", "out_of_scope", "clarify")
MOST = 2000
"""Messages that are looked at, the newest ones: reading and grouping them takes about a second."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """One text, redacted. times: how many messages were the same. at: the newest of them."""

    text: str
    language: str
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """One message as it is stored; nothing of the woman but the language goes with it."""

    body: bytes
    language: str
    at: datetime


async def stored(session: AsyncSession, keep_days: int, language: str | None = None) -> list[Sealed]:
    """The newest messages that were not understood: of women who have not asked for deletion, within the time that messages
    are kept, and in no case; also none that gave reason to ask whether she is in danger."""
    intent = InboundRow.understood["intent"].as_string()
    spoken = InboundRow.understood["language"].as_string()
    wanted = (
        select(InboundRow.body_sealed, spoken, InboundRow.received_at)
        .join(Person, Person.id == InboundRow.person_id)
        .where(
            InboundRow.state == "answered",
            intent.in_(INTENTS),
            InboundRow.case_id.is_(None),
            or_(
                InboundRow.understood["safety"].as_string().is_(None),
                InboundRow.understood["safety"].as_string() == "none",
            ),
            InboundRow.received_at > now() - timedelta(days=keep_days),
            Person.erase_asked_at.is_(None),
        )
        .order_by(InboundRow.id.desc())
        .limit(MOST)
    )
    if language:
        wanted = wanted.where(spoken == language)
    return [Sealed(body, tag or "en", at) for body, tag, at in await session.execute(wanted)]


def read(
    vault: Vault, redacting: Redacting, rows: Sequence[Sealed], done: set[tuple[str, str]]
) -> list[list[Misunderstood]]:
    """Groups of redacted texts, the largest first, without those that are labelled already. done: language and text."""
    found: dict[tuple[str, str], tuple[int, datetime]] = {}
    for row in rows:
        body = json.loads(vault.open(row.body))
        if body.get("payload"):
            continue
        text = redacting.redact(str(body["text"]), row.language)[:500]
        key = (row.language, text)
        if key in done or not _says_something(text):
            continue
        times, at = found.get(key, (0, row.at))
        found[key] = (times + 1, max(at, row.at))
    texts = [Misunderstood(text, tag, times, at) for (tag, text), (times, at) in found.items()]
    together = [
        [texts[n] for n in group]
        for tag in dict.fromkeys(one.language for one in texts)
        for group in _within(texts, tag)
    ]
    return sorted(together, key=lambda group: -sum(one.times for one in group))


def _within(texts: list[Misunderstood], tag: str) -> list[list[int]]:
    places = [n for n, one in enumerate(texts) if one.language == tag]
    return [[places[n] for n in group] for group in groups([texts[n].text for n in places])]


def _says_something(text: str) -> bool:
    """Whether anything can be learnt from it: numbers of choices and what was only a link cannot."""
    for mark in MARKS:
        text = text.replace(mark, " ")
    return sum(c.isalpha() for c in text) >= 3
