"""SQLite from asyncio with one hop to the connection's thread per statement.

aiosqlite goes there for each of cursor, execute, fetch and close. A message costs some thirty statements, and the hops cost
more than the statements: here a statement and its rows come in one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite


class OneHopCursor:
    """The part of aiosqlite's cursor that SQLAlchemy uses. All rows are in memory once a statement has run."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._next = 0
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> OneHopCursor:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> OneHopCursor:
        """Run a statement and take its rows."""
        return await self._run(lambda connection: connection.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> OneHopCursor:
        """Run a statement for each set of parameters."""
        return await self._run(lambda connection: connection.executemany(statement, parameters))

    async def _run(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> OneHopCursor:
        def work(connection: sqlite3.Connection) -> tuple[Any, int, int | None, list[Any]]:
            cursor = statement(connection)
            try:
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        found = await self._connection.in_thread(work)
        self.description, self.rowcount, self.lastrowid, self._rows = found
        self._next = 0
        return self

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        start = self._next
        self._next = min(len(self._rows), start + (self.arraysize if size is None else size))
        return self._rows[start : self._next]

    async def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return await self.fetchmany(len(self._rows))

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []


class OneHopConnection(aiosqlite.Connection):
    """aiosqlite's connection, whose thread is asked once per statement."""

    def cursor(self) -> Any:
        """A cursor; see `OneHopCursor`."""
        return OneHopCursor(self)

    _asked = _done = 0  # each is written by one thread only

    async def rollback(self) -> None:
        """Ends the transaction, if there is one: a look at the database has none.

        A statement whose caller was cancelled may still be on its way, and may begin one.
        """
        if self._asked != self._done or self._conn.in_transaction:
            await super().rollback()

    async def in_thread(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """The result of `work`, which gets the connection in its own thread."""

        def counted(connection: sqlite3.Connection) -> Any:
            try:
                return work(connection)
            finally:
                self._done += 1

        self._asked += 1
        return await self._execute(counted, self._conn)  # type: ignore[no-untyped-call]


def connect(database: str, **options: Any) -> OneHopConnection:
    """Like `aiosqlite.connect`, for SQLAlchemy's `async_creator_fn`."""
    connection = OneHopConnection(lambda: sqlite3.connect(database, **options), 64)
    connection._thread.daemon = (
        True  # as SQLAlchemy does with its own: a forgotten connection must not keep us from ending
    )
    return connection
