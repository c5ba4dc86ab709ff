"""What has been kept long enough goes at night, once, and reports stay as they were."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from bot import jobs, retention
from bot.cli import app
from bot.retention import Keep
from bot.store.database import Database
from bot.store.models import Case, Delivery, InboundRow, Job, Person, now
from bot.world import World
from tests.privacy.test_erasure import WORDS, everything, figures, say, until_sent
from tests.privacy.worlds import close, make_world

KEEP = Keep(messages=10, deliveries=10, cases=20, people=30, looks=40)


async def age(world: World, days: int) -> None:
    """Everything happened so many days earlier."""
    async with world.database.write() as session:
        for model, names in (
            (Person, ("created_at", "wrote_at")),
            (InboundRow, ("received_at", "answered_at")),
            (Delivery, ("created_at", "sent_at")),
            (Case, ("opened_at", "closed_at")),
        ):
            for row in (await session.execute(select(model))).scalars():
                for name in names:
                    if moment := getattr(row, name):
                        setattr(row, name, moment - timedelta(days=days))


async def test_each_kind_goes_in_its_time_and_an_open_case_stays(tmp_path: Path, database: str) -> None:
    world = make_world(tmp_path, database)
    await world.start()
    await say(world, "what fee for the red carpet")
    await say(world, WORDS, address="+85290000001")
    await say(world, "help, he is beating me with the grey rope", address="+85290000002")
    await until_sent(world)
    async with world.database.write() as session:
        first = (await session.execute(select(Case).order_by(Case.id))).scalars().first()
        assert first is not None
        await close(world, session, first.number, "safe")
    before = await figures(world)
    assert set((await retention.purge(world.database, world.vault, KEEP)).values()) == {0}

    await age(world, 11)
    done = await retention.purge(world.database, world.vault, KEEP)
    assert done["messages"] == 1 and done["cases"] == done["people"] == 0
    left = await everything(world)
    assert "red carpet" not in left and "blue curtain" in left and "grey rope" in left

    await age(world, 10)
    assert (await retention.purge(world.database, world.vault, KEEP))["cases"] == 1
    left = await everything(world)
    assert "blue curtain" not in left and "grey rope" in left and "+85290000001" in left

    await age(world, 10)
    assert (await retention.purge(world.database, world.vault, KEEP))["people"] == 2
    left = await everything(world)
    assert "+85290000001" not in left and "+85291234567" not in left and "+85290000002" in left and "grey rope" in left
    async with world.database.read() as session:
        kept = [tuple(r) for r in (await session.execute(select(Case.kind, Case.state, Case.outcome))).all()]
    assert kept == [("violence", "closed", "safe"), ("violence", "notified", None)]
    assert await figures(world) == before
    assert set((await retention.purge(world.database, world.vault, KEEP)).values()) == {0}
    await world.stop()


async def test_a_figure_counts_a_woman_once_a_month(tmp_path: Path, database: str) -> None:
    world = make_world(tmp_path, database)
    await world.start()
    await say(world, "what fee", "which fee")
    async with world.database.write() as session:
        await session.execute(update(Person).values(origin="PHL", destination="HKG"))
    await say(world, "the fee is 60000", "the fee is 60000")
    await say(world, "what fee", address="+85290000001")
    found = {tuple(key): women for *key, women in await figures(world)}
    month = f"{now():%Y-%m}"
    assert found[(month, "PHL", "HKG", "fee", "forbidden")] == 1, "no fee at all may be taken on this route"
    assert found[(month, "PHL", "HKG", "topic", "fees")] == 1 and found[(month, "", "HKG", "topic", "fees")] == 2
    async with world.database.write() as session:
        await session.execute(update(Person).values(counted={"month": "2020-01", "in": []}))
    await retention.purge(world.database, world.vault, KEEP)
    async with world.database.read() as session:
        counted = (await session.execute(select(func.count()).where(Person.counted.is_not(None)))).scalar_one()
    assert counted == 0
    await world.stop()


async def test_a_job_is_done_once_by_one_of_many_replicas(database: str) -> None:
    replicas = [Database(database) for _ in range(3)]
    await replicas[0].migrate()
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        await asyncio.sleep(0.05)

    job = jobs.Due("purge", jobs.nightly(3), work)
    assert not await jobs.do_if_due(replicas[0], job), "the first time it waits for the night"
    async with replicas[0].write() as session:
        await session.execute(update(Job).values(due_at=now() - timedelta(hours=1)))
    assert sum(await asyncio.gather(*(jobs.do_if_due(replica, job) for replica in replicas * 3))) == 1 == done
    async with replicas[0].write() as session:  # one that died on the way
        await session.execute(
            update(Job).values(due_at=now() - timedelta(hours=1), taken_until=now() - timedelta(minutes=1))
        )
    assert sum(await asyncio.gather(*(jobs.do_if_due(replica, job) for replica in replicas))) == 1
    for replica in replicas:
        await replica.close()


@pytest.mark.parametrize(("hour", "due"), [(1, 25), (3, 26), (12, 26)])
def test_nightly_is_the_next_night(hour: int, due: int) -> None:
    assert jobs.nightly(3)(datetime(2026, 11, 25, hour, tzinfo=UTC)) == datetime(2026, 11, due, 3, tzinfo=UTC)


def test_purge_from_the_terminal(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASAMA_HOME", str(tmp_path))
    monkeypatch.setenv("KASAMA_DATABASE_URL", database)
    monkeypatch.setenv("KASAMA_KEEP_MESSAGES", "8")

    async def fill() -> None:
        world = make_world(tmp_path, database)
        await world.start()
        await say(world, "what fee")
        await age(world, 9)
        await world.stop()

    asyncio.run(fill())
    result = CliRunner().invoke(app, ["privacy", "purge"])
    assert result.exit_code == 0 and "messages 1" in result.output
