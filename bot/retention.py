"""How long each kind of data is kept, and the purge that sees to it every night.

Works in small transactions, so that nothing waits for it, and can be broken off and begun again at any point.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import erasure
from bot.jobs import Due, every, nightly
from bot.reconciling import KEPT
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.desk_tables import AuditRow, Guess, Invitation, StaffSession, TrainingLine
from bot.store.models import Base, Case, Delivery, ErasedInbound, InboundRow, PartnerAnswer, Person, UsedOnce, now
from bot.store.removing import remove_where, table_of

log = structlog.get_logger(__name__)

USED = timedelta(days=30)
"""How long it is kept that a link was used; far longer than any of them works."""

STEP = 100
"""Rows, cases or women in one transaction."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Days.

    messages: what she wrote, outside cases. deliveries: what was sent, to anybody. cases: texts of a case after it was closed.
    people: what is known of a woman after she last wrote. looks: who looked at a case, and what was done at the desk.
    """

    messages: int = 90
    deliveries: int = 30
    cases: int = 180
    people: int = 365
    looks: int = 730


def due(database: Database, vault: Vault, keep: Keep) -> list[Due]:
    """The jobs of a service."""

    async def finish() -> None:
        async with database.write() as session:
            await erasure.finish(session)

    return [
        Due("purge", nightly(3), lambda: purge(database, vault, keep)),
        Due("erasures", every(timedelta(minutes=10)), finish),
    ]


async def purge(database: Database, vault: Vault, keep: Keep) -> dict[str, int]:
    """Delete what has been kept long enough; how much of each kind it was."""
    today = now()

    def before(days: int) -> datetime:
        return today - timedelta(days=days)

    done = {
        "deliveries": await _until_none(database, lambda s: _deliveries(s, before(keep.deliveries))),
        "messages": await _until_none(database, lambda s: _messages(s, before(keep.messages))),
        "cases": await _until_none(database, lambda s: _cases(s, before(keep.cases))),
        "people": await _until_none(database, lambda s: _people(s, vault, before(keep.people))),
    }
    async with database.write() as session:
        done["erasures"] = await erasure.finish(session)
        await session.execute(delete(ErasedInbound).where(ErasedInbound.at < now() - KEPT))
        done["looks"] = await _looks(session, before(keep.looks))
        done["audit"] = await remove_where(session, table_of(AuditRow), table_of(AuditRow).c.at < before(keep.looks))
        lines = table_of(TrainingLine)
        done["training_lines"] = await remove_where(session, lines, lines.c.at < before(keep.messages))
        await _sign_ins(session)
        await session.execute(delete(UsedOnce).where(UsedOnce.at < now() - USED))
        await session.execute(delete(PartnerAnswer).where(PartnerAnswer.at < before(keep.cases)))
        await _forget_counted(session, f"{today:%Y-%m}")
    await database.compact()
    log.info("purged", **done)
    return done


async def _until_none(database: Database, work: Callable[[AsyncSession], Awaitable[int]]) -> int:
    total = 0
    while True:
        async with database.write() as session:
            found = await work(session)
        total += found
        if found < STEP:
            return total


_CLOSED = select(Case.id).where(Case.state == "closed")


async def _deliveries(session: AsyncSession, before: datetime) -> int:
    table = table_of(Delivery)
    over = table.c.state.not_in(("waiting", "sending"))
    settled = or_(table.c.case_id.is_(None), table.c.case_id.in_(_CLOSED))
    return await remove_where(session, table, over, settled, table.c.created_at < before, limit=STEP)


async def _messages(session: AsyncSession, before: datetime) -> int:
    table = table_of(InboundRow)
    old = (table.c.state == "answered", table.c.received_at < before, table.c.case_id.is_(None))
    return await remove_where(session, table, *old, limit=STEP)


async def _cases(session: AsyncSession, before: datetime) -> int:
    """Cases that still have a reason or a message have not been stripped yet."""
    message = exists().where(InboundRow.case_id == Case.id)
    wanted = (
        select(Case.id)
        .where(Case.state == "closed", Case.closed_at < before, or_(Case.reason != "", message))
        .limit(STEP)
    )
    cases = (await session.execute(wanted)).scalars().all()
    await remove_where(session, table_of(InboundRow), table_of(InboundRow).c.case_id.in_(cases))
    await erasure.strip(session, cases)
    return len(cases)


async def _people(session: AsyncSession, vault: Vault, before: datetime) -> int:
    busy = exists().where(Case.person_id == Person.id, Case.state != "closed")
    wanted = (
        select(Person)
        .where(Person.wrote_at < before, Person.address_sealed != b"", ~busy)
        .order_by(Person.id)
        .limit(STEP)
    )
    people = (await session.execute(wanted)).scalars().all()
    for person in people:
        await erasure.erase(session, vault, person, why="since she had not written for long")
    return len(people)


async def _looks(session: AsyncSession, before: datetime) -> int:
    table = Base.metadata.tables.get("case_looks")
    return 0 if table is None else await remove_where(session, table, table.c.at < before)


async def _sign_ins(session: AsyncSession) -> None:
    """What has ended anyway: sessions of the desk, invitations, failed attempts."""
    week = now() - timedelta(days=7)  # longer than any session may last
    await session.execute(delete(StaffSession).where(StaffSession.created_at < week))
    await session.execute(delete(Invitation).where(Invitation.ends_at < week))
    await session.execute(delete(Guess).where(Guess.at < now() - timedelta(days=1)))


async def _forget_counted(session: AsyncSession, month: str) -> None:
    """In which figures of an earlier month a woman is."""
    old = Person.counted["month"].as_string() != month
    await session.execute(update(Person).where(old).values(counted=None).execution_options(synchronize_session=False))
