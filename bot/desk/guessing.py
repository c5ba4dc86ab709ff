"""Lock-out on guessing: per account, whether there is one or not, and per address, longer each time.

An attempt is counted before the password is looked at, so that many at once are no way around it.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.desk_tables import Guess
from bot.store.models import now

log = structlog.get_logger(__name__)

ACCOUNT, ADDRESS = 5, 30
"""Failures that are free. People of one office share an address."""

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
"""After this without a failure it begins anew."""


class Guessing:
    """Counts attempts."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def begin(self, account: str, address: str) -> int:
        """Count an attempt; seconds that the account or the address is locked, 0 when the attempt may be made."""
        async with self._database.write() as session:
            rows = [(await self._row(session, mark), free) for mark, free in self._marks(account, address)]
            moment = now()
            until = [row.locked_until for row, _ in rows if row.locked_until is not None and row.locked_until > moment]
            if until:
                return int((max(until) - moment).total_seconds()) + 1
            for row, free in rows:
                if moment - row.at > FORGOTTEN:
                    row.failures = 0
                row.failures, row.at = row.failures + 1, moment
                if row.failures >= free:
                    wait = min(FIRST * 2 ** min(row.failures - free, 10), LONGEST)
                    row.locked_until = moment + wait
                    log.warning("sign-in is locked after too many failures", seconds=wait.seconds)
        return 0

    async def succeeded(self, account: str, address: str) -> None:
        """The attempt was no guess."""
        async with self._database.write() as session:
            (mine, _), (place, _) = self._marks(account, address)
            await session.execute(delete(Guess).where(Guess.mark == mine))
            row = await self._row(session, place)
            row.failures, row.locked_until = max(0, row.failures - 1), None

    def _marks(self, account: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
        return (
            (self._vault.mark("guess at account", account), ACCOUNT),
            (self._vault.mark("guess from address", _network(address)), ADDRESS),
        )

    @staticmethod
    async def _row(session: AsyncSession, mark: str) -> Guess:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        new = insert(Guess).values(mark=mark, failures=0, at=now())
        await session.execute(new.on_conflict_do_nothing(index_elements=["mark"]))
        return (await session.execute(select(Guess).where(Guess.mark == mark).with_for_update())).scalar_one()


def _network(address: str) -> str:
    """An IPv6 customer has 2^64 addresses: they count as one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else str(ip)
