"""What is counted at the moment of looking: women who write, by day and channel; who was not understood; how soon calls for help
are taken. It reaches back as far as messages and cases are kept, and knows nothing of women who had themselves deleted."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Integer, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.telling import DRILL
from bot.reporting.suppression import LEAST
from bot.reporting.tables import Table, span, table
from bot.store.models import Case, InboundRow
from bot.unanswered.finding import INTENTS

POINTS = (50, 90, 95)
"""Percentiles."""


@dataclass(frozen=True, slots=True)
class Times:
    """How soon calls for help of one severity were acknowledged. calls: how many were; percentiles: percent -> time.

    Both are None where fewer than `LEAST` were.
    """

    severity: str
    calls: int | None
    percentiles: dict[int, timedelta] | None


async def tables(session: AsyncSession, month: str) -> list[Table]:
    """`women`: by day and channel. `unanswered`: by language, who was always understood and who was not. As those of
    `bot.reporting.tables`, small numbers hidden; a woman counts once in each number."""
    start, end = span(month)
    within = (InboundRow.received_at >= start, InboundRow.received_at < end)
    day = func.date(InboundRow.received_at)
    women: Counter[tuple[str, str]] = Counter()
    counted = select(day, InboundRow.channel, func.count(InboundRow.person_id.distinct())).where(*within)
    for when, channel, number in await session.execute(counted.group_by(day, InboundRow.channel)):
        women[str(when), channel] += number
    language, intent = InboundRow.understood["language"].as_string(), InboundRow.understood["intent"].as_string()
    missed = func.max(func.coalesce(intent.in_(INTENTS), False).cast(Integer))
    each = select(InboundRow.person_id, language.label("language"), missed.label("missed")).where(
        *within, InboundRow.state == "answered"
    )
    each_woman = each.group_by(InboundRow.person_id, language).subquery()
    unanswered: Counter[tuple[str, str]] = Counter()
    summed = select(each_woman.c.language, each_woman.c.missed, func.count())
    for tag, not_understood, number in await session.execute(
        summed.group_by(each_woman.c.language, each_woman.c.missed)
    ):
        unanswered[tag or "?", "not understood" if not_understood else "understood"] += number
    named = (("women", women), ("unanswered", unanswered))
    return [table(name, month, counts) for name, counts in named if counts]


async def times(session: AsyncSession, month: str) -> list[Times]:
    """Time from a call for help to the first acknowledgement, of the calls of a month, by severity."""
    start, end = span(month)
    wanted = select(Case.severity, Case.opened_at, Case.acknowledged_at).where(
        Case.opened_at >= start,
        Case.opened_at < end,
        Case.kind.not_in(("request", DRILL)),
        Case.acknowledged_at.is_not(None),
    )
    found: dict[str, list[timedelta]] = {"critical": [], "urgent": []}
    for severity, opened, taken in await session.execute(wanted):
        if taken is not None:
            found.setdefault(severity, []).append(max(taken - opened, timedelta(0)))
    return [_times(severity, spans) for severity, spans in found.items() if spans]


def _times(severity: str, spans: list[timedelta]) -> Times:
    if len(spans) < LEAST:
        return Times(severity, None, None)
    ordered = sorted(spans)
    return Times(severity, len(ordered), {p: ordered[math.ceil(p / 100 * len(ordered)) - 1] for p in POINTS})
