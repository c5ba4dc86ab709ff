"""Keys change while messages arrive: none is lost, none becomes unreadable, nobody becomes a second person."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot.cli import app
from bot.deliveries import open_body
from bot.store import rotation
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.keys import keys_of
from bot.store.models import Delivery, InboundRow, Person
from tests.privacy.worlds import make_world, message

PEOPLE = 30


def test_every_mark_can_be_made_anew() -> None:
    marked = {str(column) for column in rotation.marked_columns()}
    assert marked == set(rotation.MARKS) | rotation.AGEING, (
        "bot/store/rotation.py must know what these columns are hashes of"
    )


async def test_messages_that_arrive_while_keys_change(tmp_path: Path, database: str) -> None:
    world = make_world(tmp_path, database)
    await world.start()
    elsewhere = Database(world.database.url)  # another process, as `kasama keys rotate` is
    vault = Vault(keys_of(tmp_path, ""))
    over = asyncio.Event()
    said = 0

    async def arrive() -> None:
        nonlocal said
        for n in itertools.count():
            if over.is_set() and n > 2 * PEOPLE:
                return
            text = "help, he is beating me" if n % 20 == 3 else f"message {n} about fees"
            await world.conversation.receive(message(text, f"+8529000{n % PEOPLE:04}"))
            said += 1

    async def rotate_twice() -> None:
        await asyncio.sleep(0.5)
        for _ in range(2):
            before = said
            vault.keys.add()
            await rotation.seal_anew(elsewhere, vault, settle=0.5)
            assert said > before, "messages arrived meanwhile"
        over.set()

    await asyncio.wait_for(asyncio.gather(arrive(), rotate_twice()), 60)
    while True:  # until all is answered and sent
        async with elsewhere.read() as session:
            waiting = await session.scalar(select(func.count()).where(InboundRow.state == "received"))
            unsent = await session.scalar(select(func.count()).where(Delivery.state != "sent"))
        if not waiting and not unsent:
            break
        await asyncio.sleep(0.1)
    await rotation.seal_anew(elsewhere, vault, settle=0)
    found = await rotation.use(elsewhere, vault)
    assert found.oldest == 0 and not found.unreadable
    vault.keys.keep(1)
    async with elsewhere.read() as session:
        inbound = (await session.execute(select(InboundRow))).scalars().all()
        people = (await session.execute(select(Person))).scalars().all()
        deliveries = (await session.execute(select(Delivery))).scalars().all()
    assert len(inbound) == said > 2 * PEOPLE
    assert len(people) == PEOPLE, "nobody became a second person"
    assert {p.mark for p in people} == {vault.mark("sms", vault.open(p.address_sealed)) for p in people}
    assert all("text" in vault.open(row.body_sealed) for row in inbound)
    assert all(open_body(vault, d.body_sealed).text and vault.open(d.address_sealed) for d in deliveries)
    await world.stop()
    await elsewhere.close()


async def test_an_interrupted_rotation_goes_on(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(tmp_path, database)
    await world.start()
    for n in range(12):
        await world.conversation.receive(message("help, he is beating me", f"+8529000{n:04}"))
    await world.stop()
    vault = Vault(keys_of(tmp_path, ""))
    vault.keys.add()
    monkeypatch.setattr(rotation, "STEP", 5)
    steps = 0
    write = rotation._write

    async def dies(*arguments: object) -> int:
        nonlocal steps
        steps += bool(arguments[2])
        if arguments[2] and steps == 2:
            raise KeyboardInterrupt
        return await write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        await rotation.seal_anew(world.database, vault, settle=0)
    half = await rotation.use(world.database, vault)
    assert half.of(0) and half.of(1) and not half.unreadable
    await rotation.seal_anew(world.database, vault, settle=0)
    whole = await rotation.use(world.database, vault)
    assert whole.of(0) == half.of(0) + half.of(1) and not whole.of(1) and not whole.unreadable
    await world.database.close()


def test_from_the_terminal(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASAMA_HOME", str(tmp_path))
    monkeypatch.setenv("KASAMA_DATABASE_URL", database)
    monkeypatch.setattr(rotation, "SETTLE", 0)

    async def fill() -> None:
        world = make_world(tmp_path, database)
        await world.start()
        await world.conversation.receive(message("help, he is beating me"))
        await world.stop()

    asyncio.run(fill())

    def keys(*arguments: str) -> str:
        return CliRunner().invoke(app, ["keys", *arguments]).output

    first = keys_of(tmp_path, "").current()
    assert "people.mark 1" in keys("status") and "Every key is needed" in keys("drop")
    told = keys("rotate")
    assert "key 2: nothing needs it" in told and "no key opens" not in told
    assert len(keys_of(tmp_path, "").current()) == 2 and keys_of(tmp_path, "").current()[1:] == first
    assert "Try again in" in keys("drop")
    monkeypatch.setattr("bot.cli_keys.QUIET_FOR", 0)
    assert "1 dropped" in keys("drop") and first[0] not in keys_of(tmp_path, "").current()
    assert "no key opens" not in keys("status")
