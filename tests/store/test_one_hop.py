"""SQLite with one hop per statement behaves as SQLAlchemy expects of aiosqlite."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.store.database import Database
from bot.store.models import Job, now


@pytest.fixture
async def database(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}")
    await database.migrate()
    yield database
    await database.close()


async def test_rows_counts_and_errors(database: Database) -> None:
    async with database.write() as session:
        await session.execute(insert(Job), [{"name": f"job {n}", "due_at": now()} for n in range(200)])
    async with database.read() as session:
        names = list((await session.execute(select(Job.name).order_by(Job.name))).scalars())
        assert len(names) == 200 and (await session.execute(select(func.count(Job.name)))).scalar_one() == 200
        stream = await session.stream_scalars(select(Job.name))
        assert len([name async for name in stream]) == 200
    async with database.write() as session:
        gone = await session.execute(delete(Job).where(Job.name.like("job 1%")))
        assert gone.rowcount == 111  # type: ignore[attr-defined]
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(insert(Job).values(name="job 2", due_at=now()))


async def test_what_is_not_committed_is_gone_and_the_next_can_write(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await session.execute(insert(Job).values(name="never", due_at=now()))
            await session.flush()
            raise ZeroDivisionError
    async with database.write() as session:
        assert (await session.execute(select(func.count(Job.name)))).scalar_one() == 0
        await session.execute(text("SELECT 1"))


async def test_who_is_cancelled_while_it_begins_keeps_nobody_from_writing(database: Database) -> None:
    async def write(name: str) -> None:
        async with database.write() as session:
            await session.execute(insert(Job).values(name=name, due_at=now()))

    for n in range(60):
        task = asyncio.create_task(write(f"given up {n}"))
        for _ in range(n % 20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(write(f"after {n}"), 5)
    async with database.read() as session:
        kept = select(func.count(Job.name)).where(Job.name.like("after %"))
        assert (await session.execute(kept)).scalar_one() == 60
