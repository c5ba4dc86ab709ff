"""The answer to what a woman has written: decided here or by the model, carried out in one transaction with the reply.

The answer goes into the outbox in the transaction that marks the message as answered, so there is exactly one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bind_contextvars

from bot import attachments, figures, hiding, people, shortcuts
from bot.burst import TOGETHER, together
from bot.cases import CaseRoom
from bot.cases.company import beside
from bot.choices import pick
from bot.danger import CRY, Danger
from bot.dialogue import Dialogue, DialogueBroken, DialogueDown, picked, plain
from bot.effects import Effects
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.opting_out import FAREWELL
from bot.outbox import Outbox
from bot.replies import HARMLESS, Replies
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, InboundRow, Person, now
from bot.turn import Step, Turn, Understood
from bot.typing_sign import TypingSign

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=30)
"""How long a message waits for the model before she is told so: a restart of the model takes less."""

LONGEST_WAIT = timedelta(seconds=60)
GIVES_UP = timedelta(hours=24)
"""How long an answer is tried while the model is down; after that it would come out of nowhere."""

BEHIND_ANOTHER = 0.5
"""Seconds after which a message that waits for the one before it is looked at again."""

BROKEN_TRIES = 3
"""Tries of a message that the model cannot digest, before she is asked to say it differently."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Stored messages that are read as one, nearly always a single one. bodies: what they hold, as JSON."""

    rows: Sequence[InboundRow]
    bodies: Sequence[dict[str, Any]]

    @property
    def last(self) -> InboundRow:
        """The message that the reply belongs to."""
        return self.rows[-1]

    @property
    def text(self) -> str:
        """Her words, one line per message."""
        return "\n".join(str(body["text"]) for body in self.bodies)

    @property
    def payload(self) -> str | None:
        """What she pressed, if it is a pressed button."""
        payload = self.bodies[-1]["payload"]
        return None if payload is None else str(payload)

    @property
    def hint(self) -> str | None:
        """The language that the provider reports for her."""
        return self.bodies[-1].get("hint")

    @property
    def worry(self) -> bool:
        """Whether the safety check found words that may mean danger."""
        return any((row.understood or {}).get("safety") == "check" for row in self.rows)


class Answering:
    """Answers the stored messages of one woman at a time.

    pause: how long she must be silent before messages that follow each other are read as one. announce: told of each message
    that is answered. taken: messages that are ours although they are not due, with the moment until which they are; other
    replicas leave them alone so long.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        knowledge: Knowledge,
        safety: Safety,
        language: LanguageModel,
        dialogue: Dialogue,
        cases: CaseRoom,
        replies: Replies,
        danger: Danger,
        outbox: Outbox,
        *,
        by_sms: frozenset[str],
        pause: timedelta,
        typing: TypingSign,
        world: str,
        announce: Callable[[InboundRow], None],
    ) -> None:
        self._database, self._vault, self._knowledge = database, vault, knowledge
        self._safety = safety
        self._language, self._dialogue, self._cases = language, dialogue, cases
        self._replies, self._danger, self._outbox = replies, danger, outbox
        self._by_sms, self._pause, self._world, self._announce = by_sms, pause, world, announce
        self._typing = typing
        self._effects = Effects(vault, cases, replies)
        self._started = now()
        self.taken: dict[int, datetime] = {}

    async def next(self, person_id: str) -> float | None:
        """Answer her first unanswered message, with those that belong to it.

        Returns the seconds after which to come back: 0 when there may be more; None when nothing is due.
        """
        async with self._database.read() as session:
            waiting = (
                select(InboundRow)
                .where(InboundRow.person_id == person_id, InboundRow.state == "received")
                .order_by(InboundRow.id)
                .limit(TOGETHER)
            )
            rows = list((await session.execute(waiting)).scalars())
            if not rows:
                return None
            ours = [row.due_at <= now() or self.taken.get(row.id) == row.due_at for row in rows]
            if not ours[0]:
                # Another replica has her first message, or it is tried again later; then those after it wait for it.
                return BEHIND_ANOTHER if any(ours) else None
            rows = rows[: (*ours, False).index(False)]
            before = select(func.max(InboundRow.received_at)).where(
                InboundRow.person_id == person_id, InboundRow.id < rows[0].id
            )
            last = (await session.execute(before)).scalar_one_or_none() if self._pause else None
            person = await session.get_one(Person, person_id)
            case = await self._cases.current(session, person)
        bodies = [json.loads(self._vault.open(row.body_sealed)) for row in rows]
        words = [shortcuts.is_words(body, person) for body in bodies]
        number, due = together([row.received_at for row in rows], words, last, self._pause, now())
        if due > now():
            return (due - now()).total_seconds()
        message = Heard(rows[:number], bodies[:number])
        bind_contextvars(message=message.last.id)
        language = people.settle_language(person, message.text, message.hint, self._language, self._knowledge)
        people.suggest_route(person, self._knowledge)
        payload = message.payload or pick(message.text, person.choices, offered_at=person.choices_at, language=language)
        try:
            understood, step = await self._decide(person, case, message, payload)
        except DialogueDown as error:
            return await self._without_model(message, payload, language, str(error))
        except DialogueBroken as error:
            if message.last.attempts + 1 < BROKEN_TRIES:
                await self._later(message, str(error))
                return None
            log.error(
                "the model cannot digest a message; she is asked to say it differently",
                message=message.last.id,
                error=str(error),
            )
            understood, step = shortcuts.not_understood("clarify_again")
        step = beside(case, person.pending, message.text, payload, step)
        await self._carry_out(message, language, understood, step)
        # What has come meanwhile is in the queue; only what was read and not answered yet is not.
        return 0 if number < len(bodies) or len(rows) == TOGETHER else None

    async def _decide(
        self, person: Person, case: Case | None, message: Heard, payload: str | None
    ) -> tuple[Understood, Step]:
        """What to do about a message: some things need no model."""
        text, words, worry = message.text, plain(message.text), message.worry
        if len(message.rows) > 1 and (found := self._safety.check(text)).level != "none":
            # Said in two messages what none of them said alone.
            if found.level == "case":
                step = Step().change(open_case=found.kind or "help", reason=f"words: {found.phrase}")
                return Understood(CRY if found.kind == "help" else f"distress_{found.kind}", 1.0), step
            worry = True
        alone = shortcuts.decide(person, case, text, words, payload, message.bodies[-1], worry=worry)
        if alone is not None:
            return alone
        turn = Turn(
            language=person.language or "en",
            channel=person.channel,
            origin=person.origin,
            destination=person.destination,
            country=person.phone_country,
            topic=person.topic,
            page=person.page,
            pending=(person.pending or "").split(":")[0] or None,
            fallbacks=person.fallbacks,
            route_asked=person.route_asked,
            route_told=person.route_told,
            greeted=person.greeted,
            case_open=case is not None and case.kind != "request",
            worry=worry,
            spoken=people.spoken(person, text, self._language),
        )
        conversation = self._vault.mark("conversation", self._world, person.id, f"{now():%Y%m%d%H}")
        async with self._typing.shown(person):
            return await self._dialogue.ask(conversation, picked(payload) if payload else words, turn)

    async def _without_model(self, message: Heard, payload: str | None, language: str, error: str) -> float | None:
        """The model is down: she is told so once, with emergency numbers; the message stays for later."""
        log.warning(
            "the model does not answer; the message waits",
            message=message.last.id,
            error=error,
            attempts=message.last.attempts + 1,
        )
        async with self._database.write() as session:
            rows = await self._received(session, message)
            if not rows:
                return 0
            current = rows[-1]
            person = await session.get_one(Person, current.person_id, with_for_update=True)
            person.language = language
            people.suggest_route(person, self._knowledge)
            asked = (person.pending or "").startswith("danger")
            understood = None
            if asked and payload != "deny":
                # She was asked whether she is in danger, and nothing can tell whether this is a no.
                reason = "answered the question about danger while the model was down"
                await self._danger.answer(session, person, current, message.text, kind="help", reason=reason)
                understood = Understood("help_request", 0.0)
            elif now() - current.received_at > GIVES_UP:
                understood = Understood("nlu_fallback", 0.0)
            else:
                self._say_wait(session, person, rows, asked=asked)
                self._postpone(rows)
            if understood is not None:
                self._answered(rows, person, understood, "case" if asked else None)
        self._outbox.wake()
        if understood is None:
            return None
        self._announce_all(rows)
        return 0

    def _say_wait(self, session: AsyncSession, person: Person, rows: list[InboundRow], *, asked: bool) -> None:
        """Once per message: the question about danger when her words give reason, else after a while that it takes time."""
        if any(row.told_wait for row in rows):
            return
        if any((row.understood or {}).get("safety") == "check" for row in rows) and not asked:
            self._danger.ask(session, person, rows[-1])
        elif now() - max(rows[0].received_at, self._started) > PATIENCE:
            self._replies.put(session, person, rows[-1], self._replies.waiting(person), what="wait")
        else:
            return
        for row in rows:
            row.told_wait = True

    async def _later(self, message: Heard, error: str) -> None:
        async with self._database.write() as session:
            self._postpone(await self._received(session, message))
        log.warning("the model gave no usable answer; the message is tried again", message=message.last.id, error=error)

    @staticmethod
    def _postpone(rows: list[InboundRow]) -> None:
        for row in rows:
            row.attempts += 1
            longest = LONGEST_WAIT if row.told_wait else timedelta(seconds=5)
            row.due_at = now() + min(timedelta(seconds=2.0 ** min(row.attempts - 1, 10)), longest)

    @staticmethod
    async def _received(session: AsyncSession, message: Heard) -> list[InboundRow]:
        """The message's rows, unless another replica has answered them or she had them deleted."""
        found = (
            select(InboundRow)
            .where(InboundRow.id.in_([row.id for row in message.rows]), InboundRow.state == "received")
            .order_by(InboundRow.id)
            .with_for_update()
        )
        rows = list((await session.execute(found)).scalars())
        return rows if len(rows) == len(message.rows) else []

    @staticmethod
    def _answered(rows: list[InboundRow], person: Person, understood: Understood, safety: str | None) -> None:
        for row in rows:
            answered(row, person, understood, safety)
            row.answered_at = rows[0].answered_at  # by this they are found together: see `Effects.asked_about`
            row.case_id = row.case_id or rows[-1].case_id

    def _announce_all(self, rows: list[InboundRow]) -> None:
        for row in rows:
            self.taken.pop(row.id, None)
            self._announce(row)

    async def _carry_out(self, message: Heard, language: str, understood: Understood, step: Step) -> None:
        """Effects, reply and the mark that the message is answered, in one transaction."""
        async with self._database.write() as session:
            rows = await self._received(session, message)
            if not rows:
                return
            current = rows[-1]
            person = await session.get_one(Person, current.person_id, with_for_update=True)
            person.language = language
            people.suggest_route(person, self._knowledge)
            safety = (current.understood or {}).get("safety", "none")
            if str(step.effects.get("pending")).startswith("danger"):
                safety = "check"
            effects, body = dict(step.effects), message.bodies[-1]
            text = attachments.told({**body, "text": message.text})
            if effects.get("hide"):
                await hiding.hide(session, person, current)
            elif not hiding.before(person, current.received_at) and (
                # To a caseworker who is with her she may write as to us: what was held is then what she waits for.
                step.replies or (effects.get("quiet") and await hiding.waits(session, person))
            ):
                await self._replies.reopen(session, person)
            if kind := effects.pop("open_case", None):
                asked = await self._effects.asked_about(session, person, current, text)
                await self._danger.answer(
                    session, person, current, asked, kind=str(kind), reason=str(effects.get("reason", ""))
                )
                safety = "case"
            else:
                await self._effects.apply(session, person, current, text, effects)
                await self._effects.attach(session, person, current, body)
                if effects.get("delete"):
                    await self._effects.erase(session, person, current)
                elif reply := await self._effects.case_answer(session, person, current, text, effects):
                    person.choices = [[c.label, c.payload] for c in reply.choices]
                    self._replies.put(session, person, current, reply)
                elif effects.get("quiet"):
                    pass  # a person is with her, and has her words
                elif effects.get("join_case") and not step.replies:
                    # The choices of the first reply stay: she may still want to pick "do not contact me".
                    if not (body.get("edited") and body.get("location")):  # where she goes is followed without a word
                        self._replies.put(session, person, current, await self._danger.passed_on(session, person))
                elif reply := self._replies.compose(step, person, paged=person.channel in self._by_sms):
                    if effects.get("hide"):
                        reply = self._replies.harmless(person)
                    person.choices = [[c.label, c.payload] for c in reply.choices]
                    what = FAREWELL.strip(":") if effects.get("stop") else HARMLESS if effects.get("hide") else "reply"
                    self._replies.put(session, person, current, reply, what=what)
                    await figures.count(session, self._knowledge, person, step)
            if not effects.get("delete"):
                attachments.note(session, self._vault, current, body)
                person.asked_for_words = any(r.get("phrase") in shortcuts.ASKS_FOR_WORDS for r in step.replies)
            self._answered(rows, person, understood, safety)
        self._announce_all(rows)


def answered(row: InboundRow, person: Person, understood: Understood, safety: str | None) -> None:
    """Mark a message as answered. safety: what the road found; None keeps what was found when it was stored."""
    row.state, row.answered_at = "answered", now()
    row.understood = {
        "intent": understood.intent,
        "confidence": round(understood.confidence, 3),
        "language": understood.language or person.language,
        "entities": list(understood.entities),
        "safety": safety or (row.understood or {}).get("safety", "none"),
    }
