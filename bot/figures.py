"""What is counted for advocacy: bare monthly figures, written in the transaction that answers, linked to nobody.

A figure counts women, not messages: each is counted once a month in a figure. What she is counted in already stands in her own
row until the month is over, and goes with it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.knowledge import Knowledge, Route
from bot.replies import money
from bot.store.models import Figure, Person, now
from bot.turn import Step


async def count(session: AsyncSession, knowledge: Knowledge, person: Person, step: Step) -> None:
    """Count the question that a step answers, if it answers one."""
    reply = next((reply for reply in step.replies if "answer" in reply), None)
    if reply is None:
        return
    found = [("topic", str(reply["answer"]).removeprefix("ask_")), ("language", person.language or "en")]
    asked = money(reply.get("asked"))
    if reply["answer"] == "ask_fees" and asked and asked.amount > 0:
        found.append(("fee", knowledge.fee_band(Route(person.origin, person.destination), asked)))
    month, route = f"{now():%Y-%m}", (person.origin or "", person.destination or "")
    seen: list[list[str]] = _seen(person, month)
    for what, value in found:
        key = [*route, what, value]
        if key not in seen:
            seen = [*seen, key]
            await _add(session, month, route, what, value)
    person.counted = {"month": month, "in": seen}


def _seen(person: Person, month: str) -> list[list[str]]:
    counted: dict[str, Any] = person.counted or {}
    return list(counted["in"]) if counted.get("month") == month else []


async def _add(session: AsyncSession, month: str, route: tuple[str, str], what: str, value: str) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"month": month, "origin": route[0], "destination": route[1], "what": what, "value": value[:30], "women": 1}
    adding = insert(Figure).values(row)
    await session.execute(
        adding.on_conflict_do_update(
            index_elements=["month", "origin", "destination", "what", "value"], set_={"women": Figure.women + 1}
        )
    )
