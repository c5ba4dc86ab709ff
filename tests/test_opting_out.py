"""STOP and START: on every channel, with and without a case, before and after the provider says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.deliveries import open_body, seal_body
from bot.messages import DeliveryError, Inbound, Outbound
from bot.opting_out import keyword
from bot.store.crypto import Vault
from bot.store.models import Case, Delivery, Person, now
from bot.turn import Step
from tests.town import HER, Town, town_in


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_in(tmp_path) as made:
        yield made


STOP = "You will get no more messages from me"
BACK = "I am here again"


async def test_after_stop_by_the_provider_nothing_goes_to_her_and_start_opens_the_way_again(town: Town) -> None:
    await town.write("hello")
    await town.write("Stop", keyword="stop")
    before = len(town.sms.sent)
    assert before == 1, "the provider confirms STOP itself"
    await town.write("how much may the agency take")
    await town.write("yes please")
    person = await town.person()
    assert len(town.sms.sent) == before and await town.states() == ["sent", "withheld", "withheld"]
    assert (
        person.stopped
        and person.stopped_by == "keyword"
        and now() - (person.stopped_at or now()) < timedelta(minutes=1)
    )
    await town.write("START", keyword="start")
    await town.write("hello")
    assert [text[: len(BACK)] for _, text in town.sms.sent[before:]] == [BACK, "Hello again. Wh"]
    assert not (await town.person()).stopped


async def test_a_word_that_may_be_start_is_an_answer_while_she_has_not_opted_out(town: Town) -> None:
    town.model.steps["YES"] = Step().say("thank")
    await town.write("YES", keyword="start")
    await town.write("STOP", keyword="stop")
    await town.write("YES", keyword="start")
    assert [text[:15] for _, text in town.sms.sent] == ["You are welcome", BACK]


async def test_stop_elsewhere_is_confirmed_once_and_the_next_message_is_answered(town: Town) -> None:
    await town.write(" stop. ", "telegram")
    assert (await town.person()).stopped_by == "said"
    [(_, text)] = town.telegram.sent
    assert text.startswith(STOP)
    await town.write("how much may the agency take", "telegram")
    assert len(town.telegram.sent) == 2 and not (await town.person()).stopped


async def test_stop_in_her_own_words_is_understood_by_the_model_and_honoured(town: Town) -> None:
    town.model.steps["please send me nothing more"] = Step().say("stop").change(stop=True)
    await town.write("please send me nothing more")
    assert (await town.person()).stopped and town.sms.sent[-1][1].startswith(STOP)


async def test_the_partner_is_told_once_when_a_woman_with_a_case_opts_out(town: Town) -> None:
    await town.write("SOS help me")
    await town.write("STOP", keyword="stop")
    await town.write("he has locked me in again, help")
    await town.write("STOP", keyword="stop")
    assert town.told() == 1 and len(town.sms.sent) == 1
    assert sum("opted out" in event for event in await town.events()) == 1
    # What she writes still reaches the partner.
    assert any("locked me in again" in text for _, text in town.email.sent)
    await town.write("START", keyword="start")
    assert "she has opted in again and can be written to" in await town.events()


async def test_a_case_that_opens_after_she_opted_out_is_told_too(town: Town) -> None:
    await town.write("STOP", keyword="stop")
    await town.write("SOS help me")
    assert town.told() == 1 and town.sms.sent == []
    async with town.database.read() as session:
        assert (await session.execute(select(Case.kind))).scalars().all() == ["help"]


async def test_the_provider_says_that_she_has_opted_out(town: Town) -> None:
    town.sms.refuses[HER] = DeliveryError("21610", opted_out=True)
    await town.write("SOS help me")
    person = await town.person()
    assert (person.stopped, person.stopped_by) == (True, "provider") and town.told() == 1
    town.sms.refuses.clear()
    await town.write("are you there")
    assert town.sms.sent == [] and await town.states() == ["failed", "withheld"]
    await town.write("start")
    assert town.sms.sent[-1][1].startswith(BACK)


async def test_what_was_still_waiting_when_she_opted_out_is_withheld(town: Town) -> None:
    await town.write("hello")
    async with town.database.write() as session:
        await session.execute(update(Delivery).values(state="waiting", due_at=now() + timedelta(hours=1)))
    await town.world.conversation.receive(Inbound("sms", HER, "STOP", "id-stop", keyword="stop"))
    async with town.database.write() as session:
        await session.execute(update(Delivery).values(due_at=now()))
    await town.quiet()
    assert await town.states() == ["withheld"] and len(town.sms.sent) == 1


@pytest.mark.parametrize("text", ["HELP", "help", "hElP", "Help.", "TULUNGAN", "9999"])
async def test_what_the_provider_takes_for_help_is_a_call_for_help(town: Town, text: str) -> None:
    await town.write(text, keyword="help")
    async with town.database.read() as session:
        assert (await session.execute(select(Case.kind))).scalars().all() == ["help"]
    assert len(town.sms.sent) == 1 and len(town.email.sent) == 1


async def test_deleting_her_data_does_not_write_to_her_once_she_has_opted_out(town: Town) -> None:
    town.model.steps["delete everything"] = Step().say("delete_done").change(delete=True)
    await town.write("STOP", keyword="stop")
    await town.write("delete everything")
    assert town.sms.sent == []
    async with town.database.read() as session:
        assert (await session.execute(select(Person.id))).first() is None


async def test_a_stop_that_comes_late_does_not_undo_a_later_start(town: Town) -> None:
    await town.write("STOP", keyword="stop")
    await town.write("START", keyword="start")
    late = Inbound("sms", HER, "STOP", "id-late", keyword="stop", received_at=now() - timedelta(hours=1))
    await town.world.conversation.answer_to(late)
    assert not (await town.person()).stopped


WORDS: list[tuple[str, str | None, bool, str | None]] = [
    ("STOP", None, False, "stop"),
    ("Stop!", None, False, "stop"),
    ("«Stop»", None, False, "stop"),
    ("stop please", None, False, None),
    ("stop him", None, False, None),
    ("END", None, False, None),
    ("CANCEL", None, False, None),
    ("QUIT", "stop", False, "stop"),
    ("start", None, False, None),
    ("start", None, True, "start"),
    ("/start", None, True, "start"),
    ("/start ne-kwt", None, True, "start"),
    ("UNSTOP", None, True, "start"),
    ("yes", "start", False, None),
    ("yes", "start", True, "start"),
    ("yes", None, True, None),
    ("", None, True, None),
]


@pytest.mark.parametrize(("text", "provider", "stopped", "expected"), WORDS)
def test_keyword(text: str, provider: str | None, stopped: bool, expected: str | None) -> None:
    assert keyword(Inbound("sms", HER, text, "1", keyword=provider), stopped=stopped) == expected


def test_the_body_keeps_how_long_it_is_of_use() -> None:
    vault = Vault("a key for tests that is long enough")
    assert open_body(vault, seal_body(vault, Outbound("a", valid_for=60.0))).valid_for == 60.0
    assert open_body(vault, seal_body(vault, Outbound("a"))).valid_for is None
