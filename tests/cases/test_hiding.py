"""After HIDE nothing that names the partner, the danger or a caseworker comes until she writes; then all of it does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from bot.store.models import Case, Delivery, Person, now
from tests.cases.test_ladder import overdue
from tests.cases.town import HER, OPERATOR_SMS, SOS, Town, until

NEWS = "I have a new recipe for you. Write to me when you have time."
TIP = "Good recipe. I will try it on Sunday. Is your phone full? Hold a chat in the list and tap Delete."
HARMLESS = {NEWS, TIP, "Thank you. I will cook it too."}


async def test_by_sms_she_is_told_how_to_delete_the_talk_without_a_word_about_it(town: Town) -> None:
    await town.writes("0")
    assert await until(lambda: town.channels["sms"].texts(HER) == [TIP])


async def hidden(town: Town) -> str:
    """She calls for help and hides the talk three hours ago; the number of her case."""
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["sms"].texts(HER)))
    await town.says("0")
    async with town.world.database.write() as session:
        ago = now() - timedelta(hours=3)
        await session.execute(update(Person).values(hidden_at=ago, wrote_at=ago - timedelta(seconds=1)))
        await session.execute(update(Case).values(safe_from=0, safe_to=24 * 60))  # by her word, at any hour
    town.channels["sms"].taken.clear()
    return (await town.case()).number


async def texts(town: Town) -> list[str]:
    await asyncio.sleep(0.7)
    return town.channels["sms"].texts(HER)


async def test_the_wait_a_taker_and_a_caseworkers_words_wait_with_her(town: Town) -> None:
    number = await hidden(town)
    for _ in range(2):
        await overdue(town, "tell")
        await asyncio.sleep(0.7)
    await overdue(town, "tell")
    assert await texts(town) == [NEWS], "harmless news, once"
    await town.writes(f"OK {number}", OPERATOR_SMS)
    await town.writes(f"{number}: I am Maria, where are you?", OPERATOR_SMS)
    assert await until(lambda: any("when she writes again" in t for t in town.channels["sms"].texts(OPERATOR_SMS)))
    assert await texts(town) == [NEWS]
    person = await town.person()
    assert person.choices == [] and person.pending is None, "nothing can be answered that she has not read"
    await town.writes("hello, I am alone")
    assert await until(lambda: "I am Maria, where are you?" in town.channels["sms"].texts(HER))
    got = town.channels["sms"].texts(HER)[1:]
    assert "caseworker of Example Line" in got[0] and got[1] == "I am Maria, where are you?", "in their order"
    assert not any("has answered yet" in text for text in got), "what is true no longer is not said any more"
    person = await town.person()
    assert person.hidden_at is None and person.pending == "contact", "now she has been asked when it is safe"


async def test_the_truth_about_the_wait_is_told_when_she_writes(town: Town) -> None:
    await hidden(town)
    for _ in range(3):
        await overdue(town, "tell")
        await asyncio.sleep(0.7)
    await town.writes("hello?")
    assert await until(lambda: any("has answered yet" in t for t in town.channels["sms"].texts(HER)))
    assert sum("has answered yet" in t for t in await texts(town)) == 1


async def test_news_wait_too_after_hide_and_are_dropped_when_she_writes_first(town: Town) -> None:
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["sms"].texts(HER)))
    await town.says("0")
    number, before = (await town.case()).number, len(town.channels["sms"].texts(HER))
    await town.writes(f"{number}: are you there", OPERATOR_SMS)
    assert len(await texts(town)) == before, "somebody else may hold the phone now: not even news"
    async with town.world.database.read() as session:
        news = (await session.execute(select(Delivery).where(Delivery.key.like("news:%")))).scalar_one()
        assert news.state == "waiting" and news.due_at > now() + timedelta(minutes=90)
    await town.writes("yes I am")
    assert await until(lambda: "are you there" in town.channels["sms"].texts(HER))
    async with town.world.database.read() as session:
        assert (await session.execute(select(Delivery).where(Delivery.key.like("news:%")))).first() is None


async def test_danger_while_hidden_reaches_the_partner_and_says_nothing_to_her(town: Town) -> None:
    await hidden(town)
    await town.writes("he is killing me please help")
    assert await until(lambda: len(town.channels["email"].taken) == 2)
    assert "She has hidden the chat" in town.channels["email"].taken[-1][2].text
    assert set(await texts(town)) <= HARMLESS


async def test_a_question_to_pass_it_on_is_asked_when_she_reads_it(town: Town) -> None:
    number = await hidden(town)
    async with town.world.database.write() as session:
        from bot.cases import OPERATOR, Actor, reading

        case = await reading.find(session, number, OPERATOR)
        assert case is not None
        assert not await town.world.cases.work.pass_on(session, case, Actor(OPERATOR, "Ana", "desk"), "alpha")
    town.world.outbox.wake()
    assert await until(lambda: NEWS in town.channels["sms"].texts(HER))
    await town.writes("yes")
    assert await until(lambda: any("alpha house also helps" in t for t in town.channels["sms"].texts(HER)))
    assert not town.channels["email"].to("alpha@partner.example"), "her yes came before she could read the question"
    await town.says("yes")
    assert await until(lambda: bool(town.channels["email"].to("alpha@partner.example")))
