"""Jobs that are done once at their time, however many replicas there are: whoever notes first that it is doing one, does it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database
from bot.store.models import Job, now

log = structlog.get_logger(__name__)

LONGEST = timedelta(hours=1)
"""After this a job that was begun and not ended is done by another replica."""

LOOKS_EVERY = 30.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Due:
    """A job. next: when it is due after a moment. work: may be broken off and begun again."""

    name: str
    next: Callable[[datetime], datetime]
    work: Callable[[], Awaitable[object]]


def nightly(hour: int) -> Callable[[datetime], datetime]:
    """Once a night, UTC."""

    def after(moment: datetime) -> datetime:
        tonight = datetime.combine(moment.date(), time(hour, tzinfo=moment.tzinfo))
        return tonight if tonight > moment else tonight + timedelta(days=1)

    return after


def every(span: timedelta) -> Callable[[datetime], datetime]:
    """Again when this long has passed."""
    return lambda moment: moment + span


async def run(database: Database, jobs: list[Due], *, looks_every: float = LOOKS_EVERY) -> None:
    """Do what is due, until cancelled."""
    while True:
        for job in jobs:
            try:
                await do_if_due(database, job)
            except SQLAlchemyError as error:
                log.error("the database did not answer; trying again", job=job.name, error=type(error).__name__)
            except Exception:  # one job's trouble must not end the others; it is due again within the hour
                log.exception("a job failed; it is tried again within the hour", job=job.name)
        await asyncio.sleep(looks_every)


async def do_if_due(database: Database, job: Due) -> bool:
    """Do a job if it is due and nobody else does it; whether we did."""
    async with database.write() as session:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        await session.execute(
            insert(Job).values(name=job.name, due_at=job.next(now())).on_conflict_do_nothing(index_elements=["name"])
        )
        free = or_(Job.taken_until.is_(None), Job.taken_until < now())
        taking = update(Job).where(Job.name == job.name, Job.due_at <= now(), free).values(taken_until=now() + LONGEST)
        taken = (await session.execute(taking.execution_options(synchronize_session=False))).rowcount  # type: ignore[attr-defined]
    if not taken:
        return False
    await job.work()
    async with database.write() as session:
        done = {"due_at": job.next(now()), "taken_until": None, "ended_at": now()}
        await session.execute(update(Job).where(Job.name == job.name).values(done))
    return True
