"""A world with fictitious partners, whose channels note what they are given, and a dialogue model of a few lines."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.cases import Inbox, reading
from bot.knowledge import Knowledge
from bot.messages import Inbound, Outbound
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, LadderStep, Person
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World
from tests.privacy.worlds import language_model

ROOT = Path(__file__).resolve().parents[2]
SAFETY = Safety(ROOT / "content" / "safety")
VAULT = Vault("a key for tests that is long enough")
SECRET = "a secret for the webhooks of tests, long"
HER = "+85291234567"
SOS = "help, he is beating me"
OPERATOR_SMS, ALPHA_SMS = "+85290000001", "+85290000002"
_numbers = itertools.count()

OPERATOR_YML = """
id: operator
name: Example Line
promise_minutes: {promise}
reach:
- {{channel: email, address_from: KASAMA_OPERATOR_EMAIL}}
- {{channel: sms, address_from: KASAMA_OPERATOR_SMS}}
"""

PARTNER_YML = """
id: {id}
name: {id} house
covers: {{destinations: [{destination}]}}
promise_minutes: {promise}
reach:
- {{channel: email, address_from: KASAMA_PARTNER_{ID}_EMAIL}}
on_duty:
- name: First
  reach: [{{channel: sms, address_from: KASAMA_PARTNER_{ID}_SMS}}]
"""


class Model:
    """Stands for the dialogue model: a question about fees, yes and no, hide; nothing else is understood."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, _conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        from actions.confirm import Affirm, Deny
        from actions.service import Hide

        self.asked.append(text)
        word = text.split("{")[0].strip("/").casefold()
        if word in ("yes", "affirm"):
            return Understood("affirm", 1.0), Affirm().decide(turn, Understood("affirm", 1.0))
        if word in ("no", "deny"):
            entities = ({"entity": "topic", "value": "no_contact"},) if "no_contact" in text else ()
            understood = Understood("deny", 1.0, entities=entities)
            return understood, Deny().decide(turn, understood)
        if word == "hide":
            return Understood("hide", 1.0), Hide().decide(turn, Understood("hide", 1.0))
        if "fee" in text:
            ask = {"topic": "ask_fees", "asked": None}
            return Understood("ask_fees", 1.0), Step(replies=[{"answer": "ask_fees"}]).change(topic=ask, page=1)
        return Understood("nlu_fallback", 0.2), Step().change(join_case=True) if turn.case_open else Step().say(
            "clarify"
        )

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        pass


class Noting:
    """A channel that takes everything and notes when; `taken` is shared by replicas."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.taken: list[tuple[float, str, Outbound]] = []

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        self.taken.append((time.time(), address, message))
        return f"{self.name}-{next(_numbers)}"

    async def find(self, *_: object, **__: object) -> None:
        return None

    async def download(self, _reference: str, _largest: int) -> tuple[bytes, str]:
        return b"a picture", "image/jpeg"

    def to(self, address: str) -> list[Outbound]:
        return [message for _, to, message in self.taken if to == address]

    def texts(self, address: str) -> list[str]:
        return [message.text for message in self.to(address)]


class Town:
    """channels: by name, as the providers see them. partners: id -> destination that it covers. files: what she sends is kept.

    database: its address; a file in `home` without. mail_read: what partners answer by mail is read.
    """

    def __init__(
        self,
        home: Path,
        *,
        promise: float = 15,
        partners: dict[str, str] | None = None,
        files: bool = False,
        database: str = "",
        mail_read: bool = False,
    ) -> None:
        self.home, self._files, self._mail_read = home, home / "files" if files else None, mail_read
        self.url = database or f"sqlite+aiosqlite:///{home / 'test.sqlite3'}"
        self.content = home / "content"
        if not self.content.exists():
            shutil.copytree(ROOT / "content", self.content)
            folder = self.content / "partners"
            (folder / "operator.yml").write_text(OPERATOR_YML.format(promise=promise))
            for name, destination in (partners or {}).items():
                text = PARTNER_YML.format(id=name, ID=name.upper(), destination=destination, promise=promise)
                (folder / f"{name}.yml").write_text(text)
        self.knowledge = Knowledge(self.content)
        self.channels: dict[str, Any] = {name: Noting(name) for name in ("sms", "email", "telegram", "webhook")}
        self.model = Model()
        self.language = language_model()
        self.addresses: dict[str, str] = {}
        for name in partners or {}:
            self.addresses[f"KASAMA_PARTNER_{name.upper()}_EMAIL"] = f"{name}@partner.example"
            self.addresses[f"KASAMA_PARTNER_{name.upper()}_SMS"] = f"+8529000{sum(map(ord, name)) % 10000:04}"
        self.world = self.replica()

    def replica(self) -> World:
        """One more process on the same database."""
        database = Database(self.url)
        mind = Mind(self.knowledge, SAFETY, self.language, self.model, frozenset({"sms"}))  # type: ignore[arg-type]
        inbox = Inbox(
            "duty@operator.example", OPERATOR_SMS, "sms", self.addresses, "https://kasama.example", self._mail_read
        )
        return World(mind, VAULT, database, name="t", channels=self.channels, inbox=inbox, files=self._files)  # type: ignore[arg-type]

    async def __aenter__(self) -> Town:
        await self.world.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.world.stop()

    async def writes(self, text: str, address: str = HER, channel: str = "sms") -> None:
        """Somebody writes; returns when the message is stored."""
        await self.world.receive(Inbound(channel, address, text, f"t-{next(_numbers)}"))

    async def says(self, text: str, address: str = HER) -> list[str]:
        """She writes; what she has been sent until it was answered and a little later."""
        before = len(self.channels["sms"].texts(address))
        await self.world.say(Inbound("sms", address, text, f"t-{next(_numbers)}"))
        await asyncio.sleep(0.1)
        await until(lambda: True)
        return self.channels["sms"].texts(address)[before:]

    async def case(self) -> Case:
        """The only case."""
        async with self.world.database.read() as session:
            return (await session.execute(select(Case))).scalar_one()

    async def events(self) -> list[str]:
        """What the timeline says."""
        async with self.world.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            from bot.cases import KASAMA

            return [f"{e.what} [{e.actor}]" for e in (await reading.read(session, case, KASAMA)).events]

    async def steps(self) -> list[LadderStep]:
        """All steps of all ladders."""
        async with self.world.database.read() as session:
            return list((await session.execute(select(LadderStep).order_by(LadderStep.id))).scalars())

    async def person(self) -> Person:
        """The only woman."""
        async with self.world.database.read() as session:
            return (await session.execute(select(Person))).scalar_one()


async def until(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        await asyncio.sleep(0.02)
    return holds()
