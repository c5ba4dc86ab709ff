"""A world is one database with the conversations in it: the live one, and throwaway ones for trying things out.

All worlds of a process share the texts, the safety check and the model. Only the live world has channels and an inbox of a
partner; in a throwaway world deliveries stay where they are and can be looked at.
"""

from __future__ import annotations

import asyncio
import functools
import json
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from bot import clock, people
from bot.attachments import Attachments
from bot.cases import CaseRoom, Inbox, commands
from bot.cases.answers import PartnerAnswers
from bot.clearing import Clearings
from bot.conversation import Conversation
from bot.deliveries import open_body
from bot.dialogue import Dialogue
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Inbound, Outbound, PartnerReply
from bot.opting_out import OptingOut
from bot.outbox import Outbox
from bot.reach import Reach
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, InboundRow, now
from bot.typing_sign import TypingSign
from channels import Channel

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mind:
    """What all worlds of a process share. by_sms: names of the channels on which she pays for each segment."""

    knowledge: Knowledge
    safety: Safety
    language: LanguageModel
    dialogue: Dialogue
    by_sms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one message. understood: as stored; replies: what she was sent, in order."""

    understood: dict[str, Any]
    case_id: str | None
    kind: str | None
    replies: tuple[Outbound, ...]


class World:
    """Database, conversation and outbox of one world. files: folder for what comes with messages; None: it is not fetched."""

    def __init__(
        self,
        mind: Mind,
        vault: Vault,
        database: Database,
        *,
        name: str,
        channels: Mapping[str, Channel],
        inbox: Inbox,
        pause: float = 0.0,
        flood_limit: int = 0,
        files: Path | None = None,
    ) -> None:
        self.name, self.database, self.vault = name, database, vault
        self._mind = mind
        telegram = "telegram" in channels
        self.cases = cases = CaseRoom(vault, mind.knowledge, inbox, by_sms=mind.by_sms, telegram=telegram)
        self.answers = PartnerAnswers(database, vault, cases)
        self.outbox = Outbox(database, vault, channels, OptingOut(cases))
        cases.ladder.wake = self.outbox.wake
        self.conversation = Conversation(
            database,
            vault,
            mind.knowledge,
            mind.safety,
            mind.language,
            mind.dialogue,
            self.outbox,
            cases,
            by_sms=mind.by_sms,
            pause=pause,
            flood_limit=flood_limit,
            typing=TypingSign(vault, channels),
            world=name,
        )
        self.reach = Reach(database, vault, cases)
        self.outbox.on_blocked = self.reach.lost
        self.clearings = Clearings(database, vault, channels)
        self.attachments = Attachments(database, vault, channels, files) if files is not None else None
        self.outbox.errands = [errand.wake for errand in (self.clearings, self.attachments) if errand is not None]
        self._jobs: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Bring the tables up to date and begin to work."""
        await self.database.migrate()
        work: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "conversation": self.conversation.run,
            "outbox": self.outbox.run,
            "ladder": functools.partial(self.cases.ladder.run, self.database),
            "clearings": self.clearings.run,
            "clock": functools.partial(clock.watch, self.database, self.outbox.wake),
        }
        if self.attachments is not None:
            work["attachments"] = self.attachments.run
        self._jobs = [asyncio.create_task(_for_ever(name, job)) for name, job in work.items()]

    async def receive(self, inbound: Inbound) -> None:
        """Store an inbound message. What a partner writes from its own address is no message of a woman's.

        A partner's number may belong to a woman in danger too: what is no command and says danger goes her road.
        """
        if self.answers.is_partner(inbound.channel, inbound.address):
            command = commands.read(inbound.text) or commands.read_button(inbound.payload or "")
            if command is not None or self._mind.safety.check(inbound.text).level != "case":
                button = inbound.payload if inbound.payload and inbound.payload.startswith("case:") else None
                await self.answers.receive(
                    PartnerReply(inbound.channel, inbound.address, "", inbound.text, inbound.provider_id, button=button)
                )
                return
        elif (command := commands.read(inbound.text)) is not None and command.number:
            log.warning("refused: an answer to a case from an address that is no partner's", channel=inbound.channel)
        await self.conversation.receive(inbound)

    async def receive_partner(self, reply: PartnerReply) -> None:
        """Take in what somebody wrote or pressed where cases are announced; of a chat that is no partner's, nothing."""
        await self.answers.receive(reply)

    async def stop(self) -> None:
        """Finish what is under way and close."""
        for job in self._jobs:
            job.cancel()
        for job in self._jobs:
            with suppress(asyncio.CancelledError):
                await job
        await self.database.close()

    async def say(self, inbound: Inbound, *, language: str | None = None, patience: float = 60) -> Said:
        """Let a message go its road, wait for the answer (seconds), and tell what became of it.

        language: the language that she has chosen before, if any.
        """
        if language:
            await self._choose(inbound, language)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.conversation.answer_to(inbound), patience)
        async with self.database.read() as session:
            row = (
                await session.execute(
                    select(InboundRow).where(
                        InboundRow.channel == inbound.channel, InboundRow.provider_id == inbound.provider_id
                    )
                )
            ).scalar_one_or_none()
            if row is None:  # she had everything deleted
                sent = select(Delivery).where(Delivery.key.like("erased:%")).order_by(Delivery.id.desc()).limit(1)
                replies = tuple(
                    open_body(self.vault, d.body_sealed)
                    for d in (await session.execute(sent)).scalars()
                    if d.body_sealed
                )
                return Said(
                    {"intent": "affirm", "confidence": 1.0, "language": language, "entities": [], "safety": "none"},
                    None,
                    None,
                    replies,
                )
            sent = (
                select(Delivery)
                .where(Delivery.inbound_id == row.id, Delivery.person_id.is_not(None))
                .order_by(Delivery.id)
            )
            replies = tuple(open_body(self.vault, d.body_sealed) for d in (await session.execute(sent)).scalars())
            case = await session.get(Case, row.case_id) if row.case_id else None
            return Said(row.understood or {}, case.number if case else None, case.kind if case else None, replies)

    async def quiet(self, seconds: float) -> bool:
        """Wait until every message is answered and every answer that is due is sent; False when that takes longer."""
        received = select(InboundRow.id).where(InboundRow.state == "received").limit(1)
        for _ in range(max(1, int(seconds * 10))):
            due = select(Delivery.id).where(Delivery.state.in_(("waiting", "sending")), Delivery.due_at <= now())
            async with self.database.read() as session:
                left = [(await session.execute(query)).first() for query in (received, due.limit(1))]
            if left == [None, None]:
                return True
            await asyncio.sleep(0.1)
        return False

    async def history(self, channel: str, address: str) -> list[tuple[str, Outbound]]:
        """The conversation with one address, oldest first: ("her", her words) and ("kasama", the reply)."""
        async with self.database.read() as session:
            person = await people.known(session, self.vault, channel, address)
            if person is None:
                return []
            rows = (
                (
                    await session.execute(
                        select(InboundRow).where(InboundRow.person_id == person.id).order_by(InboundRow.id)
                    )
                )
                .scalars()
                .all()
            )
            sent = (
                (await session.execute(select(Delivery).where(Delivery.person_id == person.id).order_by(Delivery.id)))
                .scalars()
                .all()
            )
        talk: list[tuple[str, Outbound]] = []
        for row in rows:
            talk.append(("her", Outbound(str(json.loads(self.vault.open(row.body_sealed))["text"]))))
            talk.extend(("kasama", open_body(self.vault, d.body_sealed)) for d in sent if d.inbound_id == row.id)
        return talk

    async def _choose(self, inbound: Inbound, language: str) -> None:
        async with self.database.write() as session:
            person = await people.find_or_make(session, self.vault, self._mind.knowledge, inbound)
            person.language, person.language_chosen = language, True


async def _for_ever(name: str, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do a job until cancelled. One that ended unseen would leave calls for help lying until somebody looks."""
    while True:
        try:
            await job()
        except Exception:
            log.exception("a job broke off; it is begun again", job=name)
        await asyncio.sleep(1)


class ThrowawayWorld(World):
    """A world on a temporary file that reaches nobody and is gone afterwards."""

    def __init__(self, mind: Mind) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kasama-")
        database = Database(f"sqlite+aiosqlite:///{Path(self._folder.name) / 'throwaway.sqlite3'}", durable=False)
        super().__init__(
            mind,
            Vault("a world that is thrown away has no secrets to keep"),
            database,
            name="try",
            channels={},
            inbox=Inbox(email="nobody"),
        )

    async def stop(self) -> None:
        """Close and delete the file."""
        await super().stop()
        self._folder.cleanup()
