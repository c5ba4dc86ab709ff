"""A case is taken, talked about and handed back: what each side is told, and who may."""

from __future__ import annotations

import asyncio

from bot.cases import Actor, reading
from bot.messages import PartnerReply
from tests.cases.town import HER, OPERATOR_SMS, SOS, Town, until


async def begin(town: Town) -> str:
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["sms"].texts(HER)))
    return (await town.case()).number


async def test_the_first_mail_carries_everything_and_further_danger_joins_the_case(town: Town) -> None:
    number = await begin(town)
    assert await until(lambda: bool(town.channels["email"].taken))
    mail = town.channels["email"].to("duty@operator.example")[0]
    assert mail.subject.startswith(f"Call for help {number}: violence")
    assert SOS in mail.text and HER in mail.text and "critical" in mail.text and "words:" in mail.text
    await town.writes("he is killing me please help")
    assert await until(lambda: len(town.channels["email"].taken) == 2)
    assert town.channels["email"].taken[1][2].subject == f"Call for help {number}: she wrote again"
    assert (await town.case()).number == number
    assert not town.channels["sms"].texts(OPERATOR_SMS), "the second way is for when the first stays silent"


async def test_ok_by_sms_takes_it_and_she_is_told_and_asked_once_when_it_is_safe(town: Town) -> None:
    number = await begin(town)
    await town.writes(f"ok {number}", OPERATOR_SMS)
    assert await until(lambda: len(town.channels["sms"].texts(HER)) == 2)
    told = town.channels["sms"].to(HER)[1]
    assert "caseworker of Example Line has read your message" in told.text and "When is it safe" in told.text
    assert [c.label for c in told.choices][1:] == ["06:00-12:00", "18:00-23:00"]
    case = await town.case()
    assert case.state == "acknowledged" and case.taken_partner == "operator" and "(sms)" in str(case.taken_by)
    assert all(step.state != "waiting" for step in await town.steps())
    assert "is yours" in town.channels["sms"].texts(OPERATOR_SMS)[-1]
    replies = await town.says("3")
    assert replies == ["Good, I have noted it and passed it on."]
    case = await town.case()
    assert (case.safe_from, case.safe_to) == (18 * 60, 23 * 60)
    assert any("18:00 to 23:00" in m.text for m in town.channels["email"].to("duty@operator.example"))


async def test_ok_alone_is_enough_while_one_case_waits_and_not_when_there_are_two(town: Town) -> None:
    await begin(town)
    await town.writes("help me my employer locked me in", "+85291234568")
    await town.writes("OK", OPERATOR_SMS)
    assert await until(lambda: bool(town.channels["sms"].texts(OPERATOR_SMS)))
    assert "number of the case" in town.channels["sms"].texts(OPERATOR_SMS)[0]
    async with town.world.database.read() as session:
        numbers = [case.number for case in await reading.queue(session, "operator")]
    await town.writes(f"OK {numbers[0]}", OPERATOR_SMS)
    await town.writes("ok!", OPERATOR_SMS)
    assert await until(lambda: len(town.channels["sms"].texts(OPERATOR_SMS)) >= 3)
    async with town.world.database.read() as session:
        assert {case.state for case in await reading.queue(session, "operator")} == {"acknowledged"}


async def test_words_go_both_ways_and_the_bot_stays_out_of_the_way_until_it_is_asked(town: Town) -> None:
    number = await begin(town)
    await town.writes(f"{number}: I am Maria. Are you alone now?", OPERATOR_SMS)
    assert await until(lambda: "I am Maria. Are you alone now?" in town.channels["sms"].texts(HER))
    assert (await town.case()).state == "in_contact"
    asked = len(town.channels["email"].taken)
    assert await town.says("yes alone in kitchen. i wait") == []
    assert await until(lambda: len(town.channels["email"].taken) > asked)
    assert "alone in kitchen" in town.channels["email"].taken[-1][2].text
    replies = await town.says("how much fee may the agency take?")
    assert replies and "kitchen" not in replies[0], "a question that the bot has an answer to is answered"
    assert await town.says("will you come?") == [], "a question for the caseworker is not"
    assert "will you come?" in town.channels["email"].taken[-1][2].text
    replies = await town.says("BOT")
    assert await until(lambda: any("me again" in t for t in town.channels["sms"].texts(HER)))
    assert (await town.case()).quiet_until is None


async def test_a_caseworker_hands_back_and_closes_and_danger_reopens_the_same_case(town: Town) -> None:
    number = await begin(town)
    await town.writes(f"{number}: hello", OPERATOR_SMS)
    await town.writes(f"BOT {number}", OPERATOR_SMS)
    assert await until(lambda: any("me again" in t for t in town.channels["sms"].texts(HER)))
    await town.writes(f"CLOSE {number}: safe at the shelter", OPERATOR_SMS)
    case = await town.case()
    assert case.state == "closed" and case.outcome == "safe at the shelter"
    mails = len(town.channels["email"].taken)
    await town.writes(SOS)
    assert await until(lambda: len(town.channels["email"].taken) > mails)
    case = await town.case()
    assert case.number == number and case.round == 1 and case.state in ("open", "notified")
    assert "in danger again" in town.channels["email"].taken[-1][2].subject


async def test_an_ordinary_woman_cannot_touch_a_case(town: Town) -> None:
    number = await begin(town)
    before = await town.events()
    for text in (f"OK {number}", f"{number}: go away", f"BOT {number}", f"CLOSE {number}: done"):
        await town.writes(text, "+85298765432")
    await asyncio.sleep(0.3)
    case = await town.case()
    assert case.state == "notified" and case.taken_by is None
    assert [e for e in await town.events() if "notified by" not in e] == [e for e in before if "notified by" not in e]


async def test_a_partner_without_her_yes_sees_nothing_and_can_do_nothing(town: Town) -> None:
    number = await begin(town)
    alpha = town.addresses["KASAMA_PARTNER_ALPHA_SMS"]
    await town.writes(f"OK {number}", alpha)
    await town.writes(f"{number}: hello", alpha)
    assert await until(lambda: len(town.channels["sms"].texts(alpha)) == 2)
    assert all("no case" in text.lower() for text in town.channels["sms"].texts(alpha))
    assert (await town.case()).taken_by is None
    async with town.world.database.read() as session:
        assert await reading.queue(session, "alpha") == []
        assert await reading.find(session, number, "alpha") is None


async def test_two_take_it_at_once_and_one_is_told(town: Town) -> None:
    number = await begin(town)

    async def take(who: str) -> str:
        from bot.cases import CaseRefused

        try:
            async with town.world.database.write() as session:
                case = await reading.find(session, number, "operator")
                assert case is not None
                await town.world.cases.work.take(session, case, Actor("operator", who, "desk"))
        except CaseRefused as refused:
            return str(refused)
        return "taken"

    results = await asyncio.gather(take("Ana"), take("Bea"))
    assert sorted(r == "taken" for r in results) == [False, True]
    assert any("was taken before, by operator: " in r for r in results)


async def test_an_answer_on_telegram_to_the_message_or_by_its_button(town: Town) -> None:
    town.addresses["KASAMA_OPERATOR_TELEGRAM"] = "-100200"
    (town.content / "partners/operator.yml").write_text(
        "id: operator\nname: Example Line\nreach:\n- {channel: telegram, address_from: KASAMA_OPERATOR_TELEGRAM}\n"
    )
    town.knowledge.reload_if_changed()
    town.world.cases.directory._addresses = {**town.addresses}
    number = await begin(town)
    assert await until(lambda: bool(town.channels["telegram"].taken))
    shown = town.channels["telegram"].taken[0][2]
    assert shown.choices[0].payload == f"case:take:{number}" and SOS in shown.text
    press = PartnerReply("telegram", "-100200", "Maria", "", "press-1", button=f"case:take:{number}")
    assert not await town.world.answers.receive(
        PartnerReply("telegram", "-999", "X", "", "press-0", button="case:take:1")
    )
    assert await town.world.answers.receive(press) and await town.world.answers.receive(press)
    assert (await town.case()).taken_by == "operator: Maria (telegram)"
    async with town.world.database.read() as session:
        from sqlalchemy import select

        from bot.store.models import Delivery

        sent = select(Delivery.provider_id).where(Delivery.channel == "telegram").order_by(Delivery.id)
        message = (await session.execute(sent)).scalars().first()
    words = PartnerReply("telegram", "-100200", "Maria", "I am here, write to me", "text-1", reply_to=message)
    assert await town.world.answers.receive(words)
    assert await until(lambda: "I am here, write to me" in town.channels["sms"].texts(HER))
    assert sum("is yours" in t for t in town.channels["telegram"].texts("-100200")) == 1, "a repeat is a no-op"


async def test_every_look_is_noted(town: Town) -> None:
    number = await begin(town)
    async with town.world.database.write() as session:
        case = await reading.find(session, number, "operator")
        assert case is not None
        view = await reading.read(session, case, Actor("operator", "Ana", "desk"))
        assert len(view.messages) == 1 and view.events
    async with town.world.database.read() as session:
        assert [look.actor for look in await reading.looks(session, case)] == ["operator: Ana (desk)"]
