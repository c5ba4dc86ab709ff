"""Looking at cases: which ones a partner sees, one with everything, and who has looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select, true
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
    """Condition: the operator sees every case, another partner those that she has agreed to and not taken back."""
    if partner_id == OPERATOR:
        return true()
    return exists().where(
        CasePartner.case_id == Case.id, CasePartner.partner_id == partner_id, CasePartner.state == "granted"
    )


async def queue(session: AsyncSession, partner_id: str, *, closed: bool = False) -> list[Case]:
    """A partner's cases: what nobody has taken first, by urgency, then the oldest first. closed: those that ended too."""
    waiting = when((Case.state.in_(("open", "notified")), 0), else_=1)
    urgency = when((Case.severity == "critical", 0), (Case.severity == "urgent", 1), else_=2)
    wanted = select(Case).where(visible_to(partner_id)).order_by(waiting, urgency, Case.opened_at, Case.id)
    return list((await session.execute(wanted if closed else wanted.where(Case.state != "closed"))).scalars())


async def find(session: AsyncSession, number: str, partner_id: str) -> Case | None:
    """A case by its number, if the partner may see it."""
    return (
        await session.execute(select(Case).where(Case.number == number, visible_to(partner_id)))
    ).scalar_one_or_none()


async def read(session: AsyncSession, case: Case, actor: Actor) -> CaseView:
    """A case with everything; that it was looked at is noted, so the session must be one that writes."""
    session.add(CaseLook(case_id=case.id, actor=str(actor), how=actor.how))

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
