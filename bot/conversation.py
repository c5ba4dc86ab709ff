"""The one road of a message: stored, looked at for danger, understood, answered.

`receive` returns only after the message is committed; from then on it cannot be lost. Whatever dies, `run` finds it again and
finishes it: the answer goes into the outbox in the transaction that marks the message as answered, so there is exactly one.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bind_contextvars, unbind_contextvars

from bot import attachments, hiding, opting_out, people, shortcuts
from bot.answering import Answering, answered
from bot.cases import CaseRoom
from bot.danger import CRY, Danger
from bot.dialogue import Dialogue
from bot.flood import Flood
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Inbound, Outbound
from bot.metrics import INBOUND
from bot.opting_out import FAREWELL, OptingOut
from bot.outbox import Outbox
from bot.replies import HARMLESS, Replies
from bot.safety import NOTHING, Finding, Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import InboundRow, Person, now
from bot.store.turns import Rank
from bot.turn import Understood
from bot.typing_sign import TypingSign

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""People whose messages are worked on at the same time."""

OURS_FOR = timedelta(seconds=10)
"""How long a message is left to the replica that has stored or found it."""

MOST_TAKEN = 500
STORE_TRIES = 5

MOST_STORING = 300
"""Ordinary messages that are being stored at the same time, at most: beyond, a provider is asked to come again."""

TURNED_AWAY = Counter(
    "kasama_turned_away",
    "Ordinary messages that a provider was asked to bring again later, for want of time.",
    ["channel"],
)


class Overloaded(Exception):
    """Too much comes in at once; the provider brings the message again."""


class Conversation:
    """One world of conversations: a database, and what is needed to answer.

    by_sms: names of the channels on which she pays for each page, so that she gets one and asks for more.
    pause: seconds of silence before messages that follow each other are read as one; 0 reads each alone.
    flood_limit: messages of one person in a minute that are answered; 0 is no limit.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        knowledge: Knowledge,
        safety: Safety,
        language: LanguageModel,
        dialogue: Dialogue,
        outbox: Outbox,
        cases: CaseRoom,
        *,
        by_sms: frozenset[str],
        pause: float = 0.0,
        flood_limit: int = 0,
        typing: TypingSign | None = None,
        world: str = "live",
    ) -> None:
        self._database, self._vault, self._knowledge = database, vault, knowledge
        self._safety, self._language = safety, language
        self._outbox, self._world = outbox, world
        self._replies = replies = Replies(vault, knowledge, by_sms=by_sms, telegram=outbox.carries("telegram"))
        self._cases = cases
        self._opting_out = OptingOut(cases)
        self._danger = Danger(knowledge, replies, cases, world)
        self._answering = Answering(
            database,
            vault,
            knowledge,
            safety,
            language,
            dialogue,
            cases,
            replies,
            self._danger,
            outbox,
            by_sms=by_sms,
            pause=timedelta(seconds=pause),
            typing=typing or TypingSign(vault, {}),
            world=world,
            announce=self._announce,
        )
        self._flood = Flood(flood_limit)
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._storing = 0
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting_for: dict[str, asyncio.Future[None]] = {}

    async def answer_to(self, inbound: Inbound) -> None:
        """Receive a message and wait until it has been answered."""
        done = self._waiting_for[inbound.provider_id] = asyncio.get_running_loop().create_future()
        try:
            await self.receive(inbound)
            await done
        finally:
            del self._waiting_for[inbound.provider_id]

    # Receiving

    async def receive(self, inbound: Inbound) -> None:
        """Store a message, open a case if it says danger, commit. The same provider id again changes nothing.

        Raises `Overloaded` when so many are being stored that it is better brought again later; never for a call for help.
        """
        nothing = shortcuts.means_nothing(inbound.text)
        finding = NOTHING if nothing else self._safety.check(inbound.text)
        if finding.level != "case" and self._storing >= MOST_STORING:
            TURNED_AWAY.labels(inbound.channel).inc()
            raise Overloaded
        self._storing += 1
        try:
            person_id = await self._store_surely(inbound, finding)
        finally:
            self._storing -= 1
            unbind_contextvars("message")
        if person_id is not None:
            self._enqueue(person_id)

    async def _store_surely(self, inbound: Inbound, finding: Finding) -> str | None:
        for attempt in range(STORE_TRIES):
            try:
                return await self._store(inbound, finding)
            except IntegrityError:
                # Another replica has stored the same message, or her first one, in this moment: the next look finds it.
                if attempt == STORE_TRIES - 1:
                    raise
        return None

    async def _store(self, inbound: Inbound, finding: Finding) -> str | None:
        """Returns whose messages are to be answered now; None when that is done, or was before."""
        rank = Rank.DANGER if finding.level == "case" else Rank.INBOUND
        async with self._database.write(rank) as session:
            same = select(InboundRow.id).where(
                InboundRow.channel == inbound.channel, InboundRow.provider_id == inbound.provider_id
            )
            if (await session.execute(same)).first() is not None:
                return None
            person = await people.find_or_make(session, self._vault, self._knowledge, inbound)
            body = attachments.body(inbound)
            row = InboundRow(
                channel=inbound.channel,
                provider_id=inbound.provider_id,
                person_id=person.id,
                body_sealed=self._vault.seal(json.dumps(body)),
                state="received",
                attempts=0,
                told_wait=False,
                received_at=inbound.received_at,
                message_id=inbound.message_id,
                due_at=now() + OURS_FOR,
                understood={"safety": finding.level},
            )
            await session.flush()
            session.add(row)
            await session.flush()
            bind_contextvars(message=row.id)  # by this the log of its whole road is found
            person.unreachable_at = None
            if inbound.link is not None:
                people.introduce(person, inbound.link, self._knowledge)
            if hiding.asked(inbound, self._replies.hide_words()):
                await self._hide(session, person, row, inbound)
            said = opting_out.keyword(inbound, stopped=person.stopped)
            if said == "help" and finding.level != "case":
                finding = Finding("case", "help", "HELP", None)
            if said in ("stop", "start"):
                await self._stop_or_start(session, person, row, inbound, said)
            elif person.stopped and person.stopped_by == "said":
                await self._opting_out.back(session, person)
            if finding.level != "case" and row.state == "received":
                await self._cases.heard(session, person, row, inbound.text)
            if finding.level == "case":
                people.settle_language(person, inbound.text, finding.language, self._language, self._knowledge)
                understood = Understood(
                    CRY if finding.kind == "help" else f"distress_{finding.kind}",
                    1.0,
                    language=people.spoken(person, inbound.text, self._language),
                )
                words = attachments.told(body)
                await self._danger.answer(
                    session, person, row, words, kind=finding.kind or "help", reason=f"words: {finding.phrase}"
                )
                attachments.note(session, self._vault, row, body)
                answered(row, person, understood, finding.level)
            elif row.state == "received" and finding.level == "none" and (over := self._flood.count(person.id)):
                if over == 1:
                    self._replies.put(session, person, row, Outbound(self._replies.phrase("slow_down", person)))
                answered(row, person, Understood("flood", 1.0), None)
        if row.state == "answered":
            self._announce(row)
            self._outbox.wake(errands=True)
        else:
            self._answering.taken[row.id] = row.due_at
        if self._world != "try":
            INBOUND.labels(inbound.channel, finding.level).inc()
        log.info("received", world=self._world, channel=inbound.channel, message=row.id, safety=finding.level)
        return None if row.state == "answered" else person.id

    async def _hide(self, session: AsyncSession, person: Person, row: InboundRow, inbound: Inbound) -> None:
        """Needs no model, and waits for no earlier message: whoever comes into the room does not wait either."""
        people.settle_language(person, "", inbound.language, self._language, self._knowledge)
        await hiding.hide(session, person, row)
        await self._cases.hidden(session, person)
        self._replies.put(session, person, row, self._replies.harmless(person), urgent=True, what=HARMLESS)
        answered(row, person, Understood("hide", 1.0), None)

    async def _stop_or_start(
        self, session: AsyncSession, person: Person, row: InboundRow, inbound: Inbound, said: str
    ) -> None:
        """Needs no model. Where the provider has confirmed a STOP itself she gets no further message."""
        people.settle_language(person, "", inbound.language, self._language, self._knowledge)
        if said == "stop" and person.stopped_at is not None and inbound.received_at < person.stopped_at:
            pass  # it came late; she has decided otherwise since
        elif said == "start":
            await self._opting_out.back(session, person)
            self._replies.put(session, person, row, Outbound(self._replies.phrase("start", person)))
        else:
            await self._opting_out.out(session, person, "keyword" if inbound.keyword else "said")
            if inbound.keyword is None:
                farewell = Outbound(self._replies.phrase("stop", person))
                self._replies.put(session, person, row, farewell, what=FAREWELL.strip(":"))
        answered(row, person, Understood("greet" if said == "start" else "stop", 1.0), None)

    # Answering

    async def run(self) -> None:
        """Answer what was received, until cancelled; first what an earlier process left."""
        searching = asyncio.create_task(self._search())
        try:
            while True:
                person_id = await self._due.get()
                self._queued.discard(person_id)
                if person_id in self._busy:
                    self._again.add(person_id)
                    continue
                while len(self._tasks) >= AT_ONCE:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                self._busy.add(person_id)
                task = asyncio.create_task(self._serve(person_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            searching.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20)

    def _enqueue(self, person_id: str) -> None:
        if person_id not in self._queued:
            self._queued.add(person_id)
            self._due.put_nowait(person_id)

    async def _search(self) -> None:
        """People with something due: what a dead process left, and what is tried again. It is ours from then on."""
        everything = not self._database.shared
        while True:
            try:
                people_due, number = await self._take(everything=everything)
                for person_id in people_due:
                    self._enqueue(person_id)
                everything = everything and number == MOST_TAKEN
            except Exception as error:  # whatever it was: without this job what failed once would never be found again
                log.error("the database did not answer; trying again", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _take(self, *, everything: bool) -> tuple[list[str], int]:
        """Take messages that are due, or all that are not taken; returns who wrote them, and how many they are."""
        due = select(InboundRow).where(InboundRow.state == "received").order_by(InboundRow.id).limit(MOST_TAKEN)
        if everything:
            due = due.where(InboundRow.id.not_in(list(self._answering.taken)))
        else:
            due = due.where(InboundRow.due_at <= now())
        async with self._database.read() as session:
            if (await session.execute(due.limit(1))).first() is None:
                return [], 0
        taken, until = self._answering.taken, now() + OURS_FOR
        for row_id in [row_id for row_id, moment in taken.items() if moment < now()]:
            del taken[row_id]
        async with self._database.write() as session:
            rows = list((await session.execute(due.with_for_update(skip_locked=True))).scalars())
            for row in rows:
                row.due_at = until
        taken.update({row.id: until for row in rows})
        return list(dict.fromkeys(row.person_id for row in rows)), len(rows)

    async def _serve(self, person_id: str) -> None:
        """Answer one person's messages in order, until none is due."""
        try:
            while (wait := await self._answering.next(person_id)) == 0:
                pass
            if wait is not None:
                asyncio.get_running_loop().call_later(wait, self._enqueue, person_id)
        except Exception:  # the message stays stored and is found again; one person's trouble must not stop the others
            log.exception("answering failed; it is tried again", world=self._world)
        finally:
            self._busy.discard(person_id)
            if person_id in self._again:
                self._again.discard(person_id)
                self._enqueue(person_id)

    def _announce(self, row: InboundRow) -> None:
        """A message is answered: its reply is in the outbox, and whoever waits for it may look."""
        self._outbox.wake()
        done = self._waiting_for.get(row.provider_id)
        if done is not None and not done.done():
            done.set_result(None)
