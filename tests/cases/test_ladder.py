"""The ladder: with nobody answering every step comes in time, once, also across a restart and with two replicas."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.cases.passing import set_word
from bot.store.models import Delivery, LadderStep, now
from tests.cases.conftest import PARTNERS
from tests.cases.town import HER, OPERATOR_SMS, SOS, Town, until

PROMISE = 0.025
"""Minutes: 1.5 seconds."""


async def test_three_partners_stay_silent_and_a_restart_comes_between(tmp_path: Path, database: str) -> None:
    partners = {"alpha": "HKG", "beta": "HKG", "delta": "HKG"}
    town = Town(tmp_path, promise=PROMISE, partners=partners, database=database)
    email, sms, seconds = town.channels["email"], town.channels["sms"], PROMISE * 60
    async with town:
        begun = time.time()
        await town.writes(SOS)
        assert await until(lambda: bool(email.taken), 1), "the first mail is on its way within a second"
        async with town.world.database.write() as session:
            case = await town.case()
            for partner in ("alpha", "beta", "delta"):
                await set_word(session, case, partner, "granted")
        await asyncio.sleep(2 * seconds)
    await asyncio.sleep(seconds)  # nobody is there
    town.world = town.replica()
    async with town:
        addresses = [
            ("email", "duty@operator.example"),
            ("sms", OPERATOR_SMS),
            *(
                (channel, town.addresses[f"KASAMA_PARTNER_{name}_{channel.upper()}"])
                for name in ("ALPHA", "BETA", "DELTA")
                for channel in ("email", "sms")
            ),
        ]
        assert await until(lambda: len(sms.texts(OPERATOR_SMS)) >= 3, 30), "all, and the operator again by every way"
        done = [s for s in await town.steps() if s.kind == "notify" and s.state == "done"]
        late = [(s.done_at - s.due_at).total_seconds() for s in done if s.done_at]
        assert max(late) < 5, f"every step within 5 s of its time; {late}"
        assert [s.rung for s in done][:10] == [
            *("operator:0", "operator:1", "alpha:0", "alpha:1", "beta:0", "beta:1", "delta:0", "delta:1"),
            "all: operator,alpha,beta,delta",
            "operator again: 1",
        ]
        first = [
            next(at for at, to, _ in (email if channel == "email" else sms).taken if to == address)
            for channel, address in addresses
        ]
        assert first == sorted(first) and first[-1] - begun < 8 * seconds + 5
        last = email.to("duty@operator.example")[-1]
        assert last.subject.startswith("REPEAT ") and SOS in last.text
        once = Counter((to, message.subject, message.text) for _, to, message in [*email.taken, *sms.taken])
        assert all(count == 1 or to == HER for (to, _, _), count in once.items()), (
            "nothing comes twice but as a marked repeat"
        )
        told = [text for text in sms.texts(HER) if "has answered yet" in text]
        assert len(told) == 1 and "999" in told[0], "she is told the truth once, with the emergency number"


async def test_two_replicas_do_every_step_once(tmp_path: Path) -> None:
    town = Town(tmp_path, promise=PROMISE)
    women = [f"+852917{n:05}" for n in range(30)]
    async with town:
        other = town.replica()
        await other.start()
        try:
            for number in women:
                await town.writes(SOS, number)
            assert await until(lambda: len(town.channels["sms"].texts(OPERATOR_SMS)) >= 2 * len(women), 30)
            async with town.world.database.read() as session:
                done = select(LadderStep).where(LadderStep.kind == "notify", LadderStep.state == "done")
                steps = Counter((s.case_id, s.rung) for s in (await session.execute(done)).scalars())
                keys = list((await session.execute(select(Delivery.key))).scalars())
            assert set(steps.values()) == {1} and len(keys) == len(set(keys))
            texts = Counter(town.channels["sms"].texts(OPERATOR_SMS))
            assert all(count == 1 or text.startswith("REPEAT") for text, count in texts.items())
        finally:
            await other.stop()


async def overdue(town: Town, kind: str) -> None:
    """Let the waiting steps of a kind be due."""
    async with town.world.database.write() as session:
        waiting = update(LadderStep).where(LadderStep.kind == kind, LadderStep.state == "waiting")
        await session.execute(waiting.values(due_at=now()))


async def test_she_is_asked_and_her_yes_brings_the_next_partner_and_can_be_taken_back(town: Town) -> None:
    sms, email = town.channels["sms"], town.channels["email"]
    await town.writes(SOS)
    await overdue(town, "tell")
    assert await until(lambda: len(sms.texts(HER)) == 2)
    asked = sms.to(HER)[1]
    assert "Nobody at Example Line has answered yet" in asked.text and "alpha house also helps" in asked.text
    assert not email.to("alpha@partner.example"), "nobody else has it before her yes"
    replies = await town.says("1")
    assert await until(lambda: bool(email.to("alpha@partner.example")))
    assert "alpha house has your message too" in replies[0] and HER in email.to("alpha@partner.example")[0].text
    assert not email.to("gamma@partner.example")
    replies = await town.says("1")
    assert "may no longer use" in replies[0]
    assert await until(lambda: len(email.to("alpha@partner.example")) == 2)
    assert "taken back her yes" in email.to("alpha@partner.example")[1].subject
    assert SOS not in email.to("alpha@partner.example")[1].text
    await town.writes("he is killing me please help")
    await overdue(town, "notify")
    assert await until(lambda: bool(sms.texts(OPERATOR_SMS)))
    assert len(email.to("alpha@partner.example")) == 2, "it gets nothing more"
    events = await town.events()
    assert "she agrees that it is passed on to alpha [she]" in events
    assert "she has taken back her yes for alpha [she]" in events


async def test_her_no_is_kept(town: Town) -> None:
    await town.writes(SOS)
    await overdue(town, "tell")
    assert await until(lambda: len(town.channels["sms"].texts(HER)) == 2)
    assert "pass nothing on" in (await town.says("no"))[0]
    for _ in range(4):
        await overdue(town, "notify")
        await asyncio.sleep(0.7)
    assert not town.channels["email"].to("alpha@partner.example")


async def test_no_contact_ends_what_she_is_told_and_what_is_passed_on(town: Town) -> None:
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["sms"].texts(HER)))
    await town.says("3")
    case = await town.case()
    assert case.consent == "declined"
    assert not [s for s in await town.steps() if s.kind == "tell" and s.state == "waiting"]
    await town.writes(f"{case.number}: hello", OPERATOR_SMS)
    assert await until(
        lambda: any("does not want to be contacted" in t for t in town.channels["sms"].texts(OPERATOR_SMS))
    )
    assert "hello" not in town.channels["sms"].texts(HER)


async def test_an_address_that_does_not_exist_is_not_waited_for(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.messages import DeliveryError

    async def refuse(*_: object, **__: object) -> str:
        raise DeliveryError("550 recipient refused", permanent=True)

    monkeypatch.setattr(town.channels["email"], "send", refuse)
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["sms"].texts(OPERATOR_SMS)), 5), "the promise is 15 minutes"


async def test_a_closed_partner_is_left_out_until_it_opens(town: Town) -> None:
    from bot.cases.rungs import of_partner

    path = town.content / "partners/alpha.yml"
    local = now() + timedelta(hours=3)
    span = f'opens: "{local:%H}:00", closes: "{local + timedelta(hours=1):%H}:00"'
    days = "[mon, tue, wed, thu, fri, sat, sun]"
    path.write_text(f"{path.read_text()}\ntime_zone: UTC\nhours: [{{days: {days}, {span}}}]\n")
    assert town.knowledge.reload_if_changed()
    directory = town.world.cases.directory
    assert of_partner(directory, "alpha", now()) == []
    opens = directory.closed_until("alpha", now())
    assert opens is not None and opens == local.replace(minute=0, second=0, microsecond=0)
    assert len(of_partner(directory, "alpha", opens)) == 2
    path.write_text(path.read_text().replace("_SMS}", "_SMS, out_of_hours: true}"))
    assert town.knowledge.reload_if_changed()
    assert [rung.name for rung in of_partner(directory, "alpha", now())] == ["alpha:1"]


async def test_only_partners_that_cover_her_are_asked_about(town: Town) -> None:
    await town.writes(SOS)
    fitting = town.world.cases.directory.fitting(await town.case())
    assert [partner.id for partner in fitting] == sorted(p for p, place in PARTNERS.items() if place == "HKG")
