"""The partners' side of a case: take it, write to her, hand over, pass on, note, close. One verb each.

Every verb takes (session, case, actor), works in the caller's transaction and raises `CaseRefused` when it may not be done.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding
from bot.cases import passing, wishes
from bot.cases.actors import OPERATOR, SHE, Actor
from bot.cases.announcing import Announcing
from bot.cases.directory import Way
from bot.cases.ladder import UNTAKEN, Ladder
from bot.cases.telling import NOTES, News
from bot.cases.timeline import note
from bot.messages import Choice, Outbound
from bot.store.models import Case, Person, now

log = structlog.get_logger(__name__)

QUIET = timedelta(hours=12)
"""After a caseworker's last words the bot leaves her alone so long; then it answers again, so that nobody is left in silence."""

LONGEST_REPLY = 1500
"""Characters that a caseworker can write to her at once."""


class CaseRefused(Exception):
    """It may not be done; the text says why, for whoever wanted to."""


class CaseWork:
    """What people at partners can do with a case."""

    def __init__(self, announcing: Announcing, ladder: Ladder) -> None:
        self._announcing, self._ladder = announcing, ladder

    async def take(self, session: AsyncSession, case: Case, actor: Actor, *, quietly: bool = False) -> None:
        """Acknowledge: whoever is first has it, everybody else who was told hears so, and she does too.

        quietly: without asking her when she may be written to, because words for her follow.
        """
        await self._allowed(session, case, actor)
        first = update(Case).where(Case.id == case.id, Case.state.in_(UNTAKEN), Case.taken_partner.is_(None))
        taken = await session.execute(
            first.values(state="acknowledged", acknowledged_at=now(), taken_partner=actor.partner, taken_by=str(actor))
        )
        await session.refresh(case)
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            if case.taken_partner == actor.partner and case.taken_by == str(actor):
                return
            raise CaseRefused(f"Case {case.number} was taken before, by {case.taken_by}.")
        await self._ladder.drop(session, case)
        note(session, case, "acknowledged", actor)
        person = await session.get_one(Person, case.person_id)
        await self._tell_the_others(session, case, person, actor)
        if case.drill_partner is not None:
            case.state, case.closed_at, case.outcome = "closed", now(), "drill answered"
            log.info("a drill was answered", case=case.number, partner=actor.partner, how=actor.how)
            return
        await self._announcing.withdraw(session, case, "w")
        if case.consent != "declined":
            await self._tell_her(session, case, person, actor, ask=not quietly)
        log.info("a case was taken", case=case.number, partner=actor.partner, how=actor.how)

    async def reply(self, session: AsyncSession, case: Case, actor: Actor, text: str) -> datetime | None:
        """A caseworker's words to her, on her channel, in her safe hours. Takes the case if nobody has.

        Returns when they will go; None: when she writes again, because she has hidden the chat.
        """
        await self._allowed(session, case, actor)
        if case.drill_partner is not None:
            await self.take(session, case, actor)
            return now()
        text = text.strip()
        person = await session.get_one(Person, case.person_id)
        if not text or len(text) > LONGEST_REPLY:
            raise CaseRefused(f"Write between 1 and {LONGEST_REPLY} characters.")
        if case.consent == "declined":
            raise CaseRefused(f"Case {case.number}: she does not want to be contacted.")
        if not person.address_sealed:
            raise CaseRefused(f"Case {case.number}: she has had her number deleted.")
        if case.state in UNTAKEN:
            await self.take(session, case, actor, quietly=True)
        self._holds(case, actor)
        moment = now()
        case.state, case.quiet_until = "in_contact", moment + QUIET
        due_at = wishes.first_safe(case, person, moment, self._announcing.quiet(person))
        event = note(session, case, "wrote to her", actor, body=self._announcing.vault.seal(text))
        await session.flush()
        goes = await self._announcing.say(
            session, case, person, Outbound(text), f"r{event.id}", due_at=due_at, urgent=True
        )
        return due_at if goes else None

    async def hand_over(self, session: AsyncSession, case: Case, actor: Actor, partner_id: str, who: str = "") -> None:
        """Give the case to a colleague, or to a partner that she has agreed to. who: a name there."""
        await self._allowed(session, case, actor)
        self._is_hers(case)
        self._holds(case, actor)
        if partner_id != OPERATOR and partner_id not in await passing.granted(session, case):
            raise CaseRefused(f"She has not agreed that {partner_id} gets the case; pass it on first.")
        case.taken_partner, case.taken_by = partner_id, str(Actor(partner_id, who, "desk"))
        if case.state in UNTAKEN:
            case.state, case.acknowledged_at = "acknowledged", now()
            await self._ladder.drop(session, case)
        event = note(session, case, f"handed over to {case.taken_by}", actor)
        await session.flush()
        person = await session.get_one(Person, case.person_id)
        told = await self._announcing.told(session, case, person)
        ways = self._announcing.directory.ways(partner_id)
        self._announcing.to_partners(session, case, told, ways[:1], News("handed"), f"h{event.id}")

    async def pass_on(self, session: AsyncSession, case: Case, actor: Actor, partner_id: str) -> bool:
        """Let another partner have the case too: at once if she has agreed (True), else she is asked (False)."""
        await self._allowed(session, case, actor)
        self._is_hers(case)
        directory = self._announcing.directory
        if directory.partner(partner_id) is None or not directory.ways(partner_id) or partner_id == OPERATOR:
            raise CaseRefused(f"There is no partner {partner_id} that can be reached here.")
        person = await session.get_one(Person, case.person_id)
        said = await passing.word(session, case, partner_id)
        if said is not None and said.state == "granted":
            await self._ladder.pass_to(session, case, person, partner_id)
            return True
        if case.consent == "declined" or (said is not None and said.state in ("refused", "revoked")):
            raise CaseRefused(f"Case {case.number}: she does not want that.")
        asking = await passing.ask_to_pass(session, self._announcing, case, person, partner_id)
        assert asking is not None
        event = note(session, case, f"asks her whether {partner_id} may have the case", actor)
        await session.flush()
        due = wishes.first_safe(case, person, now(), self._announcing.quiet(person))
        await self._announcing.say(session, case, person, asking, f"q{event.id}", due_at=due)
        return False

    async def revoke(self, session: AsyncSession, case: Case, actor: Actor, partner_id: str) -> None:
        """She has taken back her yes: the partner is told, gets nothing more, and sees the case no longer."""
        ways = await self._announcing.ways_told(session, case)
        await passing.set_word(session, case, partner_id, "revoked", actor)
        if case.taken_partner == partner_id:
            case.taken_partner, case.taken_by, case.quiet_until = OPERATOR, str(Actor(OPERATOR, "", "")), None
        event = note(session, case, f"{partner_id} is told that it may no longer use the case", actor)
        await session.flush()
        person = await session.get_one(Person, case.person_id)
        told = await self._announcing.told(session, case, person, [])
        own = [way for way in ways if way.partner == partner_id]
        news = News("revoked", note=NOTES["revoked"])
        self._announcing.to_partners(session, case, told, own, news, f"v{event.id}")

    async def write_note(self, session: AsyncSession, case: Case, actor: Actor, text: str) -> None:
        """A note for colleagues; she never reads it."""
        await self._allowed(session, case, actor)
        note(session, case, "noted", actor, body=self._announcing.vault.seal(text[:4000]))

    async def hand_back(self, session: AsyncSession, case: Case, actor: Actor) -> None:
        """The bot answers her again; she and the caseworker know it."""
        if actor != SHE:
            await self._allowed(session, case, actor)
            self._is_hers(case)
        case.quiet_until = None
        if case.state == "in_contact":
            case.state = "acknowledged"
        event = note(session, case, "back to the bot", actor)
        await session.flush()
        person = await session.get_one(Person, case.person_id)
        due = wishes.first_safe(case, person, now(), self._announcing.quiet(person))
        back = Outbound(self._announcing.phrase("case_bot_back", person))
        await self._announcing.say(session, case, person, back, f"b{event.id}", due_at=due)
        if actor == SHE and case.taken_partner:
            told = await self._announcing.told(session, case, person, [])
            ways = [w for w in await self._announcing.ways_told(session, case) if w.partner == case.taken_partner]
            self._announcing.to_partners(
                session, case, told, ways, News("bot", note=NOTES["bot"]), f"b{event.id}", urgent=False
            )

    async def close(self, session: AsyncSession, case: Case, actor: Actor, outcome: str) -> None:
        """End the case. outcome: a few words without names."""
        await self._allowed(session, case, actor)
        case.state, case.closed_at, case.outcome, case.quiet_until = "closed", now(), outcome[:200], None
        await session.flush()  # the case before its steps, as the ladder locks them
        await self._ladder.drop(session, case)
        note(session, case, f"closed: {outcome}", actor)

    # Who may

    async def _allowed(self, session: AsyncSession, case: Case, actor: Actor) -> None:
        """Raises `CaseRefused` unless the case is the actor's to work on. A stranger learns nothing of it."""
        if case.drill_partner is not None and actor.partner in (case.drill_partner, OPERATOR):
            if case.state == "closed":
                answered = f", by {case.taken_by}" if case.taken_by else ""
                raise CaseRefused(f"{case.number} was a drill, and it is over{answered}.")
            if actor.partner != case.drill_partner:
                raise CaseRefused(f"{case.number} is a drill for {case.drill_partner}.")
            return
        if actor.partner != OPERATOR and actor.partner not in await passing.granted(session, case):
            log.warning("refused: not a case of this partner", partner=actor.partner, how=actor.how)
            raise CaseRefused(f"There is no open case {case.number} for you.")
        if case.state == "closed":
            raise CaseRefused(f"Case {case.number} is closed.")

    @staticmethod
    def _is_hers(case: Case) -> None:
        if case.drill_partner is not None:
            raise CaseRefused(
                f"{case.number} is a drill: nobody is in danger. To answer it is enough: OK {case.number}"
            )

    @staticmethod
    def _holds(case: Case, actor: Actor) -> None:
        """Only one partner talks with her at a time; the operator may always step in."""
        if case.taken_partner not in (None, actor.partner) and actor.partner != OPERATOR:
            raise CaseRefused(f"Case {case.number} was taken before, by {case.taken_by}.")

    # Who is told

    async def _tell_the_others(self, session: AsyncSession, case: Case, person: Person, actor: Actor) -> None:
        """Everybody who was told and is not the one who took it."""
        ways: list[Way] = await self._announcing.ways_told(session, case)
        others = [w for w in ways if w.channel != actor.how and not (actor.how == "link" and w.channel == "email")]
        others += [w for w in ways if w not in others and w.partner != actor.partner]
        told = await self._announcing.told(session, case, person, [])
        news = News("taken", note=f"Taken by {case.taken_by}. You need not do anything.")
        self._announcing.to_partners(session, case, told, others, news, f"t{case.round}", urgent=False)

    async def _tell_her(self, session: AsyncSession, case: Case, person: Person, actor: Actor, *, ask: bool) -> None:
        say = self._announcing.phrase
        name = self._announcing.directory.name(actor.partner, person.language or "en")
        due = None
        if hiding.muted(person):
            due = wishes.first_safe(case, person, now(), self._announcing.quiet(person))
        parts = [say("case_taken", person, partner=name)]
        choices: tuple[Choice, ...] = ()
        if ask and not case.wish_asked:
            case.wish_asked = True
            if not hiding.muted(person):  # else she is asked when she reads it
                person.pending = "contact"
            parts.append(say("contact_ask", person))
            choices = self._announcing.choices(person, *wishes.CHOICES)
        await self._announcing.say(
            session, case, person, Outbound(" ".join(parts), choices), f"k{case.round}", due_at=due, urgent=True
        )
