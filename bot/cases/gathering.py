"""Her further messages in a case, on their way to whoever has it: the first few at once, a flood of them gathered.

Nothing is lost by it: a message that is not told at once is marked as such in its own row, and one notice after a while holds
all of them. The waiting is a row among the steps of the ladder, so it survives a restart and is done by one replica.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.actors import OPERATOR
from bot.cases.announcing import Announcing, words_of
from bot.cases.directory import Way
from bot.cases.passing import granted
from bot.cases.telling import News
from bot.cases.timeline import note
from bot.store.models import Case, Delivery, InboundRow, LadderStep, Person, now

WINDOW = timedelta(minutes=10)
MOST = 5
"""Messages of a case in `WINDOW` that go to partners at once."""

MOST_IN_TALK = 30
"""The same while a caseworker talks with her: people who talk write many short messages."""

PAUSES = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
"""How long messages are gathered: the first time within `LONG`, the second, and from then on."""

LONG = timedelta(hours=2)


async def pass_along(
    session: AsyncSession, announcing: Announcing, case: Case, person: Person, inbound: InboundRow, text: str
) -> None:
    """Send a message of the case to whoever has it, at once or with those that follow; in the transaction that stores it."""
    # One at a time per case, so that two replicas do not both think that nothing waits yet.
    await session.execute(select(Case.id).where(Case.id == case.id).with_for_update(key_share=True))
    moment = now()
    waits = _steps(case).where(LadderStep.state == "waiting").limit(1)
    if (await session.execute(waits)).first() is not None:
        inbound.untold = True
        return
    talking = case.quiet_until is not None and case.quiet_until > moment
    if await _told_lately(session, case, moment) < (MOST_IN_TALK if talking else MOST):
        told = await announcing.told(session, case, person, [(inbound.received_at, text)])
        ways = await ways_of_more(session, announcing, case)
        announcing.to_partners(session, case, told, ways, News("message"), f"m{inbound.id}", inbound=inbound)
        return
    inbound.untold = True
    lately = _steps(case).where(LadderStep.due_at > moment - LONG)
    times = len((await session.execute(lately)).all())
    pause = PAUSES[min(times, len(PAUSES) - 1)]
    session.add(LadderStep(case_id=case.id, round=case.round, kind="gather", due_at=moment + pause))
    note(session, case, "she writes much: from now on her messages are told together, every few minutes")


async def tell_gathered(
    session: AsyncSession, announcing: Announcing, case: Case, person: Person, step: LadderStep
) -> None:
    """One notice with everything that was gathered. step: the claimed one."""
    waiting = select(InboundRow).where(InboundRow.case_id == case.id, InboundRow.untold.is_(True))
    rows = list((await session.execute(waiting.order_by(InboundRow.id))).scalars())
    if not rows:  # she has had them deleted
        return
    words = [(row.received_at, words_of(announcing.vault, row)) for row in rows]
    told = await announcing.told(session, case, person, words)
    ways = await ways_of_more(session, announcing, case)
    announcing.to_partners(session, case, told, ways, News("message", times=len(rows)), f"g{step.id}")
    step.ways = [way.id for way in ways]
    await session.execute(update(InboundRow).where(InboundRow.id.in_([row.id for row in rows])).values(untold=False))
    note(session, case, f"{len(rows)} messages of hers told together")


async def ways_of_more(
    session: AsyncSession, announcing: Announcing, case: Case, *, every: bool = False
) -> Sequence[Way]:
    """Where further messages go: to the one who has taken the case, else to all that know of it. every: to all, always.

    Whoever she took her yes back from gets nothing more.
    """
    ways = await announcing.ways_told(session, case)
    if not ways:  # told before there was a ladder
        ways = announcing.directory.ways(OPERATOR)
    agreed = {OPERATOR, *await granted(session, case)}
    ways = [way for way in ways if way.partner in agreed]
    if case.taken_partner and not every:
        own = [way for way in ways if way.partner == case.taken_partner]
        return own or announcing.directory.ways(case.taken_partner) or ways
    return ways


def _steps(case: Case) -> Select[Any]:
    return select(LadderStep.id).where(LadderStep.case_id == case.id, LadderStep.kind == "gather")


async def _told_lately(session: AsyncSession, case: Case, moment: datetime) -> int:
    told = select(func.count(func.distinct(Delivery.inbound_id))).where(
        Delivery.case_id == case.id,
        Delivery.person_id.is_(None),
        Delivery.inbound_id.is_not(None),
        Delivery.created_at > moment - WINDOW,
    )
    return int((await session.execute(told)).scalar_one())
