"""Live update: each process looks for changes of cases three times a second, while somebody listens, and tells the open pages.

Any number of replicas may run this: what one of them writes, the others find in the database.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import CASEWORK, OPERATOR
from bot.store.database import Database
from bot.store.models import Case, CaseEvent, CasePartner

log = structlog.get_logger(__name__)

EVENTS = "/desk/events"
LOOKS_EVERY = 0.3
"""Seconds."""

BACK = 200
"""Lines of the timelines that each look reads. Some may appear late, in an order of their own; so the newest are read again."""

URGENT = ("critical", "urgent")
PASSED = "she agrees that it is passed on to "
"""How `bot.cases.passing` begins the line of her yes; the partner's id follows."""

STILL_SIGNED_IN = 15.0
"""Seconds after which it is looked at whether she still is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A case in which something has happened.

    case: its number; empty: more than can be told apart, look at everything. alert: it is urgent and new, or urgent again.
    seen_by: partners that may see it; all_partners: also those that may have lost it, who are told only that something changed.
    passed_to: partners for whom it is new.
    """

    case: str
    alert: bool
    seen_by: frozenset[str] = frozenset()
    all_partners: frozenset[str] = frozenset()
    passed_to: frozenset[str] = frozenset()


def pages(desk: Desk) -> list[Page]:
    """The stream."""
    watching = Watching(desk.database)

    async def listen(visit: Visit) -> Response:
        return EventSourceResponse(_stream(visit, watching), ping=15, headers={"Cache-Control": "no-store"})

    return [Page(EVENTS, listen, CASEWORK, quiet=True)]


class Watching:
    """Looks while somebody listens."""

    def __init__(self, database: Database, pause: float = LOOKS_EVERY) -> None:
        self._database, self._pause = database, pause
        self._listeners: set[asyncio.Queue[Change]] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen: set[tuple[int, datetime]] | None = None

    async def listen(self) -> asyncio.Queue[Change]:
        """A queue of changes from now on; give it back to `leave`."""
        if self._seen is None:
            await self.look()
        queue: asyncio.Queue[Change] = asyncio.Queue(1000)
        self._listeners.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return queue

    def leave(self, queue: asyncio.Queue[Change]) -> None:
        """No longer listen."""
        self._listeners.discard(queue)

    async def look(self) -> list[Change]:
        """What has changed since the last look; nothing the first time."""
        newest = select(CaseEvent.id, CaseEvent.at, CaseEvent.case_id, CaseEvent.what)
        async with self._database.read() as session:
            rows = (await session.execute(newest.order_by(CaseEvent.id.desc()).limit(BACK))).all()
            # A number alone may be used again after an erasure.
            before, self._seen = self._seen, {(row.id, row.at) for row in rows}
            fresh = [row for row in rows if before is not None and (row.id, row.at) not in before]
            if len(fresh) == BACK:
                return [Change("", True)]
            if not fresh:
                return []
            wanted = {row.case_id for row in fresh}
            cases = (await session.execute(select(Case).where(Case.id.in_(wanted)))).scalars().all()
            words = select(CasePartner.case_id, CasePartner.partner_id, CasePartner.state)
            partners = (await session.execute(words.where(CasePartner.case_id.in_(wanted)))).all()
        opened = {row.case_id for row in fresh if row.what.startswith(("opened:", "reopened:"))}
        return [
            Change(
                case.number,
                case.id in opened and case.severity in URGENT,
                _drilled(case).union(p.partner_id for p in partners if p.case_id == case.id and p.state == "granted"),
                _drilled(case).union(p.partner_id for p in partners if p.case_id == case.id),
                frozenset(
                    row.what.removeprefix(PASSED)
                    for row in fresh
                    if row.case_id == case.id and row.what.startswith(PASSED) and case.severity in URGENT
                ),
            )
            for case in cases
        ]

    async def _run(self) -> None:
        while self._listeners:
            try:
                for change in await self.look():
                    for queue in self._listeners:
                        if not queue.full():
                            queue.put_nowait(change)
            except SQLAlchemyError as error:
                log.error("the database did not answer; trying again", error=type(error).__name__)
            await asyncio.sleep(self._pause)
        self._seen = None


def _drilled(case: Case) -> frozenset[str]:
    """The partner that a drill is for, which sees it without anybody's yes."""
    return frozenset({case.drill_partner} if case.drill_partner else ())


def told(change: Change, partner_id: str) -> dict[str, Any] | None:
    """What a partner's pages are told of a change; None: nothing."""
    if not change.case:
        return {"case": "", "alert": change.alert}
    if partner_id == OPERATOR or partner_id in change.seen_by:
        return {"case": change.case, "alert": change.alert or partner_id in change.passed_to}
    return {"case": "", "alert": False} if partner_id in change.all_partners else None


async def _stream(visit: Visit, watching: Watching) -> AsyncIterator[ServerSentEvent]:
    assert visit.signed is not None
    queue = await watching.listen()
    try:
        yield ServerSentEvent(event="ready", data="{}", retry=2000)
        clock = asyncio.get_running_loop()
        checked = clock.time()
        while True:
            try:
                news = told(await asyncio.wait_for(queue.get(), STILL_SIGNED_IN), visit.staff.partner_id)
            except TimeoutError:
                news = None
            if clock.time() - checked >= STILL_SIGNED_IN:
                checked = clock.time()
                if await visit.desk.sessions.find(visit.signed.token, touch=False) is None:
                    yield ServerSentEvent(event="ended", data="{}")
                    return
            if news is not None:
                yield ServerSentEvent(event="case", data=json.dumps(news))
    finally:
        watching.leave(queue)
