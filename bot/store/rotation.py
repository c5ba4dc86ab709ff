"""Seals everything anew with the newest key, while the service runs.

Every column whose name ends in `_sealed`, of any table, is walked in small steps. A value is replaced only if it is still the
one that was read, so nothing that the service writes or deletes meanwhile is undone. It may be interrupted at any point and
run again: until the last value is done, every key still opens.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Row, Table, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from bot.store.crypto import Vault, WrongKey
from bot.store.database import Database
from bot.store.models import Base

STEP = 200
"""Rows that are looked at together; a step that changes some of them holds the database for some milliseconds."""

SETTLE = 2.0
"""Seconds after a key was added before the first mark is changed: a look-up that began before knows only the old one."""

Parts = Callable[[Vault, Any], tuple[str, ...] | None]


def _person(vault: Vault, row: Any) -> tuple[str, ...] | None:
    return (row.channel, vault.open(row.address_sealed)) if row.address_sealed else None


def _staff(vault: Vault, row: Any) -> tuple[str, ...]:
    return ("staff", vault.open(row.email_sealed).casefold())


MARKS: dict[str, Parts] = {"people.mark": _person, "staff.email_mark": _staff, "invitations.email_mark": _staff}
"""Columns that hold keyed hashes: what was hashed, read from the row; None where the row is nobody's any more."""


AGEING = frozenset({"erased_inbound.mark", "guesses.mark"})
"""Columns with hashes of what is not kept: they cannot be made anew, and their rows go by themselves after some days (`at`)."""


@dataclass(slots=True)
class Use:
    """What the keys are used for.

    values: "table.column" -> age of the key, 0 the newest -> how many. unreadable: what no key opens.
    ageing: what cannot be made anew, is older than the newest key, and goes by itself.
    """

    values: dict[str, Counter[int]] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)
    ageing: Counter[str] = field(default_factory=Counter)

    def of(self, age: int) -> int:
        """Values that need the key of this age."""
        return sum(counter[age] for counter in self.values.values())

    @property
    def oldest(self) -> int:
        """Age of the oldest key that something needs."""
        return max((age for counter in self.values.values() for age, count in counter.items() if count), default=0)

    def note(self, column: str, age: int | None) -> None:
        """Count one value; age None: no key opens it."""
        self.values.setdefault(column, Counter())
        if age is None:
            self.unreadable[column] += 1
        else:
            self.values[column][age] += 1


def sealed_columns() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Every table with something sealed, and its sealed columns."""
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name.endswith("_sealed")]
        if columns:
            yield table, columns


def marked_columns() -> Iterator[Column[Any]]:
    """Every column with keyed hashes."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if column.name == "mark" or column.name.endswith("_mark"))


async def use(database: Database, vault: Vault) -> Use:
    """Which keys are in use, and how much."""
    found = Use()
    for table, columns in sealed_columns():
        for column in columns:
            found.values.setdefault(f"{table.name}.{column.name}", Counter())
        async for row in _rows(database, table):
            for column in columns:
                if value := getattr(row, column.name):
                    found.note(f"{table.name}.{column.name}", _age(vault, value))
            for column in _marks_of(table):
                found.note(str(column), _mark_age(vault, column, row))
    if since := vault.keys.since:
        for column in marked_columns():
            if str(column) in AGEING:
                older = select(func.count()).select_from(column.table).where(column.table.c.at < since)
                async with database.read() as session:
                    found.ageing[str(column)] = (await session.execute(older)).scalar_one()
    return found


async def seal_anew(database: Database, vault: Vault, *, settle: float = SETTLE) -> int:
    """Seal and mark with the newest key until nothing is left that is not; how many values were changed.

    What two rows would be marked alike with stays as it is, under its old key; `use` shows it.
    """
    await asyncio.sleep(settle)
    total = 0
    while changed := await _once(database, vault):
        total += changed
    return total


async def _once(database: Database, vault: Vault) -> int:
    changed = 0
    for table, columns in sealed_columns():
        batch: list[tuple[Row[Any], dict[str, Any]]] = []
        async for row in _rows(database, table):
            if new := _new_values(vault, table, columns, row):
                batch.append((row, new))
            if len(batch) >= STEP:
                changed += await _write(database, table, batch)
                batch = []
        changed += await _write(database, table, batch)
    return changed


def _new_values(vault: Vault, table: Table, columns: list[Column[Any]], row: Row[Any]) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for column in columns:
        value = getattr(row, column.name)
        if value and _age(vault, value):
            new[column.name] = vault.seal_bytes(vault.open_bytes(value))
    for column in _marks_of(table):
        if _mark_age(vault, column, row):
            parts = MARKS[str(column)](vault, row)
            assert parts is not None
            new[column.name] = vault.mark(*parts)
    return new


async def _write(database: Database, table: Table, batch: list[tuple[Row[Any], dict[str, Any]]]) -> int:
    changed = 0
    if not batch:
        return 0
    async with database.write() as session:
        for row, new in batch:
            for name, value in new.items():
                same = [column == getattr(row, column.name) for column in table.primary_key]
                change = update(table).where(*same, table.c[name] == getattr(row, name)).values({name: value})
                try:
                    async with session.begin_nested():
                        changed += (await session.execute(change)).rowcount  # type: ignore[attr-defined]
                except IntegrityError:  # two entries of one person, made by two replicas at once: neither is lost
                    continue
    return changed


async def _rows(database: Database, table: Table) -> AsyncIterator[Row[Any]]:
    key = list(table.primary_key)
    last: tuple[Any, ...] | None = None
    while True:
        wanted = select(table).order_by(*key).limit(STEP)
        if last is not None:
            wanted = wanted.where(tuple_(*key) > tuple_(*last))
        async with database.read() as session:
            rows = (await session.execute(wanted)).all()
        for row in rows:
            yield row
        if len(rows) < STEP:
            return
        last = tuple(getattr(rows[-1], column.name) for column in key)


def _marks_of(table: Table) -> list[Column[Any]]:
    return [column for column in marked_columns() if column.table is table and str(column) not in AGEING]


def _age(vault: Vault, sealed: bytes) -> int | None:
    try:
        return vault.age(sealed)
    except WrongKey:
        return None


def _mark_age(vault: Vault, column: Column[Any], row: Row[Any]) -> int | None:
    """Age of the key that a mark is made with; 0 also for one that leads to nobody, None when it cannot be told."""
    try:
        parts = MARKS[str(column)](vault, row)
    except WrongKey:
        return None
    if parts is None:
        return 0
    marks = vault.marks(*parts)
    mark = getattr(row, column.name)
    return marks.index(mark) if mark in marks else None
