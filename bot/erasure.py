"""Erasure: deletes what is kept of a woman, at her request or after she has not written for long.

A call for help is not lost by it: whoever holds her phone could send "delete". What the partner needs (her number, the messages
of that case) stays sealed until the case is closed, 30 days at most, and goes then; she is told so. If she has said that she
wants no contact, it goes at once. Cases stay as bare figures (kind, times, corridor, outcome); nothing in them leads to her.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.reconciling import remember_erased
from bot.store.crypto import Vault
from bot.store.models import Case, CaseEvent, Delivery, InboundRow, Person, now
from bot.store.removing import blank_sealed, pointing_at, remove, remove_where, reset, table_of

LONGEST = timedelta(days=30)
"""How long an erasure waits for her case to be closed."""

SHELL = frozenset({"id", "channel", "created_at", "wrote_at"})
"""What stays of a person whose cases stay: a row that they can point at."""

BARE = frozenset(
    {
        *(
            "id",
            "number",
            "person_id",
            "state",
            "kind",
            "severity",
            "round",
            "consent",
            "language",
            "origin",
            "destination",
        ),
        *("opened_at", "notified_at", "acknowledged_at", "closed_at", "outcome", "taken_partner", "taken_by"),
        "drill_partner",
    }
)
"""What stays of a case."""


async def erase(session: AsyncSession, vault: Vault, person: Person, *, why: str = "at her request") -> bool:
    """Delete what is kept of her. False when a call for help is not closed yet; `finish` does the rest then."""
    await session.flush()
    await remember_erased(session, vault, person)
    await session.flush()
    cases = (await session.execute(select(Case).where(Case.person_id == person.id))).scalars().all()
    calls = [case.id for case in cases if _is_call(case)]
    mine = table_of(InboundRow).c.person_id == person.id
    in_them = table_of(InboundRow).c.case_id
    await remove_where(session, table_of(InboundRow), mine, or_(in_them.is_(None), in_them.not_in(calls)))
    await remove_where(session, table_of(Delivery), table_of(Delivery).c.person_id == person.id)
    others = [case.id for case in cases if case.id not in calls]
    await strip(session, others)
    session.add_all(CaseEvent(case_id=case, what=f"her data was deleted {why}") for case in others)
    if calls:
        reset(person, SHELL | {"mark", "address_sealed", "stopped", "stopped_at", "stopped_by"})
        person.erase_asked_at = now()
        what = "she had her data deleted; what this call for help needs goes when the case is closed"
        session.add_all(CaseEvent(case_id=case, what=what) for case in calls)
        return False
    await _forget(session, person, stays=bool(cases))
    return True


async def finish(session: AsyncSession) -> int:
    """Delete what waited for a case to be closed, and waits no more; how many women it was."""
    asked = (await session.execute(select(Person).where(Person.erase_asked_at.is_not(None)))).scalars().all()
    done = 0
    for person in asked:
        assert person.erase_asked_at is not None
        cases = (await session.execute(select(Case).where(Case.person_id == person.id))).scalars().all()
        if any(map(_is_call, cases)) and now() - person.erase_asked_at < LONGEST:
            continue
        done += 1
        table = table_of(InboundRow)
        before = table.c.received_at <= person.erase_asked_at
        await remove_where(session, table, table.c.person_id == person.id, before)
        await strip(session, [case.id for case in cases if case.opened_at <= person.erase_asked_at])
        if person.wrote_at > person.erase_asked_at:  # she has written again and is known anew
            person.erase_asked_at = None
        else:
            await _forget(session, person, stays=True)
    return done


def _is_call(case: Case) -> bool:
    """Whether somebody may still have to reach her."""
    return case.state != "closed" and case.kind != "request" and case.consent != "declined"


async def strip(session: AsyncSession, cases: Sequence[int]) -> None:
    """Leave bare figures of these cases. What is still on its way to a partner goes first, and is forgotten then."""
    if not cases:
        return
    await session.flush()
    table = table_of(Delivery)
    over = table.c.state.not_in(("waiting", "sending"))
    await remove_where(session, table, table.c.case_id.in_(cases), over)
    await session.execute(update(Delivery).where(Delivery.case_id.in_(cases)).values(forget=True))
    await session.execute(delete(CaseEvent).where(CaseEvent.case_id.in_(cases)))
    for column in pointing_at(table_of(Case)):
        if column.table not in (table_of(Delivery), table_of(InboundRow)):
            await blank_sealed(session, column.table, column.in_(cases))
    for case in (await session.execute(select(Case).where(Case.id.in_(cases)))).scalars():
        reset(case, BARE)


async def _forget(session: AsyncSession, person: Person, *, stays: bool) -> None:
    """stays: whether a row has to stay that cases can point at."""
    if not stays:
        await remove(session, table_of(Person), [person.id])
        return
    reset(person, SHELL)
    person.mark = uuid.uuid4().hex
