"""Which messages of a provider's list are here already, or were here and were erased at her request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import ErasedInbound, InboundRow, Person, now

KEPT = timedelta(days=8)
"""How long it is remembered that a message was erased; no list of a provider is read further back."""


async def stored(database: Database, vault: Vault, channel: str, provider_ids: Sequence[str]) -> set[str]:
    """Those of these messages that are not missing."""
    found: set[str] = set()
    async with database.read() as session:
        for start in range(0, len(provider_ids), 500):
            some = provider_ids[start : start + 500]
            here = select(InboundRow.provider_id).where(InboundRow.channel == channel, InboundRow.provider_id.in_(some))
            found.update((await session.execute(here)).scalars())
            marks = {mark: i for i in some for mark in vault.marks(*_parts(channel, i))}
            gone = select(ErasedInbound.mark).where(ErasedInbound.mark.in_(list(marks)))
            found.update(marks[mark] for mark in (await session.execute(gone)).scalars())
    return found


async def remember_erased(session: AsyncSession, vault: Vault, person: Person) -> None:
    """Note, before they are erased, that her recent messages were here; only a keyed hash of the provider's ids stays."""
    await session.execute(delete(ErasedInbound).where(ErasedInbound.at < now() - KEPT))
    recent = select(InboundRow.channel, InboundRow.provider_id).where(
        InboundRow.person_id == person.id, InboundRow.received_at > now() - KEPT
    )
    for channel, provider_id in (await session.execute(recent)).all():
        await session.merge(ErasedInbound(mark=vault.mark(*_parts(channel, provider_id)), at=now()))


def _parts(channel: str, provider_id: str) -> tuple[str, str, str]:
    return "erased inbound", channel, provider_id
