"""A whole world in a test: conversation, outbox, partner and channels, with a model that understands what it is told to."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.cases import Inbox
from bot.knowledge import Knowledge
from bot.messages import DeliveryError, Inbound, Outbound
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import CaseEvent, Delivery, Person
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
        self.channels: Any = {c.name: c for c in (self.sms, self.telegram, self.email)}
        self.world = World(
            mind, self.vault, self.database, name="t", channels=self.channels, inbox=Inbox(email=PARTNER)
        )
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


@functools.cache
def content() -> tuple[Knowledge, Safety]:
    """The project's own texts and lexicons, read once: it takes seconds."""
    return Knowledge(ROOT / "content"), Safety(ROOT / "content" / "safety")


@asynccontextmanager
async def town_in(folder: Path) -> AsyncIterator[Town]:
    """A town at work, its database in that folder."""
    (knowledge, safety), model = content(), Model()
    mind = Mind(knowledge, safety, English(), model, frozenset({"sms"}))  # type: ignore[arg-type]
    town = Town(folder, mind, model)
    await town.world.start()
    yield town
    await town.world.stop()
