"""Messages in a row: read together, answered in order, and never so many that others wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.burst import APART, LONGEST, TOGETHER, together
from bot.cases import Inbox
from bot.dialogue import DialogueDown
from bot.flood import WINDOW, Flood
from bot.knowledge import Knowledge
from bot.messages import Inbound
from bot.safety import Finding, Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, InboundRow
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 11, 25, tzinfo=UTC)
PAUSE = timedelta(seconds=1.5)


def at(*seconds: float) -> list[datetime]:
    return [START + timedelta(seconds=s) for s in seconds]


def test_a_single_message_waits_for_nothing() -> None:
    assert together(at(0), [True], None, PAUSE, START) == (1, START)
    assert together(at(60), [True], START, PAUSE, START + timedelta(seconds=60))[1] == START + timedelta(seconds=60)


def test_who_is_still_writing_is_waited_for() -> None:
    moment = START + timedelta(seconds=1)
    assert together(at(1), [True], START, PAUSE, moment) == (1, moment + PAUSE)
    assert together(at(0, 1), [True, True], None, PAUSE, moment) == (2, moment + PAUSE)


def test_a_button_is_answered_alone_and_ends_the_row() -> None:
    assert together(at(0, 1), [False, True], None, PAUSE, START) == (1, START)
    assert together(at(0, 1, 2), [True, True, False], START, PAUSE, START) == (2, START)


def test_what_was_written_long_apart_is_not_one_question() -> None:
    apart = APART.total_seconds() + 1
    assert together(at(0, apart), [True, True], None, PAUSE, START)[0] == 1


@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=15),
    st.lists(st.booleans(), min_size=15, max_size=15),
    st.none() | st.floats(-100, 0),
    st.floats(-10, 100),
)
def test_never_more_than_ten_and_never_late(
    gaps: list[float], words: list[bool], before: float | None, present: float
) -> None:
    times, total = [], 0.0
    for gap in gaps:
        total += gap
        times.append(START + timedelta(seconds=total))
    moment = START + timedelta(seconds=present)
    last = None if before is None else START + timedelta(seconds=before)
    number, due = together(times, words[: len(times)], last, PAUSE, moment)
    assert 1 <= number <= min(TOGETHER, len(times))
    assert due <= max(moment, times[0] + LONGEST) and due <= moment + PAUSE
    assert number == 1 or all(words[:number])


def test_a_flood_ends_after_a_minute() -> None:
    clock = [0.0]
    flood = Flood(3, lambda: clock[0])
    assert [flood.count("her") for _ in range(5)] == [0, 0, 0, 1, 2]
    assert flood.count("another") == 0
    clock[0] = WINDOW + 1
    assert flood.count("her") == 0
    assert [Flood(0).count("her") for _ in range(1000)] == [0] * 1000


class English:
    """Takes everything for English."""

    def identify(self, text: str, prior: Any = None) -> list[tuple[str, float]]:
        return [("en", 1.0)]


class Model:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        if self.down:
            raise DialogueDown("down")
        self.asked.append(text)
        return Understood("ask_fees", 1.0), Step().say("greet_again")


@pytest.fixture(scope="module")
def shared() -> tuple[Knowledge, Safety]:
    return Knowledge(ROOT / "content"), Safety(ROOT / "content" / "safety")


class Street:
    """A world that reads together what comes within two seconds."""

    def __init__(self, folder: Path, shared: tuple[Knowledge, Safety], *, flood_limit: int = 0) -> None:
        self.model: Any = Model()
        language: Any = English()
        mind = Mind(*shared, language, self.model, by_sms=frozenset({"sms"}))
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}", durable=False)
        vault = Vault("a key for tests that is long enough")
        inbox = Inbox(email="desk@ngo.example")
        self.world = World(
            mind, vault, self.database, name="t", channels={}, inbox=inbox, pause=2.0, flood_limit=flood_limit
        )
        self._number = 0

    async def write(self, text: str, sender: str = "+85251234567") -> None:
        self._number += 1
        await self.world.conversation.receive(Inbound("sms", sender, text, f"id-{self._number}"))

    async def count(self, *conditions: Any) -> int:
        async with self.database.read() as session:
            return int((await session.execute(select(func.count()).where(*conditions))).scalar_one())

    async def answered(self, seconds: float = 10) -> None:
        for _ in range(int(seconds * 50)):
            if not await self.count(InboundRow.state == "received"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("messages were not answered")


@pytest.fixture
async def street(tmp_path: Path, shared: tuple[Knowledge, Safety]) -> AsyncIterator[Street]:
    street = Street(tmp_path, shared, flood_limit=20)
    await street.world.start()
    yield street
    await street.world.stop()


async def test_ten_in_a_row_are_read_together(street: Street) -> None:
    words = ["hello", "sister", "I", "want", "to", "ask", "about", "agency", "money", "they", "say"]
    for word in words:
        await street.write(word)
        await asyncio.sleep(0.03)
    await street.answered()
    assert " ".join(street.model.asked) == " ".join(words), "all of it, in order"
    assert len(street.model.asked) <= 2, "the first at once, the rest as one"
    assert await street.count(Delivery.person_id.is_not(None)) == len(street.model.asked)


class Listener:
    """Hears danger only where both words stand together."""

    problems = ()

    def check(self, text: str) -> Finding:
        both = "needle" in text and "thread" in text
        return Finding("case", "help", "needle thread", "en") if both else Finding("none", None, None, None)


async def test_danger_said_in_two_messages(tmp_path: Path, shared: tuple[Knowledge, Safety]) -> None:
    listener: Any = Listener()
    street = Street(tmp_path, (shared[0], listener))
    await street.world.start()
    for text in ("hello", "the needle", "the thread"):
        await street.write(text)
    await street.answered()
    assert street.model.asked == ["hello"] and await street.count(Case.id > 0) == 1
    assert await street.count(InboundRow.case_id.is_not(None)) == 2, "the partner sees both"
    await street.world.stop()


async def test_a_flood_is_told_once_and_a_call_for_help_in_it_is_heard(street: Street) -> None:
    for n in range(60):
        await street.write(f"question {n} word")
    await street.write("help me he is beating me")
    assert await street.count(Case.id > 0) == 1
    await street.answered()
    assert len(street.model.asked) <= 20
    told = await street.count(Delivery.person_id.is_not(None)) - len(street.model.asked)
    assert told == 2, "one word about the flood, and the first reply to the call for help"
    await street.write("and I?", sender="+85259999999")
    await street.answered()
    assert street.model.asked[-1] == "and I?"


async def test_two_women_do_not_wait_for_each_other(street: Street) -> None:
    await asyncio.gather(*(street.write(f"question {n}", f"+8525000{n:04}") for n in range(40)))
    await street.answered()
    assert sorted(street.model.asked) == sorted(f"question {n}" for n in range(40))
