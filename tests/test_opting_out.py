"""STOP and START: on every channel, with and without a case, before and after the provider says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.cases import Inbox
from bot.deliveries import open_body, seal_body
from bot.knowledge import Knowledge
from bot.messages import DeliveryError, Inbound, Outbound
from bot.opting_out import keyword
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, CaseEvent, Delivery, Person, now
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World

ROOT = Path(__file__).resolve().parents[1]
HER, PARTNER = "+85251234567", "desk@ngo.example"


class English:
    """Takes everything for English."""

    def identify(self, text: str, prior: Any = None) -> list[tuple[str, float]]:
        return [("en", 1.0)]


class Model:
    """Understands what it is told to: words -> step; anything else is greeted."""

    def __init__(self) -> None:
        self.steps: dict[str, Step] = {}

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        return Understood("greet", 1.0), self.steps.get(text, Step().say("greet_again"))


class Channel:
    """Takes everything, except what `refuses` is raised for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[tuple[str, str]] = []
        self.refuses: dict[str, DeliveryError] = {}

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        if address in self.refuses:
            raise self.refuses[address]
        self.sent.append((address, message.text))
        return f"{self.name}-{len(self.sent)}"

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        return None


class Town:
    """A world with an SMS channel, another one, and a partner with a mailbox."""

    def __init__(self, folder: Path, mind: Mind, model: Model) -> None:
        self.model = model
        self.sms, self.telegram, self.email = Channel("sms"), Channel("telegram"), Channel("email")
        self.vault = Vault("a key for tests that is long enough")
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}", durable=False)
        channels: Any = {c.name: c for c in (self.sms, self.telegram, self.email)}
        self.world = World(mind, self.vault, self.database, name="t", channels=channels, inbox=Inbox(email=PARTNER))
        self._number = 0

    async def write(self, text: str, channel: str = "sms", keyword: str | None = None) -> None:
        self._number += 1
        inbound = Inbound(channel, HER if channel == "sms" else "77", text, f"id-{self._number}", keyword=keyword)
        await asyncio.wait_for(self.world.conversation.answer_to(inbound), 10)
        await self.quiet()

    async def quiet(self) -> None:
        """Until nothing waits."""
        for _ in range(200):
            async with self.database.read() as session:
                waiting = select(Delivery.id).where(Delivery.state.in_(("waiting", "sending"))).limit(1)
                if (await session.execute(waiting)).first() is None:
                    return
            self.world.outbox.wake()
            await asyncio.sleep(0.02)
        raise AssertionError("something is still waiting")

    async def person(self) -> Person:
        async with self.database.read() as session:
            return (await session.execute(select(Person))).scalar_one()

    async def states(self) -> list[str]:
        async with self.database.read() as session:
            hers = select(Delivery.state).where(Delivery.person_id.is_not(None)).order_by(Delivery.id)
            return list((await session.execute(hers)).scalars())

    async def events(self) -> list[str]:
        async with self.database.read() as session:
            return list((await session.execute(select(CaseEvent.what).order_by(CaseEvent.id))).scalars())

    def told(self) -> int:
        """How often the partner was told that no message reaches her."""
        return sum("opted out (STOP)" in text for _, text in self.email.sent)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(ROOT / "content")


@pytest.fixture(scope="module")
def safety() -> Safety:
    return Safety(ROOT / "content" / "safety")


@pytest.fixture
async def town(tmp_path: Path, knowledge: Knowledge, safety: Safety) -> AsyncIterator[Town]:
    model = Model()
    mind = Mind(knowledge, safety, English(), model, frozenset({"sms"}))  # type: ignore[arg-type]
    town = Town(tmp_path, mind, model)
    await town.world.start()
    yield town
    await town.world.stop()


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
