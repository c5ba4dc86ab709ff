"""Looking at cases: which ones a partner sees, one with everything, and who has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.actors import OPERATOR, Actor
from bot.cases.announcing import messages_of
from bot.store.models import Case, CaseEvent, CaseLook, CasePartner, InboundRow, Person


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that belongs to it. events: the timeline, oldest first. partners: her word about each."""

    case: Case
    person: Person
    messages: tuple[InboundRow, ...]
    events: tuple[CaseEvent, ...]
    partners: tuple[CasePartner, ...]


def visible_to(partner_id: str) -> ColumnElement[bool]:
    """Condition: the operator sees every case, another partner its drills and what she has agreed to and not taken back."""
    if partner_id == OPERATOR:
        return true()
    agreed = exists().where(
        CasePartner.case_id == Case.id, CasePartner.partner_id == partner_id, CasePartner.state == "granted"
    )
    return or_(agreed, Case.drill_partner == partner_id)


_WAITING = ("open", "notified")
_ORDER = (
    when((Case.state.in_(_WAITING), 0), (Case.state == "closed", 2), else_=1),
    when((Case.severity == "critical", 0), (Case.severity == "urgent", 1), else_=2),
    Case.opened_at,
    Case.id,
)
"""What nobody has taken first, by urgency, then the oldest first."""


async def queue(session: AsyncSession, partner_id: str, *, closed: bool = False) -> list[Case]:
    """A partner's cases: what nobody has taken first, by urgency, then the oldest first. closed: those that ended too."""
    wanted = select(Case).where(visible_to(partner_id)).order_by(*_ORDER)
    return list((await session.execute(wanted if closed else wanted.where(Case.state != "closed"))).scalars())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to list; what is empty excludes nothing.

    state: one of a case's states, `waiting` (nobody has taken it), `all`; empty: all but closed. partner: has taken it or was
    given it. taken_by: an actor as the timeline names it.
    """

    state: str = ""
    kind: str = ""
    origin: str = ""
    destination: str = ""
    language: str = ""
    partner: str = ""
    taken_by: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a query on cases."""
        found: list[ColumnElement[bool]] = []
        if self.state == "waiting":
            found.append(Case.state.in_(_WAITING))
        elif self.state == "":
            found.append(Case.state != "closed")
        elif self.state != "all":
            found.append(Case.state == self.state)
        columns = (
            (Case.kind, self.kind),
            (Case.origin, self.origin),
            (Case.destination, self.destination),
            (Case.language, self.language),
            (Case.taken_by, self.taken_by),
        )
        found += [column == value for column, value in columns if value]
        if self.partner:
            given = select(CasePartner.case_id).where(
                CasePartner.partner_id == self.partner, CasePartner.state == "granted"
            )
            found.append(or_(Case.taken_partner == self.partner, Case.id.in_(given)))
        return found


async def listed(
    session: AsyncSession, partner_id: str, wanted: Wanted, *, start: int = 0, most: int = 50
) -> tuple[list[Case], int]:
    """A part of the queue, and how many cases there are in all. start: how many to leave out."""
    among = [visible_to(partner_id), *wanted.conditions()]
    total = (await session.execute(select(func.count()).select_from(Case).where(*among))).scalar_one()
    # Sorted by number alone, then read: rows are wide, and only some of them are shown.
    ids = select(Case.id).where(*among).order_by(*_ORDER).offset(start).limit(most)
    rows = select(Case).where(Case.id.in_((await session.execute(ids)).scalars().all())).order_by(*_ORDER)
    return list((await session.execute(rows)).scalars()), total


async def last_heard(session: AsyncSession, cases: Sequence[Case]) -> dict[int, datetime]:
    """When she last wrote in each of these cases."""
    rows = select(InboundRow.case_id, func.max(InboundRow.received_at)).where(
        InboundRow.case_id.in_([case.id for case in cases])
    )
    found = (await session.execute(rows.group_by(InboundRow.case_id))).all()
    return {int(case): at if at.tzinfo else at.replace(tzinfo=UTC) for case, at in found if case is not None}


async def last_written(session: AsyncSession, cases: Sequence[Case]) -> dict[int, datetime]:
    """When a caseworker last wrote to her in each of these cases."""
    rows = select(CaseEvent.case_id, func.max(CaseEvent.at)).where(
        CaseEvent.case_id.in_([case.id for case in cases]), CaseEvent.what == "wrote to her"
    )
    found = (await session.execute(rows.group_by(CaseEvent.case_id))).all()
    return {int(case): at if at.tzinfo else at.replace(tzinfo=UTC) for case, at in found}


async def find(session: AsyncSession, number: str, partner_id: str) -> Case | None:
    """A case by its number, if the partner may see it."""
    return (
        await session.execute(select(Case).where(Case.number == number, visible_to(partner_id)))
    ).scalar_one_or_none()


async def read(session: AsyncSession, case: Case, actor: Actor) -> CaseView:
    """A case with everything; that it was looked at is noted, so the session must be one that writes."""
    session.add(CaseLook(case_id=case.id, actor=str(actor), how=actor.how))
    return await read_again(session, case)


async def read_again(session: AsyncSession, case: Case) -> CaseView:
    """The same for a page that renews itself: the look has been noted."""

    async def rows(table: Any, order: Any) -> tuple[Any, ...]:
        return tuple((await session.execute(select(table).where(table.case_id == case.id).order_by(order))).scalars())

    return CaseView(
        case,
        await session.get_one(Person, case.person_id),
        tuple(await messages_of(session, case)),
        await rows(CaseEvent, CaseEvent.id),
        await rows(CasePartner, CasePartner.id),
    )


async def looks(session: AsyncSession, case: Case) -> list[CaseLook]:
    """Who has looked at a case, oldest first."""
    rows = select(CaseLook).where(CaseLook.case_id == case.id).order_by(CaseLook.id)
    return list((await session.execute(rows)).scalars())
