"""Deletes a chat's messages at the provider, where it lets us: hers and ours, of the last 48 hours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import errands
from bot.messages import DeliveryError
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Clearing, Delivery, InboundRow, Person, now
from channels import Clears

log = structlog.get_logger(__name__)

REACH = timedelta(hours=48)
"""How old a message may be that Telegram still deletes."""

CLEARS = frozenset({"telegram"})
"""Channels that can delete what was written; elsewhere nothing is noted."""


async def ids(session: AsyncSession, person: Person, until: datetime) -> list[str]:
    """The provider's ids of her messages and ours that can still be deleted, oldest first."""
    since = now() - REACH
    hers = select(InboundRow.message_id).where(
        InboundRow.person_id == person.id,
        InboundRow.message_id.is_not(None),
        InboundRow.received_at > since,
        InboundRow.received_at <= until,
    )
    ours = select(Delivery.provider_id).where(
        Delivery.person_id == person.id,
        Delivery.provider_id.is_not(None),
        Delivery.sent_at > since,
        Delivery.created_at <= until,
    )
    found = [*(await session.execute(hers)).scalars(), *(await session.execute(ours)).scalars()]
    numbers = {int(part) for written in found for part in str(written).split(",") if part.isdecimal()}
    return [str(number) for number in sorted(numbers)]


async def order(session: AsyncSession, person: Person, *, until: datetime) -> None:
    """Note that what was written until then is to be deleted, in the caller's transaction."""
    if person.channel not in CLEARS:
        return
    session.add(
        Clearing(
            channel=person.channel,
            address_sealed=person.address_sealed,
            person_id=person.id,
            until=until,
            ids=await ids(session, person, until),
            attempts=0,
            due_at=now(),
        )
    )


class Clearings:
    """Does what was ordered. channels: by name; one that cannot do it is left out."""

    def __init__(self, database: Database, vault: Vault, channels: Mapping[str, object]) -> None:
        self._database, self._vault, self._channels = database, vault, channels
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        await errands.run(self._database, Clearing, self._clear, self.wake)

    async def _clear(self, errand: Clearing) -> None:
        channel = self._channels.get(errand.channel)
        if isinstance(channel, Clears) and errand.address_sealed:
            async with self._database.read() as session:
                under_way = await self._under_way(session, errand)
                person = await session.get(Person, errand.person_id)
                more = await ids(session, person, errand.until) if person is not None else []
            wanted = list(dict.fromkeys([*errand.ids, *more]))
            try:
                if wanted:
                    await channel.clear(self._vault.open(errand.address_sealed), wanted)
            except DeliveryError as error:
                log.warning("a talk was not cleared", channel=errand.channel, error=error.code)
                if not error.permanent and now() - errand.created_at < REACH:
                    await self._again(errand, error.retry_after)
                    return
            else:
                log.info("a talk was cleared", channel=errand.channel, messages=len(wanted))
                if under_way:  # a message that was just being sent when she hid the talk
                    await self._again(errand, 1.0)
                    return
        async with self._database.write() as session:
            if (row := await session.get(Clearing, errand.id)) is not None:
                await session.delete(row)

    async def _under_way(self, session: AsyncSession, errand: Clearing) -> bool:
        sending = select(Delivery.id).where(
            Delivery.person_id == errand.person_id, Delivery.state == "sending", Delivery.created_at <= errand.until
        )
        return (await session.execute(sending.limit(1))).first() is not None

    async def _again(self, errand: Clearing, seconds: float | None) -> None:
        async with self._database.write() as session:
            if (row := await session.get(Clearing, errand.id)) is not None:
                row.due_at = now() + (errands.pause(row.attempts) if seconds is None else timedelta(seconds=seconds))
