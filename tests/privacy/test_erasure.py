"""After an erasure nothing of her is left: not in the tables, not in the file, and reports are as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import erasure
from bot.cases.passing import set_word
from bot.messages import Inbound, Location, Media
from bot.reporting.tables import tables
from bot.store.crypto import Vault, WrongKey
from bot.store.models import Attachment, Base, Case, CaseEvent, Delivery, Figure, InboundRow, Person, now
from bot.world import World
from tests.cases.town import OPERATOR_SMS, Town, until
from tests.privacy.worlds import STAFF, Taking, acknowledge, close, make_world, message

HER, OTHER = "+85291234567", "+85298765432"
WORDS = "help, he is beating me behind the blue curtain"


async def say(world: World, *texts: str, address: str = HER) -> None:
    for text in texts:
        await world.conversation.answer_to(message(text, address))


async def everything(world: World) -> str:
    """All rows of all tables, what is sealed opened."""
    found: list[Any] = []
    async with world.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).all():
                found.append([table.name, *(_readable(world.vault, value) for value in row)])
    return json.dumps(found, default=str)


def _readable(vault: Vault, value: Any) -> Any:
    try:
        return vault.open(value) if isinstance(value, bytes) else value
    except WrongKey:
        return None


async def figures(world: World) -> list[Any]:
    async with world.database.read() as session:
        return [tuple(row) for row in (await session.execute(select(Figure.__table__))).all()]


async def the_case(world: World) -> Case:
    async with world.database.read() as session:
        return (await session.execute(select(Case))).scalars().one()


async def sent(world: World) -> bool:
    async with world.database.read() as session:
        waiting = select(func.count()).where(Delivery.state.in_(("waiting", "sending")))
        return not (await session.execute(waiting)).scalar_one()


async def until_sent(world: World) -> None:
    import asyncio

    for _ in range(200):
        if await sent(world):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not everything was sent")


def traces(home: Path, *secrets: str | bytes) -> list[str]:
    """Files of the database in which one of these stands."""
    found = []
    for path in home.glob("*.sqlite3*"):
        content = path.read_bytes()
        wanted = (secret.encode() if isinstance(secret, str) else secret for secret in secrets)
        found += [f"{path.name}: {secret!r}" for secret in wanted if secret in content]
    return found


@pytest.mark.parametrize("case", ["none", "closed", "declined"])
async def test_nothing_of_her_is_left(tmp_path: Path, case: str) -> None:
    world = make_world(tmp_path)
    await world.start()
    await say(world, "what fee", "the fee is 60000", address=OTHER)
    await say(world, "what fee may they take for the blue curtain", "the fee is 60000")
    if case != "none":
        await say(world, WORDS)
        await until_sent(world)
        number = (await the_case(world)).number
        async with world.database.write() as session:
            await (close(world, session, number, "safe") if case == "closed" else acknowledge(world, session, number))
            if case == "declined":
                (await session.execute(select(Case))).scalars().one().consent = "declined"
    mark, before = world.vault.mark("sms", HER), await figures(world)
    async with world.database.read() as session:
        sealed = [
            p.address_sealed for p in (await session.execute(select(Person).where(Person.mark == mark))).scalars()
        ]
        sealed += [m.body_sealed for m in (await session.execute(select(InboundRow))).scalars()][2:]
    await say(world, "delete", "yes")
    await until_sent(world)
    left = await everything(world)
    for secret in (HER, HER[1:], "1234567", mark, "blue curtain", "beating", "the fee is 60000 pesos"):
        assert secret not in left
    assert OTHER in left and "60000" in left, "the other woman's data is untouched"
    assert await figures(world) == before
    if case != "none":
        stays = await the_case(world)
        assert (stays.kind, stays.reason) == ("violence", "") and stays.opened_at and stays.notified_at
    await world.database.compact()
    assert traces(tmp_path, HER, mark, "blue curtain") == []
    assert traces(tmp_path, *sealed) == [], "what was sealed of her is overwritten too"
    await world.stop()


async def test_a_case_that_was_worked_on_leaves_nothing_of_her(tmp_path: Path) -> None:
    """Taken, talked about in both directions, noted, passed on, with a place, safe hours and a photo."""
    town = Town(tmp_path, partners={"alpha": "HKG"}, files=True)
    world, words = town.world, ("violet kettle", "amber ladder", "silver spoon", "22.28552", "photo-reference")

    async def kinds() -> list[list[list[int]]]:
        async with world.database.read() as session:
            return [t.grid for t in await tables(session, f"{now():%Y-%m}") if t.name == "kind"]

    async with town:
        await town.writes("help, he is beating me with the violet kettle")
        number = (await town.case()).number
        await town.writes(f"OK {number}", OPERATOR_SMS)
        await town.says("write to me between 21:07 and 22:41")
        await town.writes(f"{number}: meet me at the amber ladder", OPERATOR_SMS)
        photo = (Media("photo", "photo-reference", "image/jpeg"),)
        await world.say(Inbound("sms", HER, "here", "t-place", location=Location(22.28552, 114.15769)))
        await world.say(Inbound("sms", HER, "look", "t-photo", media=photo))
        assert world.attachments is not None
        shelf = world.attachments.shelf
        assert await until(lambda: any(shelf.folder.glob("*.sealed")))
        async with world.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            await world.cases.work.write_note(session, case, STAFF, "her cousin has the silver spoon")
            await set_word(session, case, "alpha", "granted")
            await world.cases.work.pass_on(session, case, STAFF, "alpha")
        world.outbox.wake()
        assert await until(lambda: bool(town.channels["email"].to("alpha@partner.example")))
        before, counted = await everything(world), await kinds()
        assert all(word in before for word in (*words, HER)) and (await town.case()).safe_from == 21 * 60 + 7
        await town.writes(f"CLOSE {number}: safe", OPERATOR_SMS)
        await world.quiet(10)
        async with world.database.write() as session:
            person = (await session.execute(select(Person))).scalar_one()
            assert await erasure.erase(session, world.vault, person)
        left = await everything(world)
        assert [secret for secret in (*words, HER, HER[1:], "kettle", "cousin") if secret in left] == []
        stays = await town.case()
        assert (stays.safe_from, stays.safe_to, stays.wish_sealed, stays.location_sealed) == (None, None, None, None)
        assert (
            stays.acknowledged_at
            and stays.taken_partner == "operator"
            and (stays.reason, stays.outcome) == ("", "safe")
        )
        assert await kinds() == counted
        async with world.database.read() as session:
            assert (await session.execute(select(func.count()).select_from(Attachment))).scalar_one() == 0
        shelf.sweep(set())
        assert not any(shelf.folder.glob("*.sealed"))
        await world.database.compact()
        assert traces(tmp_path, *words, HER) == []


async def test_a_call_for_help_is_not_lost_by_an_erasure(tmp_path: Path) -> None:
    mail, sms = Taking("email"), Taking("sms")
    mail.closed = True
    world = make_world(tmp_path, email=mail, sms=sms)
    await world.start()
    await say(world, "what fee for the red carpet", WORDS, "delete", "yes")
    mail.closed = False
    world.outbox.wake()
    await until_sent(world)
    assert "beating" in mail.sent[0][1] and HER in mail.sent[0][1]
    assert "stays with" in sms.sent[-1][1], "she is told so"
    left = await everything(world)
    assert "red carpet" not in left and HER in left and "blue curtain" in left
    async with world.database.write() as session:
        assert await erasure.finish(session) == 0
        await close(world, session, (await the_case(world)).number, "safe")
    async with world.database.write() as session:
        assert await erasure.finish(session) == 1
    left = await everything(world)
    assert HER not in left and "curtain" not in left and world.vault.mark("sms", HER) not in left
    await world.stop()


async def test_who_writes_again_meanwhile_keeps_what_is_new(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    await world.start()
    await say(world, WORDS, "delete", "yes", "what fee for the green door")
    async with world.database.write() as session:
        await close(world, session, (await the_case(world)).number, "safe")
    async with world.database.write() as session:
        assert await erasure.finish(session) == 1
    left = await everything(world)
    assert "green door" in left and HER in left and "curtain" not in left
    await world.stop()


async def test_pending_deliveries_to_her_go_and_those_to_the_partner_forget(tmp_path: Path) -> None:
    mail, sms = Taking("email"), Taking("sms")
    mail.closed = sms.closed = True
    world = make_world(tmp_path, email=mail, sms=sms)
    await world.start()
    await say(world, WORDS)
    async with world.database.write() as session:
        await close(world, session, (await the_case(world)).number, "a mistake")
    await say(world, "delete", "yes")
    async with world.database.read() as session:
        to_her = select(func.count()).where(Delivery.person_id.is_not(None))
        assert (await session.execute(to_her)).scalar_one() == 0
    mail.closed = sms.closed = False
    await until_sent(world)
    assert "beating" in mail.sent[0][1], "what was on its way to the partner goes"
    assert len(sms.sent) == 1, "she gets the confirmation and nothing else"
    left = await everything(world)
    assert HER not in left and "beating" not in left
    async with world.database.read() as session:
        assert (await session.execute(select(func.count()).select_from(CaseEvent))).scalar_one() >= 1
    await world.stop()
