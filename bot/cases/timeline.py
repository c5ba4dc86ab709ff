"""The timeline of a case: what happened, when, and who did it; never her words."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.actors import KASAMA, Actor
from bot.metrics import TIME_TO_PARTNER
from bot.store.models import Case, CaseEvent, Delivery, LadderStep, now

ANSWER = "answer:"
"""How the key of a delivery begins that answers a partner: it announces nothing."""


def note(
    session: AsyncSession, case: Case, what: str, actor: Actor = KASAMA, *, body: bytes | None = None
) -> CaseEvent:
    """Add a line. body: sealed words of a colleague."""
    event = CaseEvent(case_id=case.id, what=what[:300], actor=str(actor), body_sealed=body)
    session.add(event)
    return event


async def note_delivery(session: AsyncSession, delivery: Delivery) -> None:
    """Write into the case what became of a delivery to a partner; one that failed for good hastens the next step."""
    if delivery.case_id is None or delivery.person_id is not None or delivery.key.startswith(ANSWER):
        return
    case = await session.get(Case, delivery.case_id, with_for_update=True)
    if case is None:
        return
    partner = (delivery.key.split(":") + [""] * 5)[3]
    whom = f"partner {partner}" if partner and partner != "operator" else "partner"
    if delivery.state == "sent":
        if case.state == "open":
            case.state, case.notified_at = "notified", now()
            if case.drill_partner is None and not case.round:
                TIME_TO_PARTNER.observe((case.notified_at - case.opened_at).total_seconds())
        note(session, case, f"{whom} notified by {delivery.channel}")
    elif delivery.attempts == 1 or delivery.state == "failed":
        note(session, case, f"{whom} not reached by {delivery.channel}: {delivery.error} ({delivery.state})")
    if delivery.state == "failed" and case.state in ("open", "notified"):
        waiting = (LadderStep.case_id == case.id, LadderStep.state == "waiting", LadderStep.kind == "notify")
        await session.execute(update(LadderStep).where(*waiting).values(due_at=now()))
