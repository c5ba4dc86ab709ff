"""The figures of `/metrics`. None of them has a label that could lead to a person.

What happens is counted where it happens, in this process. What stands in the database is looked up when somebody asks, so every
replica tells the same: alert on `max` of those, on `sum` of what is counted.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.models import Case, Delivery, InboundRow, now

INBOUND = Counter("kasama_inbound", "Messages taken in, by what the words said of danger.", ["channel", "safety"])
OUTBOUND = Counter(
    "kasama_outbound",
    "Tries to send, by how they ended: sent; waiting, to be tried again; failed, given up; withheld, she has opted out.",
    ["channel", "outcome"],
)
TIME_TO_PARTNER = Histogram(
    "kasama_time_to_partner_seconds",
    "From a call for help until a provider took its first message to a partner; drills are not counted.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)
RASA_SECONDS = Histogram(
    "kasama_rasa_seconds",
    "From a question to the dialogue model until its answer, actions included.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RASA_FAILURES = Counter(
    "kasama_rasa_failures", "Questions without a usable answer: down, no server answered; broken, no answer.", ["why"]
)

DATABASE_UP = Gauge("kasama_database_up", "1 when the database answers; else the figures from it are old.")
OUTBOX_WAITING = Gauge("kasama_outbox_waiting", "Messages that are not sent yet.", ["urgency"])
OUTBOX_OLDEST = Gauge("kasama_outbox_oldest_seconds", "Age of the oldest of them; 0 when there is none.", ["urgency"])
INBOUND_WAITING = Gauge("kasama_inbound_waiting", "Messages that are stored and not answered yet.")
INBOUND_OLDEST = Gauge("kasama_inbound_oldest_seconds", "Age of the oldest of them; 0 when there is none.")
OPEN_CASES = Gauge("kasama_open_cases", "Cases that are not closed, without drills.", ["state"])
OLDEST_UNTAKEN = Gauge("kasama_untaken_case_oldest_seconds", "Age of the oldest call for help that nobody has taken.")
REVIEWS = Gauge(
    "kasama_content_reviews",
    "Facts and contacts past their review date (expired), or within weeks of it (soon).",
    ["due"],
)
DISK_FREE = Gauge("kasama_disk_free_ratio", "Free part of the disk that KASAMA_HOME lies on.")

URGENCY = {0: "urgent", 1: "ordinary"}
OPEN = ("open", "notified", "acknowledged", "in_contact")
UNTAKEN = ("open", "notified")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the database: how many, and the age of the oldest in seconds. outbox: by urgency. cases: by state."""

    outbox: dict[str, tuple[int, float]]
    inbound: tuple[int, float]
    cases: dict[str, int]
    untaken: float


async def backlog(database: Database) -> Backlog:
    """What waits now. Raises `SQLAlchemyError`."""
    unsent = (
        select(Delivery.urgent, func.count(), func.min(Delivery.created_at))
        .where(Delivery.state.in_(("waiting", "sending")))
        .group_by(Delivery.urgent)
    )
    unanswered = select(func.count(), func.min(InboundRow.received_at)).where(InboundRow.state == "received")
    cases = (
        select(Case.state, func.count(), func.min(Case.opened_at))
        .where(Case.state.in_(OPEN), Case.drill_partner.is_(None))
        .group_by(Case.state)
    )
    async with database.read() as session:
        sending = {URGENCY[row[0]]: (row[1], _age(row[2])) for row in await session.execute(unsent)}
        count, oldest = (await session.execute(unanswered)).one()
        states = {row[0]: (row[1], _age(row[2])) for row in await session.execute(cases)}
    return Backlog(
        outbox={name: sending.get(name, (0, 0.0)) for name in URGENCY.values()},
        inbound=(count, _age(oldest)),
        cases={state: states.get(state, (0, 0.0))[0] for state in OPEN},
        untaken=max(states.get(state, (0, 0.0))[1] for state in UNTAKEN),
    )


def _age(moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, (now() - moment).total_seconds())


def disk_free(folder: Path) -> float:
    """Free part of the disk that the folder lies on, 0 to 1."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total


def show(waiting: Backlog | None, reviews: dict[str, int], home: Path) -> None:
    """Put what was looked up into the figures. waiting: None when the database did not answer."""
    DATABASE_UP.set(waiting is not None)
    for due, number in reviews.items():
        REVIEWS.labels(due).set(number)
    DISK_FREE.set(disk_free(home))
    if waiting is None:
        return
    for urgency, (number, age) in waiting.outbox.items():
        OUTBOX_WAITING.labels(urgency).set(number)
        OUTBOX_OLDEST.labels(urgency).set(age)
    INBOUND_WAITING.set(waiting.inbound[0])
    INBOUND_OLDEST.set(waiting.inbound[1])
    for state, number in waiting.cases.items():
        OPEN_CASES.labels(state).set(number)
    OLDEST_UNTAKEN.set(waiting.untaken)
