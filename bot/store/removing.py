"""Removes rows with everything that hangs on them, in whatever tables there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Column, Table, delete, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from bot.store.models import Base

STEP = 200
"""Rows that are named in one statement."""

BEFORE: dict[str, Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]] = {}
"""Tables whose rows stand for something outside the database, such as a file: what removes that, given the rows' keys."""


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    return cast(Table, model.__table__)


def pointing_at(table: Table) -> Iterator[Column[Any]]:
    """Every column, of any table, that points at this table's primary key."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                yield column


async def remove(session: AsyncSession, table: Table, keys: Sequence[Any]) -> None:
    """Delete these rows. What points at them and can do without stays and points nowhere; what cannot is deleted too.

    keys: values of the table's only primary key column.
    """
    (key,) = table.primary_key
    for start in range(0, len(keys), STEP):
        some = keys[start : start + STEP]
        for column in pointing_at(table):
            if column.nullable:
                await session.execute(update(column.table).where(column.in_(some)).values({column.name: None}))
                _point_nowhere(session, column, set(some))
                continue
            child = list(column.table.primary_key)
            if len(child) == 1:
                below = (await session.execute(select(child[0]).where(column.in_(some)))).scalars().all()
                await remove(session, column.table, below)
            else:
                await session.execute(delete(column.table).where(column.in_(some)))
        if table.name in BEFORE:
            await BEFORE[table.name](session, some)
        await session.execute(delete(table).where(key.in_(some)))
        _let_go(session, table, set(some))


def _loaded(session: AsyncSession) -> Iterator[Base]:
    return (row for row in session.identity_map.values() if isinstance(row, Base))


def _let_go(session: AsyncSession, table: Table, keys: set[Any]) -> None:
    """What the caller has loaded of these rows is no longer written back."""
    (key,) = table.primary_key
    for row in list(_loaded(session)):
        if row.__table__ is table and getattr(row, key.name) in keys:
            session.expunge(row)


def _point_nowhere(session: AsyncSession, column: Column[Any], keys: set[Any]) -> None:
    for row in _loaded(session):
        if row.__table__ is column.table and getattr(row, column.name) in keys:
            set_committed_value(row, column.name, None)


async def remove_where(session: AsyncSession, table: Table, *conditions: Any, limit: int | None = None) -> int:
    """`remove` for the rows that fulfil the conditions; how many there were."""
    (key,) = table.primary_key
    keys = (await session.execute(select(key).where(*conditions).limit(limit))).scalars().all()
    await remove(session, table, keys)
    return len(keys)


async def blank_sealed(session: AsyncSession, table: Table, *conditions: Any) -> None:
    """Empty every sealed column of these rows, and leave the rest."""
    values = {
        column.name: None if column.nullable else b"" for column in table.columns if column.name.endswith("_sealed")
    }
    if values:
        await session.execute(update(table).where(*conditions).values(values))


def reset(row: Base, keep: frozenset[str]) -> None:
    """Put back what is not in `keep`: nothing where a column may be empty, else its default, else an empty text."""
    for attribute in inspect(type(row)).column_attrs:
        column = attribute.columns[0]
        if attribute.key in keep or column.primary_key:
            continue
        if column.nullable:
            setattr(row, attribute.key, None)
        elif column.default is not None and column.default.is_scalar:
            setattr(row, attribute.key, column.default.arg)
        elif column.type.python_type is bytes:
            setattr(row, attribute.key, b"")
        elif column.type.python_type is str:
            setattr(row, attribute.key, "")
