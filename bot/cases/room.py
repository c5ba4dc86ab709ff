"""Her side of a case: opened, added to, taken up again, declined, in the transaction of her message."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import gathering, passing, wishes
from bot.cases.actors import SHE
from bot.cases.addresses import Inbox
from bot.cases.announcing import Announcing
from bot.cases.directory import Directory
from bot.cases.ladder import Ladder
from bot.cases.links import Links
from bot.cases.numbering import new_number
from bot.cases.telling import NOTES, News
from bot.cases.timeline import note
from bot.cases.work import CaseWork
from bot.knowledge import Knowledge
from bot.messages import Outbound
from bot.store.crypto import Vault
from bot.store.models import Case, Delivery, InboundRow, Person, now

REOPENS = timedelta(days=30)
"""A woman who is in danger again within this time after her case was closed has the same case."""

CRITICAL = frozenset({"violence", "sexual", "confined", "selfharm", "medical"})
"""Kinds of danger that may be going on in this moment."""


class CaseRoom:
    """Opens cases and sees to it that somebody is told. The road of her messages calls it; partners' verbs are in `work`."""

    def __init__(
        self,
        vault: Vault,
        knowledge: Knowledge,
        inbox: Inbox,
        *,
        by_sms: frozenset[str] = frozenset({"sms"}),
        telegram: bool = False,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """by_sms, telegram: see `bot.replies.Replies`. wake: told when something was put into the outbox by itself."""
        self._vault = vault
        self.directory = Directory(knowledge, inbox, by_sms)
        self.links = Links(vault, inbox.public_url)
        self.announcing = Announcing(
            vault, knowledge, self.directory, self.links, by_sms=by_sms, telegram=telegram, mail_read=inbox.mail_read
        )
        self.ladder = Ladder(self.announcing, wake)
        self.work = CaseWork(self.announcing, self.ladder)

    async def current(self, session: AsyncSession, person: Person) -> Case | None:
        """Her case that is not closed, if there is one."""
        cases = (
            select(Case).where(Case.person_id == person.id, Case.state != "closed").order_by(Case.id.desc()).limit(1)
        )
        return (await session.execute(cases)).scalar_one_or_none()

    async def open(
        self,
        session: AsyncSession,
        person: Person,
        inbound: InboundRow,
        text: str,
        *,
        kind: str,
        reason: str,
        language: str,
    ) -> Case:
        """Open a case for this message, and put it on its way to the partner, in the caller's transaction.

        Danger takes up her case of the last 30 days again, and turns an open request into a call for help.
        """
        case = await self.current(session, person)
        event = "opened"
        if case is None and kind != "request":
            case = await self._lately_closed(session, person)
        if case is None:
            case = Case(
                number=await new_number(session),
                person_id=person.id,
                state="open",
                consent="asked" if kind == "request" else "told",
                opened_at=now(),
                round=0,
            )
            session.add(case)
        else:
            event = "reopened" if case.state == "closed" else "opened"
            case.round += 1
            case.state, case.consent = "open", "told"
            case.notified_at = case.acknowledged_at = case.closed_at = case.outcome = None
            case.taken_partner = case.taken_by = case.quiet_until = None
        case.kind, case.reason, case.language = kind, reason[:300], language
        case.severity = "request" if kind == "request" else "critical" if kind in CRITICAL else "urgent"
        case.origin, case.destination = person.origin, person.destination
        await session.flush()
        inbound.case_id = case.id
        self._note_location(case, inbound)
        note(session, case, f"{event}: {reason}", SHE)
        told = await self.announcing.told(session, case, person, [(inbound.received_at, text)])
        await self.ladder.begin(session, case, told, event, inbound)
        return case

    async def join(
        self, session: AsyncSession, case: Case, person: Person, inbound: InboundRow, text: str, *, what: str
    ) -> None:
        """Add a further message to her case, and send it to whoever has the case."""
        if "not safe" in what or "danger" in what or what.startswith("she wrote again: "):
            await self.ladder.restart(session, case)
        if inbound.case_id == case.id:  # it went to the caseworker when it came in
            note(session, case, what, SHE)
            return
        inbound.case_id = case.id
        self._note_location(case, inbound)
        note(session, case, what, SHE)
        await gathering.pass_along(session, self.announcing, case, person, inbound, text or f"[{what}]")

    async def heard(self, session: AsyncSession, person: Person, inbound: InboundRow, text: str) -> None:
        """Every message of hers that the safety check lets pass: while a person is with her it goes to that person at once."""
        case = await self.current(session, person)
        if case is None:
            return
        if case.quiet_until is not None and case.quiet_until > now():
            await self.join(session, case, person, inbound, text, what="she wrote")

    async def decline(self, session: AsyncSession, case: Case, inbound: InboundRow) -> None:
        """She wants no contact: every partner that has the case is told so at once, and it goes to nobody else."""
        case.consent, case.quiet_until = "declined", None
        note(session, case, "she does not want to be contacted", SHE)
        person = await session.get_one(Person, case.person_id)
        await self.ladder.drop(session, case, "tell")
        told = await self.announcing.told(session, case, person, [])
        ways = await gathering.ways_of_more(session, self.announcing, case, every=True)
        news = News("declined", note=NOTES["declined"])
        self.announcing.to_partners(session, case, told, ways, news, f"declined{inbound.id}", inbound=inbound)
        for partner_id in await passing.granted(session, case):
            await passing.set_word(session, case, partner_id, "revoked")

    async def tell(self, session: AsyncSession, case: Case, what: str, event: str) -> None:
        """Tell whoever has the case something about it, once. what: a key of `telling.NOTES`. event: for the timeline."""
        before = select(Delivery.id).where(Delivery.key.like(f"case:{case.number}:{what}:%")).limit(1)
        if (await session.execute(before)).first() is not None:
            return
        person = await session.get_one(Person, case.person_id)
        told = await self.announcing.told(session, case, person, [])
        ways = await gathering.ways_of_more(session, self.announcing, case, every=True)
        self.announcing.to_partners(session, case, told, ways, News(what, note=NOTES[what]), what)
        note(session, case, event)

    async def hidden(self, session: AsyncSession, person: Person) -> None:
        """She has hidden the chat, see `bot.hiding`: whoever has her case can read it in the timeline."""
        if (case := await self.current(session, person)) is not None:
            note(session, case, "she has hidden the chat", SHE)

    async def answered(
        self, session: AsyncSession, case: Case, person: Person, inbound: InboundRow, text: str, answer: str
    ) -> Outbound | None:
        """What she answered to a question about her case; the reply, if it takes one.

        answer: case_pass_yes, case_pass_no, case_take_back, case_bot, contact_any, contact_6_12 and so on, contact_words.
        """
        say = self.announcing.phrase
        if answer.startswith("contact_"):
            await self._wish(session, case, person, inbound, text, answer)
            return Outbound(say("contact_noted", person))
        if answer == "case_bot":
            await self.work.hand_back(session, case, SHE)
            return None  # `hand_back` has told her
        if answer == "case_take_back":
            for partner_id in await passing.granted(session, case):
                await self.work.revoke(session, case, SHE, partner_id)
            return Outbound(say("case_taken_back", person))
        asked = await passing.asked_for(session, case)
        if asked is None:
            return None
        name = self.directory.name(asked, person.language or "en")
        if answer == "case_pass_no":
            await passing.set_word(session, case, asked, "refused")
            return Outbound(say("help_declined", person))
        await passing.set_word(session, case, asked, "granted")
        await self.ladder.pass_to(session, case, person, asked)
        back = self.announcing.choices(person, ("choice_take_back", "case_take_back"))
        return Outbound(say("case_passed", person, other=name), back)

    async def _wish(
        self, session: AsyncSession, case: Case, person: Person, inbound: InboundRow, text: str, answer: str
    ) -> None:
        if answer == "contact_words":
            hours, words = wishes.hours_in(text), text
        else:
            hours = wishes.picked(answer)
            words = "any time" if hours is None else f"{hours[0] // 60:02}:00 to {hours[1] // 60:02}:00"
        case.wish_sealed = self._vault.seal(words[:500])
        case.safe_from, case.safe_to = hours or (None, None)
        await self.join(session, case, person, inbound, text, what="she said when and how she may be written to")

    def _note_location(self, case: Case, inbound: InboundRow) -> None:
        body = json.loads(self._vault.open(inbound.body_sealed)) if inbound.body_sealed else {}
        if place := body.get("location"):
            case.location_sealed = self._vault.seal(f"{place['latitude']:.5f}, {place['longitude']:.5f}")

    async def _lately_closed(self, session: AsyncSession, person: Person) -> Case | None:
        closed = select(Case).where(Case.person_id == person.id, Case.closed_at > now() - REOPENS)
        return (await session.execute(closed.order_by(Case.id.desc()).limit(1))).scalar_one_or_none()
