"""The answer to what a woman has written: decided here or by the model, carried out in one transaction with the reply.

The answer goes into the outbox in the transaction that marks the message as answered, so there is exactly one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import people, shortcuts
from bot.cases import CaseRoom
from bot.choices import pick
from bot.danger import Danger
from bot.dialogue import Dialogue, DialogueBroken, DialogueDown, picked, plain
from bot.effects import Effects
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Outbound
from bot.opting_out import FAREWELL
from bot.outbox import Outbox
from bot.replies import Replies
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, InboundRow, Person, now
from bot.turn import Step, Turn, Understood

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=30)
"""How long a message waits for the model before she is told so: a restart of the model takes less."""

LONGEST_WAIT = timedelta(seconds=60)
GIVES_UP = timedelta(hours=24)
"""How long an answer is tried while the model is down; after that it would come out of nowhere."""

BROKEN_TRIES = 3
"""Tries of a message that the model cannot digest, before she is asked to say it differently."""


class Answering:
    """Answers the stored messages of one woman at a time. announce: told of each message that is answered."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        knowledge: Knowledge,
        language: LanguageModel,
        dialogue: Dialogue,
        cases: CaseRoom,
        replies: Replies,
        danger: Danger,
        outbox: Outbox,
        *,
        by_sms: frozenset[str],
        world: str,
        announce: Callable[[InboundRow], None],
    ) -> None:
        self._database, self._vault, self._knowledge = database, vault, knowledge
        self._language, self._dialogue, self._cases = language, dialogue, cases
        self._replies, self._danger, self._outbox = replies, danger, outbox
        self._by_sms, self._world, self._announce = by_sms, world, announce
        self._effects = Effects(vault, cases, replies)
        self._started = now()

    async def next(self, person_id: str) -> bool:
        """Answer her first unanswered message; False when none is due or it has to wait."""
        async with self._database.read() as session:
            first = (
                select(InboundRow)
                .where(InboundRow.person_id == person_id, InboundRow.state == "received")
                .order_by(InboundRow.id)
                .limit(1)
            )
            row = (await session.execute(first)).scalar_one_or_none()
            if row is None or row.due_at > now():
                return False
            person = await session.get_one(Person, person_id)
            case = await self._cases.current(session, person)
        body = json.loads(self._vault.open(row.body_sealed))
        text = str(body["text"])
        worry = (row.understood or {}).get("safety") == "check"
        language = people.settle_language(person, text, body.get("hint"), self._language, self._knowledge)
        people.suggest_route(person, self._knowledge)
        payload = body["payload"] or pick(text, person.choices, offered_at=person.choices_at, language=language)
        try:
            understood, step = await self._decide(person, case, text, payload, body, worry=worry)
        except DialogueDown as error:
            return await self._without_model(row, text, payload, language, str(error))
        except DialogueBroken as error:
            if row.attempts + 1 < BROKEN_TRIES:
                return await self._later(row, str(error))
            log.error(
                "the model cannot digest a message; she is asked to say it differently",
                message=row.id,
                error=str(error),
            )
            understood, step = shortcuts.not_understood("clarify_again")
        await self._carry_out(row, text, language, understood, step)
        return True

    async def _decide(
        self, person: Person, case: Case | None, text: str, payload: str | None, body: dict[str, Any], *, worry: bool
    ) -> tuple[Understood, Step]:
        """What to do about a message: some things need no model."""
        words = plain(text)
        alone = shortcuts.decide(person, case, text, words, payload, body, worry=worry)
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
        return await self._dialogue.ask(conversation, picked(payload) if payload else words, turn)

    async def _without_model(self, row: InboundRow, text: str, payload: str | None, language: str, error: str) -> bool:
        """The model is down: she is told so once, with emergency numbers; the message stays for later."""
        log.warning(
            "the model does not answer; the message waits", message=row.id, error=error, attempts=row.attempts + 1
        )
        async with self._database.write() as session:
            current = await session.get(InboundRow, row.id)
            if current is None or current.state != "received":
                return True
            person = await session.get_one(Person, current.person_id)
            person.language = language
            people.suggest_route(person, self._knowledge)
            asked = (person.pending or "").startswith("danger")
            if asked and payload != "deny":
                # She was asked whether she is in danger, and nothing can tell whether this is a no.
                reason = "answered the question about danger while the model was down"
                await self._danger.answer(session, person, current, text, kind="help", reason=reason)
                answered(current, person, Understood("help_request", 0.0), "case")
            elif now() - current.received_at > GIVES_UP:
                answered(current, person, Understood("nlu_fallback", 0.0), None)
            else:
                self._say_wait(session, person, current, asked=asked)
                self._postpone(current)
        self._outbox.wake()
        if current.state == "answered":
            self._announce(current)
        return current.state == "answered"

    def _say_wait(self, session: AsyncSession, person: Person, row: InboundRow, *, asked: bool) -> None:
        """Once per message: the question about danger when her words give reason, else after a while that it takes time."""
        if row.told_wait:
            return
        if (row.understood or {}).get("safety") == "check" and not asked:
            row.told_wait = True
            self._danger.ask(session, person, row)
        elif now() - max(row.received_at, self._started) > PATIENCE:
            row.told_wait = True
            self._replies.put(session, person, row, self._replies.waiting(person), what="wait")

    async def _later(self, row: InboundRow, error: str) -> bool:
        async with self._database.write() as session:
            if (current := await session.get(InboundRow, row.id)) is not None:
                self._postpone(current)
        log.warning("the model gave no usable answer; the message is tried again", message=row.id, error=error)
        return False

    @staticmethod
    def _postpone(row: InboundRow) -> None:
        row.attempts += 1
        longest = LONGEST_WAIT if row.told_wait else timedelta(seconds=5)
        row.due_at = now() + min(timedelta(seconds=2.0 ** min(row.attempts - 1, 10)), longest)

    async def _carry_out(self, row: InboundRow, text: str, language: str, understood: Understood, step: Step) -> None:
        """Effects, reply and the mark that the message is answered, in one transaction."""
        async with self._database.write() as session:
            current = await session.get(InboundRow, row.id)
            if current is None or current.state != "received":
                return
            person = await session.get_one(Person, current.person_id)
            person.language = language
            people.suggest_route(person, self._knowledge)
            safety = (current.understood or {}).get("safety", "none")
            if str(step.effects.get("pending")).startswith("danger"):
                safety = "check"
            effects = dict(step.effects)
            if kind := effects.pop("open_case", None):
                asked = await self._effects.asked_about(session, person, current, text)
                await self._danger.answer(
                    session, person, current, asked, kind=str(kind), reason=str(effects.get("reason", ""))
                )
                safety = "case"
            else:
                await self._effects.apply(session, person, current, text, effects)
                if effects.get("delete"):
                    await self._effects.erase(session, person, current)
                elif effects.get("join_case") and not step.replies:
                    # The choices of the first reply stay: she may still want to pick "do not contact me".
                    self._replies.put(session, person, current, Outbound(self._replies.phrase("case_more", person)))
                elif message := self._replies.compose(step, person, paged=person.channel in self._by_sms):
                    person.choices = [[c.label, c.payload] for c in message.choices]
                    what = FAREWELL.strip(":") if effects.get("stop") else "reply"
                    self._replies.put(session, person, current, message, what=what)
            answered(current, person, understood, safety)
        self._announce(current)


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
