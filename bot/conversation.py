"""The one road of a message: stored, looked at for danger, understood, answered.

`receive` returns only after the message is committed; from then on it cannot be lost. Whatever dies, `run` finds it again and
finishes it: the answer goes into the outbox in the transaction that marks the message as answered, so there is exactly one.
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import opting_out, people
from bot.cases import CaseRoom
from bot.deliveries import put
from bot.dialogue import Dialogue, DialogueBroken, DialogueDown, picked, plain
from bot.effects import Effects
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Choice, Inbound, Outbound
from bot.opting_out import FAREWELL, OptingOut
from bot.outbox import Outbox
from bot.replies import Replies
from bot.safety import Finding, Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, InboundRow, Person, now
from bot.turn import Step, Turn, Understood

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""People whose messages are worked on at the same time."""

PATIENCE = timedelta(seconds=30)
"""How long a message waits for the model before she is told so: a restart of the model takes less."""

WAIT_IS_TRUE = timedelta(minutes=30)
"""How long "I will send the answer as soon as I can" is worth sending."""

LONGEST_WAIT = timedelta(seconds=60)
GIVES_UP = timedelta(hours=24)
"""How long an answer is tried while the model is down; after that it would come out of nowhere."""

CRY = "distress_threat"
"""The intent of a call for help that names no kind of danger."""

BROKEN_TRIES = 3
"""Tries of a message that the model cannot digest, before she is asked to say it differently."""


_COMMAND = re.compile(r"/\w*[_{].*")
"""What looks like a name inside the dialogue model, `/distress_violence`: nobody in need writes so, and it means nothing here."""


class Conversation:
    """One world of conversations: a database, and what is needed to answer.

    by_sms: names of the channels on which she pays for each page, so that she gets one and asks for more.
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
        world: str = "live",
    ) -> None:
        self._database, self._vault, self._knowledge = database, vault, knowledge
        self._safety, self._language, self._dialogue = safety, language, dialogue
        self._outbox, self._cases, self._world = outbox, cases, world
        self._by_sms = by_sms
        self._replies = Replies(knowledge)
        self._effects = Effects(vault, cases, self._replies)
        self._opting_out = OptingOut(cases)
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = now()
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
        """Store a message, open a case if it says danger, commit. The same provider id again changes nothing."""
        finding = self._safety.check(inbound.text)
        try:
            person_id = await self._store(inbound, finding)
        except IntegrityError:  # the same message, stored by another replica in this moment
            return
        if person_id is None:
            return
        self._outbox.wake()
        self._due.put_nowait(person_id)

    async def _store(self, inbound: Inbound, finding: Finding) -> str | None:
        async with self._database.write() as session:
            same = select(InboundRow.id).where(
                InboundRow.channel == inbound.channel, InboundRow.provider_id == inbound.provider_id
            )
            if (await session.execute(same)).first() is not None:
                return None
            person = await people.find_or_make(session, self._vault, self._knowledge, inbound)
            body = {
                "text": inbound.text,
                "payload": inbound.payload,
                "media": [m.kind for m in inbound.media],
                "hint": inbound.language,
            }
            if inbound.location:
                body["location"] = asdict(inbound.location)
            row = InboundRow(
                channel=inbound.channel,
                provider_id=inbound.provider_id,
                person_id=person.id,
                body_sealed=self._vault.seal(json.dumps(body)),
                state="received",
                attempts=0,
                told_wait=False,
                received_at=inbound.received_at,
                due_at=now(),
                understood={"safety": finding.level},
            )
            await session.flush()
            session.add(row)
            await session.flush()
            said = opting_out.keyword(inbound, stopped=person.stopped)
            if said == "help" and finding.level != "case":
                finding = Finding("case", "help", inbound.text.strip()[:30], None)
            if said in ("stop", "start"):
                await self._stop_or_start(session, person, row, inbound, said)
            elif person.stopped and person.stopped_by == "said":
                await self._opting_out.back(session, person)
            if finding.level == "case":
                people.settle_language(person, inbound.text, finding.language, self._language, self._knowledge)
                understood = Understood(
                    CRY if finding.kind == "help" else f"distress_{finding.kind}",
                    1.0,
                    language=people.spoken(person, inbound.text, self._language),
                )
                await self._in_danger(
                    session, person, row, inbound.text, kind=finding.kind or "help", reason=f"words: {finding.phrase}"
                )
                self._answered(row, person, understood, finding.level)
        if row.state == "answered":
            self._announce(row)
        log.info("received", world=self._world, channel=inbound.channel, message=row.id, safety=finding.level)
        return person.id

    async def _stop_or_start(
        self, session: AsyncSession, person: Person, row: InboundRow, inbound: Inbound, said: str
    ) -> None:
        """Needs no model. Where the provider has confirmed a STOP itself she gets no further message."""
        people.settle_language(person, "", inbound.language, self._language, self._knowledge)
        if said == "start":
            await self._opting_out.back(session, person)
            self._reply(session, person, row, Outbound(self._replies.phrase("start", person)))
        else:
            await self._opting_out.out(session, person, "keyword" if inbound.keyword else "said")
            if inbound.keyword is None:
                farewell = Outbound(self._replies.phrase("stop", person))
                self._reply(session, person, row, farewell, what=FAREWELL.strip(":"))
        self._answered(row, person, Understood("greet" if said == "start" else "stop", 1.0), None)

    async def _in_danger(
        self, session: AsyncSession, person: Person, row: InboundRow, text: str, *, kind: str, reason: str
    ) -> Case:
        """Open her case or add to it, and answer her, in one transaction with the message."""
        people.suggest_route(person, self._knowledge)
        person.pending = None
        case = await self._cases.current(session, person)
        if case is not None and case.kind != "request":
            await self._cases.join(session, case, person, row, text, what=f"she wrote again: {reason}")
            self._reply(session, person, row, Outbound(self._replies.phrase("case_more", person)), urgent=True)
            return case
        person.choices = []
        language = person.language or "en"
        case = await self._cases.open(session, person, row, text, kind=kind, reason=reason, language=language)
        words = self._knowledge.first_reply(
            kind, language, country=people.whereabouts(person), partner=self._knowledge.operator.name
        )
        choices = [
            ("choice_safe", "affirm|topic=safe"),
            ("choice_not_safe", "deny|topic=unsafe"),
            ("choice_no_contact", "deny|topic=no_contact"),
        ]
        message = Outbound(
            words, choices=tuple(Choice(self._replies.phrase(label, person), payload) for label, payload in choices)
        )
        self._reply(session, person, row, message, urgent=True)
        log.warning("case opened", world=self._world, case=case.number, kind=kind)
        return case

    # Answering

    async def run(self) -> None:
        """Answer what was received, until cancelled; first what an earlier process left."""
        searching = asyncio.create_task(self._search())
        try:
            while True:
                person_id = await self._due.get()
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

    async def _search(self) -> None:
        """People with something due: what a dead process left, and what is tried again."""
        while True:
            try:
                async with self._database.read() as session:
                    due = (
                        select(InboundRow.person_id)
                        .where(InboundRow.state == "received", InboundRow.due_at <= now())
                        .distinct()
                        .limit(1000)
                    )
                    for person_id in (await session.execute(due)).scalars():
                        if person_id not in self._busy:
                            self._due.put_nowait(person_id)
            except SQLAlchemyError as error:
                log.error("the database did not answer; trying again", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _serve(self, person_id: str) -> None:
        """Answer one person's messages in order, until none is due."""
        try:
            while await self._answer_next(person_id):
                pass
        except Exception:  # the message stays stored and is found again; one person's trouble must not stop the others
            log.exception("answering failed; it is tried again", world=self._world)
        finally:
            self._busy.discard(person_id)
            if person_id in self._again:
                self._again.discard(person_id)
                self._due.put_nowait(person_id)

    async def _answer_next(self, person_id: str) -> bool:
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
        payload = body["payload"] or _choice(text, person.choices)
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
            understood, step = (
                Understood("nlu_fallback", 0.0),
                Step().say("clarify_again").offer(("choice_menu", "menu"), ("choice_person", "talk_to_human")),
            )
        await self._carry_out(row, text, language, understood, step)
        return True

    async def _decide(
        self, person: Person, case: Case | None, text: str, payload: str | None, body: dict[str, Any], *, worry: bool
    ) -> tuple[Understood, Step]:
        """What to do about a message: some things need no model."""
        words = plain(text)
        if payload is None and not any(unicodedata.category(c)[0] in "LN" for c in words):
            kind = "location" if body.get("location") else "media" if body["media"] else "empty"
            if case is not None and kind != "empty":
                return Understood("out_of_scope", 1.0), Step().change(
                    join_case=f"she sent: {', '.join(body['media']) or kind}"
                )
            return Understood("out_of_scope", 1.0), Step().say(kind)
        if (person.pending or "").startswith("danger") and payload == "affirm":
            return Understood("affirm", 1.0), Step().change(
                open_case="help", reason="she said yes when asked whether she is in danger"
            )
        if payload is None and _COMMAND.fullmatch(text.strip()):
            return Understood("nlu_fallback", 1.0), Step().say("clarify_again").offer(
                ("choice_menu", "menu"), ("choice_person", "talk_to_human")
            )
        if payload is None and words.casefold() == "start":  # the word that carriers know, whatever she speaks
            return Understood("greet", 1.0), Step().say("start").change(start=True, fallbacks=0)
        if payload is None and words.isdecimal() and len(words) <= 2:
            return Understood("nlu_fallback", 1.0), Step().say("old_choice").offer(
                ("choice_menu", "menu"), ("choice_person", "talk_to_human")
            )
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
                await self._in_danger(session, person, current, text, kind="help", reason=reason)
                self._answered(current, person, Understood("help_request", 0.0), "case")
            elif now() - current.received_at > GIVES_UP:
                self._answered(current, person, Understood("nlu_fallback", 0.0), None)
            else:
                self._say_wait(session, person, current, asked=asked)
                self._postpone(current)
        if current.state == "answered":
            self._announce(current)
        self._outbox.wake()
        return current.state == "answered"

    def _say_wait(self, session: AsyncSession, person: Person, row: InboundRow, *, asked: bool) -> None:
        """Once per message: the question about danger when her words give reason, else after a while that it takes time."""
        if row.told_wait:
            return
        if (row.understood or {}).get("safety") == "check" and not asked:
            row.told_wait = True
            person.pending = f"danger:{row.id}"
            choices = [
                Choice(self._replies.phrase(f"choice_danger_{word}", person), payload)
                for word, payload in (("yes", "affirm"), ("no", "deny"))
            ]
            self._reply(
                session,
                person,
                row,
                Outbound(self._replies.phrase("danger_check", person), tuple(choices)),
                urgent=True,
                what="wait",
            )
        elif now() - max(row.received_at, self._started) > PATIENCE:
            row.told_wait = True
            self._reply(session, person, row, self._waiting(person), what="wait")

    def _waiting(self, person: Person) -> Outbound:
        text = self._replies.phrase("dialogue_down", person)
        country = people.whereabouts(person)
        if numbers := self._replies.emergency_numbers(country):
            text += " " + self._replies.phrase(
                "dialogue_down_emergency", person, numbers=numbers, country=f"country:{country}"
            )
        return Outbound(text, valid_for=WAIT_IS_TRUE.total_seconds())

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
                await self._in_danger(
                    session, person, current, asked, kind=str(kind), reason=str(effects.get("reason", ""))
                )
                safety = "case"
            else:
                await self._effects.apply(session, person, current, text, effects)
                if effects.get("delete"):
                    await self._effects.erase(session, person, current)
                elif effects.get("join_case") and not step.replies:
                    # The choices of the first reply stay: she may still want to pick "do not contact me".
                    self._reply(session, person, current, Outbound(self._replies.phrase("case_more", person)))
                elif message := self._replies.compose(step, person, paged=person.channel in self._by_sms):
                    person.choices = [[c.label, c.payload] for c in message.choices]
                    what = FAREWELL.strip(":") if effects.get("stop") else "reply"
                    self._reply(session, person, current, message, what=what)
            self._answered(current, person, understood, safety)
        self._announce(current)
        self._outbox.wake()

    def _announce(self, row: InboundRow) -> None:
        done = self._waiting_for.get(row.provider_id)
        if done is not None and not done.done():
            done.set_result(None)

    def _reply(
        self,
        session: AsyncSession,
        person: Person,
        row: InboundRow,
        message: Outbound,
        *,
        urgent: bool = False,
        what: str = "reply",
    ) -> None:
        if urgent and message.choices:
            person.choices = [[c.label, c.payload] for c in message.choices]
        put(
            session,
            self._vault,
            key=f"in:{row.id}:{what}",
            lane=f"{person.channel}:{person.id}",
            channel=person.channel,
            address=person.address_sealed,
            message=message,
            urgent=urgent,
            person_id=person.id,
            inbound_id=row.id,
        )

    @staticmethod
    def _answered(row: InboundRow, person: Person, understood: Understood, safety: str | None) -> None:
        row.state, row.answered_at = "answered", now()
        row.understood = {
            "intent": understood.intent,
            "confidence": round(understood.confidence, 3),
            "language": understood.language or person.language,
            "entities": list(understood.entities),
            "safety": safety or (row.understood or {}).get("safety", "none"),
        }


def _choice(text: str, choices: list[list[str]]) -> str | None:
    """The payload that she picked by number, in any script's digits, or by the choice's own words; `0` always hides."""
    written = "".join(unicodedata.normalize("NFKC", text).split()).rstrip(".)").casefold()
    if written and len(written) <= 2 and all(c.isdecimal() for c in written):
        number = int("".join(str(unicodedata.digit(c)) for c in written))
        if number == 0:
            return "hide"
        return choices[number - 1][1] if number <= len(choices) else None
    for label, payload in choices:
        if "".join(label.split()).casefold() == written:
            return payload
    return None
