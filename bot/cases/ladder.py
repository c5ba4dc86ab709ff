"""The ladder of a case: told at once, then again by other ways, to other people, to other partners, until somebody takes it.

Each step is a row with the moment when it is due. A step is claimed by a conditional UPDATE and worked in the same
transaction, so any number of replicas may run this, and a step that a crash interrupts is simply still due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding, people
from bot.cases import gathering
from bot.cases.actors import KASAMA
from bot.cases.announcing import Announcing
from bot.cases.passing import ask_to_pass, granted
from bot.cases.rungs import Rung, following, of_partner, plan
from bot.cases.telling import DRILL, News, Told
from bot.cases.timeline import note
from bot.cases.wishes import first_safe
from bot.messages import Outbound
from bot.store.database import Database
from bot.store.models import Case, InboundRow, LadderStep, Person, now

log = structlog.get_logger(__name__)

UNTAKEN = ("open", "notified")
DRILL_MISSED = "drill not answered"
AT_ONCE = 20
"""Steps worked in one go."""

TELLS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""Pauses between what she is told about the wait, after the first time; from then on a day."""

TELLS_END = timedelta(days=7)
LATE = timedelta(seconds=60)
"""A step later than this, after an outage, does not hurry those that follow it."""


class Ladder:
    """Begins, works and ends the ladders of cases. wake: told when something was put into the outbox."""

    def __init__(self, announcing: Announcing, wake: Callable[[], None] = lambda: None, pause: float = 0.5) -> None:
        self._announcing, self._pause = announcing, pause
        self.wake = wake

    # In the transaction of her message

    async def begin(
        self, session: AsyncSession, case: Case, told: Told, event: str, inbound: InboundRow | None = None
    ) -> None:
        """Tell the first ones at once, and plan the next step. event: opened, or reopened."""
        await self.drop(session, case)
        moment = now()
        rung = following(await self._plan(session, case, moment), set())
        if rung is not None:
            session.add(self._done(case, rung, moment))
            what = f"m{inbound.id}" if inbound is not None else f"{event}{case.round}"
            self._announcing.to_partners(session, case, told, rung.ways, News(event), what, inbound=inbound)
        self._next(session, case, moment + (rung.patience if rung else self._promise))
        if case.kind not in ("request", DRILL):
            session.add(LadderStep(case_id=case.id, round=case.round, kind="tell", due_at=moment + self._promise))

    async def drop(self, session: AsyncSession, case: Case, kind: str | None = None) -> None:
        """Nobody is told again by itself. kind: only these steps. What she wrote and was gathered is told all the same."""
        waiting = update(LadderStep).where(LadderStep.case_id == case.id, LadderStep.state == "waiting")
        kinds = (kind,) if kind else ("notify", "tell")
        await session.execute(waiting.where(LadderStep.kind.in_(kinds)).values(state="dropped"))

    async def restart(self, session: AsyncSession, case: Case) -> None:
        """She is in danger again and nobody has the case: see to it that a step is due."""
        running = select(LadderStep.id).where(
            LadderStep.case_id == case.id, LadderStep.state == "waiting", LadderStep.kind == "notify"
        )
        if case.state in UNTAKEN and (await session.execute(running.limit(1))).first() is None:
            self._next(session, case, now() + self._promise)

    async def pass_to(self, session: AsyncSession, case: Case, person: Person, partner_id: str) -> None:
        """She has agreed: tell this partner at once."""
        moment = now()
        directory = self._announcing.directory
        ways = [rung for rung in of_partner(directory, partner_id, moment)[:1]]
        first = ways[0] if ways else None
        if first is None:  # closed, and no way for that: it gets the case all the same, and reads it when it opens
            every = tuple(directory.ways(partner_id))
            if not every:
                return
            first = Rung(every[0].id, every[:1], self._promise)
        session.add(self._done(case, first, moment))
        told = await self._announcing.told(session, case, person)
        what = f"p{case.round}{partner_id}"[:20]
        self._announcing.to_partners(session, case, told, first.ways, News("passed"), what)

    # The job

    async def run(self, database: Database) -> None:
        """Work what is due until cancelled."""
        healed = False
        while True:
            try:
                if not healed:
                    await self._heal(database)
                    healed = True
                if not await self.work(database):
                    await asyncio.sleep(self._pause)
            except (SQLAlchemyError, OSError) as error:
                log.error("the database did not answer; trying again", error=type(error).__name__)
                await asyncio.sleep(self._pause)
            except Exception:  # one case's trouble must not stop the others; its step is still due
                log.exception("a step of the ladder failed; it is tried again")
                await asyncio.sleep(self._pause)

    async def work(self, database: Database) -> int:
        """Work the steps that are due, each in a transaction of its own; how many were."""
        due = select(LadderStep.id).where(LadderStep.state == "waiting", LadderStep.due_at <= now())
        async with database.read() as session:
            ids = list((await session.execute(due.order_by(LadderStep.due_at).limit(AT_ONCE))).scalars())
        done = failed = 0
        for step_id in ids:
            try:
                done += await self._work_one(database, step_id)
            except SQLAlchemyError:
                raise
            except Exception:
                failed += 1
                log.exception("a step of the ladder failed; it is tried again", step=step_id)
        if done:
            self.wake()
        return done if not failed else 0

    async def _work_one(self, database: Database, step_id: int) -> bool:
        async with database.write() as session:
            # The case is locked first, as by everybody who works on one: nobody takes it between this look and what is sent
            # because of it. Where the database can, another replica goes on to the next step instead of waiting.
            of_step = select(LadderStep.case_id).where(LadderStep.id == step_id, LadderStep.state == "waiting")
            locked = select(Case).where(Case.id.in_(of_step)).with_for_update(skip_locked=True)
            case = (await session.execute(locked)).scalar_one_or_none()
            if case is None:
                return False
            claim = update(LadderStep).where(LadderStep.id == step_id, LadderStep.state == "waiting")
            claimed = await session.execute(claim.values(state="done", done_at=now()))
            if claimed.rowcount != 1:  # type: ignore[attr-defined]
                return False
            step = await session.get_one(LadderStep, step_id)
            person = await session.get_one(Person, case.person_id)
            drill = case.drill_partner is not None
            if step.kind == "gather":
                await gathering.tell_gathered(session, self._announcing, case, person, step)
            elif case.state not in UNTAKEN or step.round != case.round or not (person.address_sealed or drill):
                step.state = "dropped"
            elif step.kind == "tell":
                await self._tell(session, case, person, step)
            else:
                await self._notify(session, case, person, step)
        return True

    async def _notify(self, session: AsyncSession, case: Case, person: Person, step: LadderStep) -> None:
        moment = now()
        earlier = select(LadderStep).where(
            LadderStep.case_id == case.id,
            LadderStep.round == case.round,
            LadderStep.state == "done",
            LadderStep.kind == "notify",
            LadderStep.id != step.id,
        )
        done = list((await session.execute(earlier)).scalars())
        rungs = await self._plan(session, case, moment)
        rung = following(rungs, {row.rung for row in done})
        if rung is None and case.drill_partner is not None:
            case.state, case.closed_at, case.outcome = "closed", moment, DRILL_MISSED
            note(session, case, f"closed: {DRILL_MISSED}")
            log.warning("a drill was not answered", case=case.number, partner=case.drill_partner)
            return
        if rung is None:
            if not rungs:  # nobody can be reached here yet; a setting or a file may change that
                self._next(session, case, moment + self._promise)
            return
        step.rung, step.ways = rung.name, [way.id for way in rung.ways]
        told = await self._announcing.told(session, case, person)
        before = [{way_id.partition(":")[0] for way_id in row.ways} for row in done]
        for way in rung.ways:
            times = sum(way.partner in partners for partners in before)
            news = News("repeat", times) if times else News("passed")
            self._announcing.to_partners(session, case, told, [way], news, f"s{step.id}")
        note(session, case, f"nobody has taken it; told again: {_named(rung)}")
        log.warning("a case is not taken", case=case.number, rung=rung.name)
        start = step.due_at if moment - step.due_at < LATE else moment
        self._next(session, case, start + rung.patience)

    async def _tell(self, session: AsyncSession, case: Case, person: Person, step: LadderStep) -> None:
        """The truth about the wait; held, and not more than once, while she has hidden the chat."""
        moment, say = now(), self._announcing.phrase
        if case.consent == "declined" or person.stopped:
            return
        country, due = people.whereabouts(person), None
        if hiding.muted(person):
            await self._announcing.withdraw(session, case, "w")
            due = first_safe(case, person, moment, self._announcing.quiet(person))
        parts = [say("case_wait", person, partner=self._announcing.directory.operator.named(person.language or "en"))]
        if numbers := self._announcing.replies.emergency_numbers(country):
            parts.append(say("dialogue_down_emergency", person, numbers=numbers, country=f"country:{country}"))
        else:
            parts.append(say("first_emergency_unknown", person))
        asking = await ask_to_pass(session, self._announcing, case, person)
        message = Outbound(" ".join([*parts, asking.text] if asking else parts), asking.choices if asking else ())
        if await self._announcing.say(session, case, person, message, f"w{step.id}", due_at=due, urgent=True):
            note(session, case, "she was told that nobody has answered yet", KASAMA)
        else:
            note(session, case, "she has hidden the chat: that nobody has answered yet waits until she writes", KASAMA)
        told = select(LadderStep.id).where(
            LadderStep.case_id == case.id, LadderStep.round == case.round, LadderStep.kind == "tell"
        )
        times = len((await session.execute(told)).all())
        pause = TELLS[times - 1] if times <= len(TELLS) else timedelta(days=1)
        if moment - case.opened_at + pause < TELLS_END:
            quiet = self._announcing.quiet(person)
            due = first_safe(case, person, moment + pause, quiet)
            session.add(LadderStep(case_id=case.id, round=case.round, kind="tell", due_at=due))

    async def _heal(self, database: Database) -> None:
        """Cases that nobody has taken and that no step waits for: from before there was a ladder."""
        waiting = exists().where(LadderStep.case_id == Case.id, LadderStep.state == "waiting")
        never = exists().where(LadderStep.case_id == Case.id)
        async with database.write() as session:
            lost = select(Case).where(Case.state.in_(UNTAKEN), ~waiting, ~never).with_for_update(skip_locked=True)
            for case in (await session.execute(lost)).scalars():
                self._next(session, case, now() + self._promise)

    async def _plan(self, session: AsyncSession, case: Case, moment: datetime) -> list[Rung]:
        if case.drill_partner is not None:
            return of_partner(self._announcing.directory, case.drill_partner, moment)
        agreed = await granted(session, case)
        return plan(self._announcing.directory, agreed, moment, request=case.kind == "request")

    @property
    def _promise(self) -> timedelta:
        return timedelta(minutes=self._announcing.directory.operator.promise_minutes)

    @staticmethod
    def _next(session: AsyncSession, case: Case, due_at: datetime) -> None:
        session.add(LadderStep(case_id=case.id, round=case.round, kind="notify", due_at=due_at))

    @staticmethod
    def _done(case: Case, rung: Rung, moment: datetime) -> LadderStep:
        return LadderStep(
            case_id=case.id, round=case.round, kind="notify", rung=rung.name, ways=[way.id for way in rung.ways],
            state="done", due_at=moment, done_at=moment,
        )  # fmt: skip


def _named(rung: Rung) -> str:
    return ", ".join(f"{way.partner} {way.channel}{f' ({way.person})' if way.person else ''}" for way in rung.ways)
