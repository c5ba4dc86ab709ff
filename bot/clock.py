"""Notices that the machine's clock was set back, and brings forward what would otherwise wait for that long.

Everything that waits in the database waits for a moment. When the clock is set back by an hour, a call for help that was to
be sent at once, or tried again in seconds, would be sent in an hour.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import func, or_, select

from bot.store.database import Database
from bot.store.models import Attachment, Clearing, Delivery, InboundRow, LadderStep, now

log = structlog.get_logger(__name__)

LOOKS_EVERY = 1.0
"""Seconds."""

LEAST = timedelta(seconds=20)
"""A clock that is set back by less delays nothing that matters."""

SOON = timedelta(minutes=5)
"""A delivery that was to go within this time is not one that waits for her safe hours."""


async def watch(database: Database, wake: Callable[[], None]) -> None:
    """Look until cancelled; first whether the clock was set back while nobody looked. wake: told when something may be due."""
    async with database.read() as session:
        newest = (await session.execute(select(func.max(Delivery.created_at)))).scalar_one()
    back = newest - now() if newest is not None else timedelta()
    while True:
        if back >= LEAST:
            log.warning("the clock was set back; what waits is brought forward", seconds=round(back.total_seconds()))
            await bring_forward(database, back)
            wake()
        before = now(), time.monotonic()
        await asyncio.sleep(LOOKS_EVERY)
        passed = timedelta(seconds=time.monotonic() - before[1])
        back = before[0] + passed - now()


async def bring_forward(database: Database, back: timedelta) -> None:
    """Let what waits be due as if the clock had always gone as it goes now. back: by how much it was set back.

    With several replicas some may do it twice: what comes too early is a marked repeat, what comes too late helps nobody.
    """
    moment = now()
    deliveries = select(Delivery).where(
        Delivery.state.in_(("waiting", "sending")),
        Delivery.due_at > moment,
        Delivery.due_at <= moment + back + SOON,
        or_(Delivery.created_at > moment, Delivery.attempts > 0),
    )
    everything = (
        deliveries,
        select(LadderStep).where(LadderStep.state == "waiting", LadderStep.due_at > moment),
        select(InboundRow).where(InboundRow.state == "received", InboundRow.due_at > moment),
        select(Clearing).where(Clearing.due_at > moment),
        select(Attachment).where(Attachment.state == "waiting", Attachment.due_at > moment),
    )
    async with database.write() as session:
        for waiting in everything:
            for row in (await session.execute(waiting)).scalars():
                row.due_at -= back
