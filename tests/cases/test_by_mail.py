"""A partner answers the mail that announces a case: what is done, what she gets, and what is refused."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot import retention
from bot.cases import drills
from bot.cases.answers import MOST_REFUSED
from bot.cases.work import LONGEST_REPLY
from bot.messages import ABOVE, Outbound, PartnerReply
from bot.store.models import Case, Delivery, PartnerAnswer, now
from tests.cases.conftest import PARTNERS
from tests.cases.town import HER, SOS, VAULT, Town, until

DUTY = "duty@operator.example"
_mails = itertools.count()


@pytest.fixture
async def town(tmp_path: Path, database: str) -> AsyncIterator[Town]:
    async with Town(tmp_path, partners=PARTNERS, database=database, mail_read=True) as town:
        yield town


async def begin(town: Town) -> str:
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["email"].to(DUTY)) and bool(town.channels["sms"].texts(HER)))
    await all_sent(town)
    return (await town.case()).number


async def all_sent(town: Town) -> None:
    """Wait until nothing is on its way any more."""
    for _ in range(250):
        async with town.world.database.read() as session:
            under_way = select(Delivery.id).where(
                Delivery.state.in_(("waiting", "sending")), Delivery.due_at < now() + timedelta(minutes=5)
            )
            if (await session.execute(under_way.limit(1))).first() is None:
                return
        await asyncio.sleep(0.02)
    raise AssertionError("something is still on its way")


async def sent_ids(town: Town) -> list[str]:
    """The ids of the mails that were sent, oldest first."""
    async with town.world.database.read() as session:
        ids = select(Delivery.provider_id).where(Delivery.channel == "email", Delivery.provider_id.is_not(None))
        return [str(i) for i in (await session.execute(ids.order_by(Delivery.id))).scalars()]


async def answer(
    town: Town, text: str, *, address: str = DUTY, thread: tuple[str, ...] | None = None, same: str = ""
) -> Outbound | None:
    """A mail comes in; what is mailed back to its sender, if anything."""
    before = len(town.channels["email"].to(address))
    ids = await sent_ids(town)
    mail = PartnerReply(
        "email",
        address,
        "Maria",
        text,
        same or f"mail:{next(_mails)}",
        thread=(ids[0],) if thread is None else thread,
        message_id="<hers@mail.example>",
    )
    await town.world.receive_partner(mail)
    await all_sent(town)
    mails: list[Outbound] = town.channels["email"].to(address)[before:]
    return mails[0] if mails else None


async def test_the_mail_says_how_it_is_answered_and_only_where_answers_are_read(town: Town, tmp_path: Path) -> None:
    await begin(town)
    text = town.channels["email"].to(DUTY)[0].text
    assert ABOVE in text.splitlines()[0] and "OK alone takes the case" in text
    (tmp_path / "deaf").mkdir()
    async with Town(tmp_path / "deaf", partners=PARTNERS) as deaf:
        await deaf.writes(SOS)
        assert await until(lambda: bool(deaf.channels["email"].to(DUTY)))
        text = deaf.channels["email"].to(DUTY)[0].text
        assert ABOVE not in text and "answer" not in text.lower()


async def test_words_go_to_her_and_come_back_to_be_looked_at(town: Town) -> None:
    number = await begin(town)
    said = await answer(town, "I am Maria.\nCan you write now?")
    assert "I am Maria.\nCan you write now?" in town.channels["sms"].texts(HER)
    assert (
        said is not None and "on their way to her" in said.text and "| I am Maria.\n| Can you write now?" in said.text
    )
    assert said.subject.startswith(f"Re: Call for help {number}") and said.answers == "<hers@mail.example>"
    case = await town.case()
    assert case.state == "in_contact" and case.taken_by == "operator: Maria (email)"


async def test_the_answer_to_our_answer_belongs_to_the_case_too_and_the_ladder_does_not_see_it(town: Town) -> None:
    await begin(town)
    steps = [(s.kind, s.due_at, s.state) for s in await town.steps()]
    await answer(town, "no words", thread=("<x@y.example>",))  # refused: the case stays open
    assert [(s.kind, s.due_at, s.state) for s in await town.steps()] == steps
    await answer(town, "OK")
    ids = await sent_ids(town)
    said = await answer(town, "I am here", thread=(ids[-1], ids[0]))
    assert said is not None and said.subject.count("Re: ") == 1
    assert "I am here" in town.channels["sms"].texts(HER)
    told = [e for e in await town.events() if "notified by email" in e]
    assert len(told) == 1, "an answer to a partner is no announcement"


async def test_ok_takes_it_and_what_stands_below_is_not_sent(town: Town) -> None:
    number = await begin(town)
    said = await answer(town, "Ok.\n\nMaria")
    assert said is not None and f"Case {number} is yours" in said.text and "was not sent to her" in said.text
    assert (await town.case()).state == "acknowledged"
    assert not any("Maria" in text for text in town.channels["sms"].texts(HER))


async def test_bot_and_close(town: Town) -> None:
    number = await begin(town)
    await answer(town, "hello")
    said = await answer(town, "BOT")
    assert said is not None and "program answers her" in said.text
    said = await answer(town, "CLOSE")
    assert said is not None and "how it ended" in said.text and (await town.case()).state != "closed"
    said = await answer(town, "Close: safe at the shelter")
    assert said is not None and f"Case {number} is closed" in said.text
    case = await town.case()
    assert (case.state, case.outcome) == ("closed", "safe at the shelter")
    said = await answer(town, "are you well?")
    assert said is not None and "is closed" in said.text and "are you well?" not in town.channels["sms"].texts(HER)


@pytest.mark.parametrize(
    "text", ["OK 999999", "999999: come to the gate", "BOT 999999", "CLOSE 999999: done", "OK ９９９９９９"]
)
async def test_another_number_than_the_threads_is_refused(town: Town, text: str) -> None:
    await begin(town)
    before = town.channels["sms"].texts(HER)
    said = await answer(town, text)
    assert said is not None and "you wrote 999999" in said.text
    assert (await town.case()).state == "notified" and town.channels["sms"].texts(HER) == before


async def test_the_number_of_the_thread_may_be_written_too(town: Town) -> None:
    number = await begin(town)
    await answer(town, f"{number}: I am here")
    assert "I am here" in town.channels["sms"].texts(HER)


async def test_without_the_thread_nothing_is_done(town: Town) -> None:
    number = await begin(town)
    for thread in ((), ("<forged@line.example>",), ("email-0", "x" * 200)):
        said = await answer(town, f"OK {number}", thread=thread)
        assert said is not None and "does not answer one about a case" in said.text
    assert (await town.case()).state == "notified"


async def test_another_partner_cannot_use_the_thread_and_a_stranger_is_never_answered(town: Town) -> None:
    await begin(town)
    await answer(town, "I am alpha", address="alpha@partner.example")
    assert "I am alpha" not in town.channels["sms"].texts(HER)
    before = len(town.channels["email"].to(DUTY))
    assert await answer(town, "let me", address="stranger@mail.example", thread=("<forged@x.example>",)) is None
    assert await answer(town, "from home", address="maria@mail.example") is None, "a stranger is never answered"
    assert not {"from home", "let me"} & set(town.channels["sms"].texts(HER))
    told = town.channels["email"].to(DUTY)[before:]
    assert len(told) == 1 and "from another address" in told[0].text, (
        "the partner hears that her colleague was not heard"
    )
    assert (await town.case()).state == "notified"


async def test_what_must_not_land_on_her_phone(town: Town) -> None:
    await begin(town)
    before = town.channels["sms"].texts(HER)
    ours = town.channels["email"].to(DUTY)[0].text.splitlines()
    for text, why in (
        ("I am here\n\nMaria\nExample Line", '"example line"'),
        ("I am here\nmaria@operator.example", '"operator.example"'),
        (f"I am here\n{next(line for line in ours if line.startswith('Her words'))}", "our own mail"),
        (f"I am here\n{ABOVE.upper()}", "our own mail"),
        ("", "no words of yours"),
        ("a" * (LONGEST_REPLY + 1), f"between 1 and {LONGEST_REPLY}"),
    ):
        said = await answer(town, text)
        assert said is not None and why in said.text, text[:60]
    assert town.channels["sms"].texts(HER) == before and (await town.case()).state == "notified"


async def test_the_same_mail_twice_is_taken_once_also_by_two_replicas(town: Town) -> None:
    await begin(town)
    other = town.replica()
    mail = PartnerReply("email", DUTY.upper(), "Maria", "I am here", "mail:same", thread=((await sent_ids(town))[0],))
    await town.world.receive_partner(mail)
    await other.receive_partner(mail)
    await all_sent(town)
    await other.database.close()
    assert town.channels["sms"].texts(HER).count("I am here") == 1


async def test_two_programs_that_answer_each_other_come_to_an_end(town: Town) -> None:
    await begin(town)
    answered = [await answer(town, "I am on holiday", thread=()) for _ in range(MOST_REFUSED + 3)]
    assert [said is not None for said in answered] == [True] * MOST_REFUSED + [False] * 3


async def test_a_drill_is_answered_by_any_words_and_nobody_is_written_to(town: Town) -> None:
    cases = town.world.cases
    async with town.world.database.write() as session:
        await drills.begin(session, cases.directory, cases.ladder, "operator")
    assert await until(lambda: bool(town.channels["email"].to(DUTY)))
    await all_sent(town)
    assert "answering this mail" in town.channels["email"].to(DUTY)[0].text
    said = await answer(town, "I am here, Example Line")
    assert said is not None and "was a drill: you have answered it" in said.text and "She gets" not in said.text
    assert (await town.case()).state == "closed" and town.channels["sms"].taken == []


async def test_our_answers_are_kept_no_longer_than_the_case_and_forgotten_with_her(town: Town) -> None:
    await begin(town)
    await answer(town, "I am here")
    old = now() - timedelta(days=40)
    async with town.world.database.write() as session:
        await session.execute(update(Delivery).values(created_at=old))
    await retention.purge(town.world.database, VAULT, retention.Keep())
    async with town.world.database.read() as session:
        kept = select(Delivery.key).where(Delivery.key.like("answer:%"))
        assert (await session.execute(kept)).scalars().all(), "what belongs to an open case stays with it"
    await answer(town, "CLOSE: well", thread=((await sent_ids(town))[0],))
    async with town.world.database.write() as session:
        await session.execute(update(Delivery).values(created_at=old))
        await session.execute(update(Case).values(closed_at=now() - timedelta(days=200)))
        await session.execute(update(PartnerAnswer).values(at=now() - timedelta(days=200)))
    await retention.purge(town.world.database, VAULT, retention.Keep())
    async with town.world.database.read() as session:
        assert (await session.execute(select(Delivery.id).where(Delivery.channel == "email"))).first() is None
        assert (await session.execute(select(PartnerAnswer.id))).first() is None
