"""A woman who writes a thousand times: partners get the first few at once, then all the others in a few notices."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.cases import OPERATOR, Actor, gathering, reading
from bot.store.models import Case, InboundRow, LadderStep
from tests.cases.conftest import PARTNERS
from tests.cases.test_ladder import overdue
from tests.cases.town import OPERATOR_SMS, SOS, Town, until

DUTY = "duty@operator.example"


async def untold(town: Town) -> int:
    async with town.world.database.read() as session:
        return (await session.execute(select(func.count()).where(InboundRow.untold.is_(True)))).scalar_one()


async def test_a_flood_is_told_together_once_also_after_a_restart(tmp_path: Path) -> None:
    town = Town(tmp_path, partners=PARTNERS)
    email = town.channels["email"]
    async with town:
        for n in range(60):
            await town.writes(f"{SOS} {n}")
        assert await until(lambda: len(email.to(DUTY)) == gathering.MOST)
        assert await untold(town) == 60 - gathering.MOST
        waiting = [s for s in await town.steps() if s.kind == "gather"]
        assert len(waiting) == 1 and waiting[0].state == "waiting"
    town.world = town.replica()
    async with town:
        await overdue(town, "gather")
        assert await until(lambda: len(email.to(DUTY)) == gathering.MOST + 1)
        assert await untold(town) == 0
        notice = email.to(DUTY)[-1]
        assert f"she wrote again, {60 - gathering.MOST} messages" in notice.subject
        told = "\n".join(message.text for message in email.to(DUTY)) + "\n"
        assert all(f"{SOS} {n}\n" in told for n in range(60)), "none is lost"
        await town.writes(f"{SOS} 60")
        await town.writes(f"{SOS} 61")
        await asyncio.sleep(0.7)
        assert len(email.to(DUTY)) == gathering.MOST + 1, "she goes on: gathered again"
        first, second = [s for s in await town.steps() if s.kind == "gather"]
        assert second.due_at - first.due_at > gathering.PAUSES[0]
        async with town.world.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            view = await reading.read(session, case, Actor(OPERATOR, "Ana", "desk"))
        assert len(view.messages) == 62, "the case shows all of them at any time"


async def test_an_sms_to_a_partner_says_how_many_and_a_mail_writes_the_same_words_once(town: Town) -> None:
    await town.writes(SOS)
    await overdue(town, "notify")
    sms, email = town.channels["sms"], town.channels["email"]
    assert await until(lambda: bool(sms.texts(OPERATOR_SMS)))
    for _ in range(30):
        await town.writes(SOS)
    assert await until(lambda: len(sms.texts(OPERATOR_SMS)) == gathering.MOST)
    await overdue(town, "gather")
    assert await until(lambda: len(sms.texts(OPERATOR_SMS)) == gathering.MOST + 1)
    assert sms.texts(OPERATOR_SMS)[-1].startswith("MORE, 26 messages, the last: Kasama ")
    assert await until(lambda: "26 messages" in email.to(DUTY)[-1].subject)
    assert email.to(DUTY)[-1].text.count(SOS) == 1 and "the same 26 times" in email.to(DUTY)[-1].text


@pytest.mark.parametrize("ended", ["taken", "closed"])
async def test_what_was_gathered_is_told_whatever_became_of_the_case(town: Town, ended: str) -> None:
    email = town.channels["email"]
    for n in range(8):
        await town.writes(f"{SOS} {n}")
    case = await town.case()
    await town.writes(f"OK {case.number}" if ended == "taken" else f"CLOSE {case.number}: safe", OPERATOR_SMS)
    assert await untold(town) == 8 - gathering.MOST
    await overdue(town, "gather")
    assert await until(lambda: any(f"{SOS} 7" in message.text for message in email.to(DUTY)))
    assert await untold(town) == 0


async def test_people_who_talk_are_not_gathered(town: Town) -> None:
    await town.writes(SOS)
    case = await town.case()
    await town.writes(f"{case.number}: I am Maria", OPERATOR_SMS)
    for n in range(12):
        await town.says(f"and then {n}")
    async with town.world.database.read() as session:
        assert (await session.execute(select(LadderStep).where(LadderStep.kind == "gather"))).first() is None
    assert await until(lambda: "and then 11" in town.channels["email"].to(DUTY)[-1].text)
