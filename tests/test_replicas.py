"""Two replicas of the service on one PostgreSQL: each message answered once, in order, also when one of them dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.cases import Inbox
from bot.messages import Inbound, Outbound
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, InboundRow, now
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World
from tests.standins.postgres import Postgres, programs
from tests.town import Channel, English, content

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed; .ci/run installs it")


class Echo:
    """Answers everything after a moment; hangs while `hangs`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hangs = False

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        if self.hangs:
            await asyncio.sleep(3600)
        await asyncio.sleep(0.01)
        self.asked.append(text)
        return Understood("greet", 1.0), Step().say("greet_again")


class Provider(Channel):
    """Takes messages from both replicas, one at a time per address."""

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        await asyncio.sleep(0.005)
        return await super().send(address, message, key=key)


class Pair:
    """Two replicas, one database, one provider, one partner."""

    def __init__(self, url: str) -> None:
        self.sms, self.email = Provider("sms"), Provider("email")
        self.models = [Echo(), Echo()]
        channels: Any = {c.name: c for c in (self.sms, self.email)}
        self.worlds = [self._replica(url, model, channels) for model in self.models]
        self.database = self.worlds[0].database

    @staticmethod
    def _replica(url: str, model: Any, channels: Any) -> World:
        language: Any = English()
        mind = Mind(*content(), language, model, frozenset({"sms"}))
        vault, inbox = Vault("a key for tests that is long enough"), Inbox(email="desk@ngo.example")
        return World(mind, vault, Database(url), name="t", channels=channels, inbox=inbox)

    async def write(self, replica: int, sender: str, text: str, message: str) -> None:
        await self.worlds[replica].conversation.receive(Inbound("sms", sender, text, message))

    async def count(self, *conditions: Any) -> int:
        async with self.database.read() as session:
            return int((await session.execute(select(func.count()).where(*conditions))).scalar_one())

    async def quiet(self, seconds: float = 30) -> None:
        for _ in range(int(seconds * 20)):
            waiting = await self.count(InboundRow.state == "received")
            if not waiting and not await self.count(Delivery.state.in_(("waiting", "sending"))):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("something is still waiting")


@pytest.fixture
async def pair(postgres: Postgres) -> AsyncIterator[Pair]:
    pair = Pair(postgres.database())
    await asyncio.gather(*(world.start() for world in pair.worlds))
    yield pair
    await asyncio.gather(*(world.stop() for world in pair.worlds))


async def test_the_same_message_to_both_is_answered_once(pair: Pair) -> None:
    await asyncio.gather(*(pair.write(n % 2, f"+8525100{n // 4:04}", "hello", f"id-{n // 4}") for n in range(80)))
    await pair.quiet()
    assert Counter(address for address, _ in pair.sms.sent) == {f"+8525100{n:04}": 1 for n in range(20)}


async def test_one_womans_messages_are_answered_in_order(pair: Pair) -> None:
    for n in range(12):
        await pair.write(n % 2, "+85251230000", f"question number {n}", f"id-{n}")
    await pair.quiet()
    async with pair.database.read() as session:
        answered = select(InboundRow.provider_id).order_by(InboundRow.answered_at)
        assert list((await session.execute(answered)).scalars()) == [f"id-{n}" for n in range(12)]
    assert len(pair.sms.sent) == 12 and all(model.asked for model in pair.models)


async def test_two_cries_at_once_are_one_case(pair: Pair) -> None:
    await asyncio.gather(*(pair.write(n % 2, "+85251230001", "help me he is beating me", f"id-{n}") for n in range(6)))
    await pair.quiet()
    assert await pair.count(Case.id > 0) == 1


async def test_one_dies_and_the_other_goes_on(pair: Pair) -> None:
    pair.models[0].hangs = True
    for n in range(10):
        await pair.write(0, f"+8525777{n:04}", "hello", f"id-{n}")
    await asyncio.sleep(0.3)
    assert not pair.sms.sent
    for job in pair.worlds[0]._jobs:  # as a kill would: nothing is finished, nothing is handed over
        job.cancel()
    await pair.quiet(40)
    assert len(pair.sms.sent) == 10 and len({address for address, _ in pair.sms.sent}) == 10


async def test_what_a_dead_replica_was_sending_is_sent(pair: Pair) -> None:
    await pair.write(0, "+85258880000", "hello", "id-1")
    await pair.quiet()
    async with pair.database.write() as session:
        left = {"state": "sending", "due_at": now() - timedelta(seconds=1)}
        await session.execute(update(Delivery).values(**left))
    for _ in range(200):
        if len(pair.sms.sent) == 2:
            break
        await asyncio.sleep(0.05)
    await pair.quiet()
    assert len(pair.sms.sent) == 2
