"""HIDE: she is being watched. What the channel lets us delete is deleted, and until she asks something again nothing that
is sent names what the talk was about.

Whatever else is to be said to her meanwhile (an answer to an earlier question, a caseworker's words) is held: it is put into
the outbox as `held`, announced with a harmless sentence if somebody waits for her, and goes out when she writes again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import clearing
from bot.choices import number_in
from bot.deliveries import open_body, put
from bot.messages import Inbound, Outbound
from bot.store.crypto import Vault
from bot.store.models import Delivery, InboundRow, Person, now

_ASKS = {"contact_": "contact", "case_pass_": "pass_on"}
"""Beginnings of choices, and the question that they answer: see `bot.turn.Turn.pending`."""


def asked(inbound: Inbound, words: Iterable[str]) -> bool:
    """Whether a message is HIDE beyond any understanding: the command, `0` in any script, or one of the words alone."""
    if inbound.payload is not None:
        return inbound.payload == "hide"
    written = unicodedata.normalize("NFKC", inbound.text).strip(" \t\r\n.,!?\"'()*-_/\u200e\u200f").casefold()
    return number_in(inbound.text) == 0 or (bool(written) and written in words)


def muted(person: Person) -> bool:
    """Whether nothing may be sent to her now that names what the talk was about."""
    return person.hidden_at is not None


def before(person: Person, moment: datetime) -> bool:
    """Whether a message of that moment came before she hid the talk: its answer must wait."""
    return person.hidden_at is not None and moment < person.hidden_at


async def hide(session: AsyncSession, person: Person, row: InboundRow) -> None:
    """Hold back what is on its way to her, order the deleting, and be quiet from now on. row: her HIDE."""
    await session.execute(
        update(Delivery)
        .where(Delivery.person_id == person.id, Delivery.state == "waiting")
        .values(state="held", error="she has hidden the talk")
    )
    # The moment is after that of her message, so that what came before it can be told from what comes after.
    person.hidden_at = max(now(), row.received_at)
    person.choices, person.topic, person.page, person.fallbacks = [], None, 0, 0
    if not (person.pending or "").startswith("danger"):  # she may still say yes to that, when she is alone again
        person.pending = None
    await clearing.order(session, person, until=person.hidden_at)


async def reopen(session: AsyncSession, vault: Vault, person: Person) -> None:
    """She asks again: what was held goes out, before the answer to what she asks, and she is asked what it asks.

    The news that something waits for her is news no longer.
    """
    if person.hidden_at is None:
        return
    person.hidden_at = None
    news = (Delivery.person_id == person.id, Delivery.key.like(f"news:{person.id}:%"), Delivery.state == "waiting")
    await session.execute(delete(Delivery).where(*news))
    held = (Delivery.person_id == person.id, Delivery.state == "held")
    bodies = select(Delivery.body_sealed).where(*held).order_by(Delivery.id.desc())
    for sealed in (await session.execute(bodies)).scalars():
        if choices := open_body(vault, sealed).choices:
            person.choices = [[choice.label, choice.payload] for choice in choices]
            person.pending = next((p for start, p in _ASKS.items() if choices[0].payload.startswith(start)), None)
            break
    await session.execute(update(Delivery).where(*held).values(state="waiting", due_at=now(), error=None))


async def waits(session: AsyncSession, person: Person) -> bool:
    """Whether something is held for her."""
    held = select(Delivery.id).where(Delivery.person_id == person.id, Delivery.state == "held").limit(1)
    return (await session.execute(held)).first() is not None


async def tell(session: AsyncSession, vault: Vault, person: Person, news: str, **delivery: Any) -> bool:
    """Put something into the outbox that somebody wants her to know; False when it is held because she has hidden the talk.

    news: the harmless sentence that then tells her to write, once, when the message was to go. delivery: as `put` takes it, with
    `key` and `message`.
    """
    put(session, vault, **delivery, person_id=person.id, held=muted(person))
    if person.hidden_at is None:
        return True
    key = f"news:{person.id}:{person.hidden_at:%y%m%d%H%M%S%f}"
    if (await session.execute(select(Delivery.id).where(Delivery.key == key))).first() is None:
        put(
            session,
            vault,
            key=key,
            lane=f"{person.channel}:{person.id}",
            channel=person.channel,
            address=person.address_sealed,
            message=Outbound(news),
            person_id=person.id,
            due_at=delivery.get("due_at"),
        )
    return False
