"""Passing a case on to a partner beside the operator: only with her yes, which is kept and can be taken back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding
from bot.cases.actors import SHE, Actor
from bot.cases.announcing import Announcing
from bot.cases.timeline import note
from bot.messages import Outbound
from bot.store.models import Case, CasePartner, Person, now


async def granted(session: AsyncSession, case: Case) -> list[str]:
    """The partners that she has agreed to, in the order of agreeing."""
    rows = select(CasePartner.partner_id).where(CasePartner.case_id == case.id, CasePartner.state == "granted")
    return list((await session.execute(rows.order_by(CasePartner.at, CasePartner.id))).scalars())


async def word(session: AsyncSession, case: Case, partner_id: str) -> CasePartner | None:
    """What she has said about one partner."""
    row = select(CasePartner).where(CasePartner.case_id == case.id, CasePartner.partner_id == partner_id)
    return (await session.execute(row)).scalar_one_or_none()


async def set_word(session: AsyncSession, case: Case, partner_id: str, state: str, actor: Actor = SHE) -> None:
    """Note her word. state: asked, granted, refused, revoked."""
    row = await word(session, case, partner_id)
    if row is None:
        row = CasePartner(case_id=case.id, partner_id=partner_id, state=state)
        session.add(row)
    row.state, row.at = state, now()
    said = {
        "asked": "she was asked whether it may be passed on to",
        "granted": "she agrees that it is passed on to",
        "refused": "she does not want it passed on to",
        "revoked": "she has taken back her yes for",
    }[state]
    note(session, case, f"{said} {partner_id}", actor)
    await session.flush()


async def asked_for(session: AsyncSession, case: Case, state: str = "asked") -> str | None:
    """The partner of the last such word; None when there is none."""
    rows = select(CasePartner.partner_id).where(CasePartner.case_id == case.id, CasePartner.state == state)
    return (await session.execute(rows.order_by(CasePartner.at.desc(), CasePartner.id.desc()).limit(1))).scalar()


async def ask_to_pass(
    session: AsyncSession, announcing: Announcing, case: Case, person: Person, partner_id: str | None = None
) -> Outbound | None:
    """The question whether a partner may have her case, with its choices, noted as asked; None when there is none to ask about.

    partner_id: which; without it the best fitting one that she has not been asked about, if no other question is open.
    """
    if partner_id is None:
        if await asked_for(session, case) is not None:
            return None
        rows = select(CasePartner.partner_id).where(CasePartner.case_id == case.id)
        known = set((await session.execute(rows)).scalars())
        partner_id = next((p.id for p in announcing.directory.fitting(case) if p.id not in known), None)
        if partner_id is None:
            return None
    await set_word(session, case, partner_id, "asked")
    if not hiding.muted(person):  # else she is asked when she reads it
        person.pending = "pass_on"
    name = announcing.directory.name(partner_id, person.language or "en")
    choices = announcing.choices(person, ("choice_yes", "case_pass_yes"), ("choice_no", "case_pass_no"))
    return Outbound(announcing.phrase("case_pass_ask", person, other=name), choices)
