"""Whether she can be written to: she may block the bot, and let it in again. The partner who has her case is told once."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot import people
from bot.cases import CaseRoom
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import CaseEvent, Person, now

log = structlog.get_logger(__name__)


class Reach:
    """Notes it at the person."""

    def __init__(self, database: Database, vault: Vault, cases: CaseRoom) -> None:
        self._database, self._vault, self._cases = database, vault, cases

    async def notice(self, channel: str, address: str, reachable: bool) -> None:
        """The provider says that she has blocked us, or let us in again."""
        async with self._database.write() as session:
            person = await people.known(session, self._vault, channel, address)
            if person is None:
                return
            if reachable:
                await self.found(session, person)
            else:
                await self._lost(session, person)

    async def lost(self, session: AsyncSession, person_id: str) -> None:
        """The provider has refused a message because she has blocked us."""
        if (person := await session.get(Person, person_id)) is not None:
            await self._lost(session, person)

    async def _lost(self, session: AsyncSession, person: Person) -> None:
        if person.unreachable_at is None:
            person.unreachable_at = now()
            log.info("she cannot be reached any more", channel=person.channel)
        if (case := await self._cases.current(session, person)) is not None:
            await self._cases.tell(session, case, "unreachable", "she has blocked the bot: no message reaches her")

    async def found(self, session: AsyncSession, person: Person) -> None:
        """She can be written to again: she has let us in, or written."""
        if person.unreachable_at is None:
            return
        person.unreachable_at = None
        log.info("she can be reached again", channel=person.channel)
        if (case := await self._cases.current(session, person)) is not None:
            session.add(CaseEvent(case_id=case.id, what="she can be reached again"))
