"""The database: SQLite in WAL mode with full sync, or PostgreSQL, behind two kinds of session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from bot.store import one_hop
from bot.store.turns import Rank, Turns

_MIGRATING = 0x6B6173616D61
"""The advisory lock of PostgreSQL that a replica holds while it changes the tables; any number that is ours."""

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


class Database:
    """Opens sessions. `durable=False` is for throwaway databases: they need not survive a power cut.

    shared: whether other replicas of the service may work on it. SQLite is one process's own.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = url
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self.shared = not self._sqlite
        here = {"timeout": 30, "async_creator_fn": one_hop.connect}
        options: dict[str, Any] = {"connect_args": here} if self._sqlite else {"pool_pre_ping": True}
        self.engine = create_async_engine(url, pool_size=8, max_overflow=8, **options)
        # One writer at a time is all that SQLite allows; waiting here costs less than its busy loop.
        self._writer = Turns() if self._sqlite else None
        if self._sqlite:
            event.listen(self.engine.sync_engine, "connect", _sqlite_connection("FULL" if durable else "OFF"))
            event.listen(self.engine.sync_engine, "begin", _sqlite_begin)

    async def migrate(self) -> None:
        """Bring the tables to the newest version; does nothing when they are."""
        if self._sqlite and (path := make_url(self.url).database):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        async with self.engine.begin() as connection:
            if self.shared:  # one replica at a time; the next finds nothing to do
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            await connection.run_sync(_upgrade)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session to look things up with; what it changes is not kept."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self, rank: Rank = Rank.OTHER) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end; on disk when this returns. rank: who goes first where one writes at a time."""
        if self._writer is None:
            async with self._transaction(self.engine.connect()) as session:
                yield session
        else:
            async with self._writer.turn(rank), self._transaction(self.engine.connect()) as session:
                yield session

    @asynccontextmanager
    async def _transaction(self, connecting: Any) -> AsyncIterator[AsyncSession]:
        connection: AsyncConnection
        async with connecting as connection:
            await connection.execution_options(kasama_write=True)
            async with AsyncSession(connection, expire_on_commit=False) as session:
                yield session
                await session.commit()

    async def compact(self) -> None:
        """Bring what is in the write-ahead log into the file and empty the log, so that no deleted content stays in it."""
        if self._sqlite:
            async with self.engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _sqlite_connection(synchronous: str) -> Any:
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun by `_sqlite_begin`
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "secure_delete=ON",  # what is deleted is overwritten
            "temp_store=MEMORY",  # sorting leaves no file behind
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return set_up


def _sqlite_begin(connection: Any) -> None:
    # A transaction that reads first and writes later fails when another wrote in between; IMMEDIATE takes the write lock at once.
    # A look needs none: each statement sees what is committed then, as in PostgreSQL.
    if connection.get_execution_options().get("kasama_write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
