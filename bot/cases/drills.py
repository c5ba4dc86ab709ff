"""Drills: a marked case that stands for nobody, sent by the real ways and up the real ladder to one partner.

It is a row among the cases, with `drill_partner`, so that everything by which a partner answers works on it as on any other.
Its person is nobody: without an address, so that nothing that is said about it can go to a woman.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.actors import OPERATOR
from bot.cases.directory import Directory
from bot.cases.ladder import Ladder
from bot.cases.numbering import new_number
from bot.cases.rungs import of_partner
from bot.cases.telling import DRILL, of_drill
from bot.cases.timeline import note
from bot.store.models import Case, Person, now

EVERY = timedelta(days=30)
"""A partner that has not passed a drill for so long is named where an operator looks."""

NOBODY = "drill"
"""Id of the person that all drills are of."""


class DrillRefused(Exception):
    """The drill cannot begin; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """The last drill of a partner. state: running, passed, missed, or never.

    after: how long it took to be acknowledged. promise: what the partner promises. by: who took it, as the timeline names it.
    passed_at: when it last passed one.
    """

    partner_id: str
    promise: timedelta
    state: str = "never"
    number: str = ""
    started_at: datetime | None = None
    after: timedelta | None = None
    by: str = ""
    passed_at: datetime | None = None

    @property
    def late(self) -> bool:
        """Whether it was acknowledged later than the partner promises."""
        return self.after is not None and self.after > self.promise

    @property
    def due(self) -> bool:
        """Whether a drill is to be made: none was passed within `EVERY`."""
        return self.passed_at is None or self.passed_at < now() - EVERY


def reachable(directory: Directory) -> list[str]:
    """The partners that a drill can be sent to, the operator first."""
    ids = [OPERATOR, *(partner.id for partner in directory.others())]
    return [partner_id for partner_id in ids if directory.ways(partner_id)]


async def begin(session: AsyncSession, directory: Directory, ladder: Ladder, partner_id: str) -> Case:
    """Send a drill to a partner, in the caller's transaction. Raises `DrillRefused`."""
    if directory.partner(partner_id) is None:
        raise DrillRefused(f"{partner_id}: there is no such file in content/partners.")
    if not directory.ways(partner_id):
        raise DrillRefused(f"{partner_id}: no way to it is set up here.")
    if not of_partner(directory, partner_id, now()):
        until = directory.closed_until(partner_id, now())
        opens = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        raise DrillRefused(f"{partner_id}: closed{opens}, and has no way for out of hours.")
    same = select(Case.number).where(Case.drill_partner == partner_id, Case.state != "closed")
    if running := (await session.execute(same.limit(1))).scalar():
        raise DrillRefused(f"{partner_id}: drill {running} is under way.")
    case = Case(
        number=await new_number(session),
        person_id=(await _nobody(session)).id,
        state="open",
        kind=DRILL,
        severity=DRILL,
        reason="drill",
        consent="told",
        language="en",
        opened_at=now(),
        round=0,
        drill_partner=partner_id,
    )
    session.add(case)
    await session.flush()
    note(session, case, "drill begun")
    await ladder.begin(session, case, of_drill(case.number, case.opened_at), "opened")
    return case


async def results(session: AsyncSession, directory: Directory, partners: Sequence[str] = ()) -> list[Result]:
    """The last drill of each partner that can be reached, or of those that are named."""
    return [await _result(session, directory, partner_id) for partner_id in partners or reachable(directory)]


async def overdue(session: AsyncSession, directory: Directory) -> list[str]:
    """One sentence for each partner that has not passed a drill within `EVERY`."""
    return [
        f"partner {found.partner_id} has not passed a drill in {EVERY.days} days "
        f"({f'last on {found.passed_at:%Y-%m-%d}' if found.passed_at else 'never yet'}): kasama drill"
        for found in await results(session, directory)
        if found.due
    ]


async def _result(session: AsyncSession, directory: Directory, partner_id: str) -> Result:
    partner = directory.partner(partner_id)
    promise = timedelta(minutes=partner.promise_minutes if partner else 0)
    mine = Case.drill_partner == partner_id
    last = (await session.execute(select(Case).where(mine).order_by(Case.id.desc()).limit(1))).scalar_one_or_none()
    if last is None:
        return Result(partner_id, promise)
    # By the id, not by the greatest moment: SQLite would hand that back without its zone.
    passed = select(Case.acknowledged_at).where(mine, Case.acknowledged_at.is_not(None))
    passed_at = (await session.execute(passed.order_by(Case.id.desc()).limit(1))).scalar()
    after = last.acknowledged_at - last.opened_at if last.acknowledged_at else None
    state = "passed" if after is not None else "missed" if last.state == "closed" else "running"
    return Result(
        partner_id, promise, state, last.number, last.opened_at, after, last.taken_by or "", passed_at
    )  # fmt: skip


async def _nobody(session: AsyncSession) -> Person:
    person = await session.get(Person, NOBODY)
    if person is None:
        person = Person(id=NOBODY, mark=NOBODY, channel=NOBODY, address_sealed=b"", choices=[])
        session.add(person)
        await session.flush()
    return person
