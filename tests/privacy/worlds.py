"""A world whose dialogue model is a few lines: what it understands does not matter here, what is kept of it does."""

from __future__ import annotations

import itertools
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import OPERATOR, Actor, Inbox, reading
from bot.dialogue import DialogueDown
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Inbound, Outbound
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.keys import keys_of
from bot.store.models import Case
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = Knowledge(ROOT / "content")
SAFETY = Safety(ROOT / "content" / "safety")
_numbers = itertools.count()
STAFF = Actor(OPERATOR, "Ana", "desk")


class Model:
    """Stands for the dialogue model: a question about fees with a sum, "delete" and "yes"."""

    async def ask(self, _conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        if text == "down":
            raise DialogueDown("it is down")
        if text == "delete":
            return Understood("delete_data", 1.0), Step().say("delete_ask").change(pending="delete")
        if text == "yes" and turn.pending == "delete":
            return Understood("affirm", 1.0), Step().change(delete=True)
        asked = {"amount": 60_000, "currency": "PHP"} if "60000" in text else None
        ask = {"topic": "ask_fees" if "fee" in text else "ask_wages", "asked": asked}
        return Understood(ask["topic"], 1.0), Step(replies=[{"answer": ask["topic"], "asked": asked}]).change(
            topic=ask, page=1
        )

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        pass


class Taking:
    """A channel that takes everything, or nothing while `closed`."""

    def __init__(self, name: str) -> None:
        self.name, self.sent, self.closed = name, [], False  # type: ignore[var-annotated]

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        if self.closed:
            raise ConnectionError
        self.sent.append((address, message.text))
        return f"{self.name}-{next(_numbers)}"

    async def find(self, *_: object, **__: object) -> None:
        return None


def make_world(home: Path, url: str = "", **channels: Taking) -> World:
    """A world with SMS, Telegram and the partner's mail. url: of its database; a file in `home` without."""
    mind = Mind(KNOWLEDGE, SAFETY, language_model(), Model(), frozenset({"sms"}))  # type: ignore[arg-type]
    taking = {name: channels.get(name) or Taking(name) for name in ("sms", "telegram", "email")}
    database = Database(url or f"sqlite+aiosqlite:///{home / 'kasama.sqlite3'}")
    vault = Vault(keys_of(home, ""))
    return World(mind, vault, database, name="live", channels=taking, inbox=Inbox(email="duty@partner.example"))  # type: ignore[arg-type]


def language_model() -> LanguageModel:
    """The trained one."""
    from bot.training import language_path

    return LanguageModel.load(language_path(next((ROOT / "var" / "models").glob("*.tar.gz"))))


def message(text: str, address: str = "+85291234567", channel: str = "sms") -> Inbound:
    """An inbound message of her."""
    return Inbound(channel, address, text, f"test-{next(_numbers)}")


async def acknowledge(world: World, session: AsyncSession, number: str) -> None:
    """Somebody at the operator takes a case."""
    await world.cases.work.take(session, await _case(session, number), STAFF)


async def close(world: World, session: AsyncSession, number: str, outcome: str) -> None:
    """Somebody at the operator ends a case."""
    await world.cases.work.close(session, await _case(session, number), STAFF, outcome)


async def _case(session: AsyncSession, number: str) -> Case:
    case = await reading.find(session, number, STAFF.partner)
    assert case is not None
    return case
