"""Work at a provider that is noted in the database with a message and done after it: at least once, whatever dies meanwhile.

An errand is a row with `due_at` and `attempts`. Whoever takes it moves `due_at` on; if it dies, the row is due again then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database
from bot.store.models import Attachment, Clearing, now

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
"""How long whoever took an errand has for it."""

AT_ONCE = 4

Errand = TypeVar("Errand", Attachment, Clearing)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries."""
    return timedelta(seconds=min(2.0**attempts, 600.0))


async def run(
    database: Database,
    table: type[Errand],
    work: Callable[[Errand], Awaitable[None]],
    wake: asyncio.Event,
    *,
    only: ColumnElement[bool] | None = None,
) -> None:
    """Do the errands of a table when they are due, until cancelled.

    work: does one and notes what became of it; what it raises is logged, and the errand is due again.
    only: which rows are errands.
    """
    while True:
        wake.clear()
        try:
            taken = await _take(database, table, only)
        except (SQLAlchemyError, OSError) as error:
            log.error("the database did not answer; trying again", error=type(error).__name__)
            taken = []
        for result in await asyncio.gather(*(work(errand) for errand in taken), return_exceptions=True):
            if isinstance(result, Exception):
                log.error("an errand failed; it is tried again", table=table.__tablename__, error=type(result).__name__)
        if not taken:
            try:
                await asyncio.wait_for(wake.wait(), timeout=1.0)
            except TimeoutError:
                continue


async def _take(database: Database, table: type[Errand], only: ColumnElement[bool] | None) -> list[Errand]:
    due = select(table).where(table.due_at <= now()).order_by(table.id).limit(AT_ONCE)
    if only is not None:
        due = due.where(only)
    async with database.read() as session:
        if (await session.execute(due.limit(1))).first() is None:
            return []
    async with database.write() as session:
        taken = list((await session.execute(due.with_for_update(skip_locked=True))).scalars())
        for errand in taken:
            errand.due_at, errand.attempts = now() + LEASE, errand.attempts + 1
    return taken
