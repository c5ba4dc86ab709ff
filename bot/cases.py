"""Cases: a call for help, its delivery to the partner that operates the service, and what becomes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.deliveries import put
from bot.knowledge import Knowledge
from bot.messages import Outbound
from bot.store.crypto import Vault
from bot.store.models import Case, CaseEvent, Delivery, InboundRow, Person, now

SMS_WORDS = 400
"""Characters of her message that an SMS to the partner carries; the e-mail and `kasama cases show` have all of it."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where the partner that operates the service gets its calls for help; empty: not there.

    sms_channel: name of the channel that SMS to the partner go by.
    """

    email: str = ""
    sms: str = ""
    sms_channel: str = "sms"

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """(channel, address) of each."""
        both = (("email", self.email), (self.sms_channel, self.sms))
        return tuple((channel, address) for channel, address in both if address)


class CaseRoom:
    """Opens cases and tells the partner."""

    def __init__(self, vault: Vault, knowledge: Knowledge, inbox: Inbox) -> None:
        self._vault, self._knowledge, self.inbox = vault, knowledge, inbox

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
        """Open a case for this message, and put it on its way to the partner, in the caller's transaction."""
        case = Case(
            number=await self._number(session),
            person_id=person.id,
            kind=kind,
            reason=reason[:300],
            language=language,
            state="open",
            consent="asked" if kind == "request" else "told",
            origin=person.origin,
            destination=person.destination,
            opened_at=now(),
        )
        session.add(case)
        await session.flush()
        inbound.case_id = case.id
        session.add(CaseEvent(case_id=case.id, what=f"opened: {reason}"[:300]))
        subject = "partner_subject_help" if kind == "request" else "partner_subject"
        self._tell(session, case, person, inbound, text, subject=subject)
        return case

    async def join(
        self, session: AsyncSession, case: Case, person: Person, inbound: InboundRow, text: str, *, what: str
    ) -> None:
        """Add a further message to her case, and send it to the partner."""
        inbound.case_id = case.id
        session.add(CaseEvent(case_id=case.id, what=what[:300]))
        self._tell(session, case, person, inbound, text, subject="partner_more_subject")

    async def decline(self, session: AsyncSession, case: Case, inbound: InboundRow) -> None:
        """She wants no contact: the partner is told so at once."""
        case.consent = "declined"
        session.add(CaseEvent(case_id=case.id, what="she does not want to be contacted"))
        say = self._knowledge.phrase
        body = Outbound(
            say("partner_declined", "en"), subject=say("partner_declined_subject", "en", number=case.number)
        )
        for channel, address in self.inbox.addresses:
            text = body if channel == "email" else Outbound(f"{body.subject}. {body.text}")
            self._put(session, case, inbound, channel, address, text, "declined")

    async def tell(self, session: AsyncSession, case: Case, what: str, event: str) -> None:
        """Tell the partner something about a case, once: the phrases `partner_<what>` and `partner_<what>_subject`.

        event: the same for the timeline.
        """
        before = select(Delivery.id).where(Delivery.key.like(f"case:{case.number}:{what}:%")).limit(1)
        if (await session.execute(before)).first() is not None:
            return
        say = self._knowledge.phrase
        body = Outbound(say(f"partner_{what}", "en"), subject=say(f"partner_{what}_subject", "en", number=case.number))
        for channel, address in self.inbox.addresses:
            text = body if channel == "email" else Outbound(f"{body.subject}. {body.text}")
            self._put(session, case, None, channel, address, text, what)
        session.add(CaseEvent(case_id=case.id, what=event))

    def _tell(
        self, session: AsyncSession, case: Case, person: Person, inbound: InboundRow, text: str, *, subject: str
    ) -> None:
        say, names = self._knowledge.phrase, self._knowledge.country_name
        kind = say(f"kind_{case.kind}", "en")
        unknown = say("unknown", "en")
        origin = names(person.origin, "en") if person.origin else unknown
        destination = names(person.destination, "en") if person.destination else unknown
        address = self._vault.open(person.address_sealed)
        mail = Outbound(
            say(
                "partner_body",
                "en",
                number=case.number,
                time=f"{inbound.received_at:%Y-%m-%d %H:%M} UTC",
                kind=kind,
                reason=case.reason,
                text=printable(text),
                address=address,
                channel=person.channel,
                language=case.language,
                origin=origin,
                destination=destination,
            ),
            subject=say(subject, "en", number=case.number, kind=kind),
        )
        words = printable(text)
        short = words if len(words) <= SMS_WORDS else words[:SMS_WORDS] + " [...]"
        sms = Outbound(
            say(
                "partner_sms",
                "en",
                number=case.number,
                kind=kind,
                text=short,
                address=address,
                route=f"{origin} - {destination}",
                language=case.language,
            )
        )
        for channel, to in self.inbox.addresses:
            self._put(session, case, inbound, channel, to, mail if channel == "email" else sms, str(inbound.id))

    def _put(
        self,
        session: AsyncSession,
        case: Case,
        inbound: InboundRow | None,
        channel: str,
        address: str,
        message: Outbound,
        what: str,
    ) -> None:
        # A lane of its own: one delivery that hangs must not hold back the next call for help.
        key = f"case:{case.number}:{what}:{channel}"
        put(
            session,
            self._vault,
            key=key,
            lane=key,
            channel=channel,
            address=self._vault.seal(address),
            message=message,
            urgent=True,
            case_id=case.id,
            inbound_id=inbound.id if inbound else None,
        )

    async def _number(self, session: AsyncSession) -> str:
        """Six digits that nobody can count up from; short enough to text back."""
        while True:
            number = str(secrets.randbelow(900_000) + 100_000)
            if (await session.execute(select(Case.id).where(Case.number == number))).first() is None:
                return number


async def note_delivery(session: AsyncSession, delivery: Delivery) -> None:
    """Write into the case what became of a delivery to the partner."""
    if delivery.case_id is None or delivery.person_id is not None:
        return
    case = await session.get(Case, delivery.case_id)
    if case is None:
        return
    if delivery.state == "sent":
        if case.state == "open":
            case.state, case.notified_at = "notified", now()
        session.add(CaseEvent(case_id=case.id, what=f"partner notified by {delivery.channel}"))
    elif delivery.attempts == 1 or delivery.state == "failed":
        session.add(
            CaseEvent(
                case_id=case.id, what=f"partner not reached by {delivery.channel}: {delivery.error} ({delivery.state})"
            )
        )


async def acknowledge(session: AsyncSession, number: str) -> Case | None:
    """Somebody has taken the case; None when there is no such case that is open."""
    case = (
        await session.execute(select(Case).where(Case.number == number, Case.state != "closed"))
    ).scalar_one_or_none()
    if case is not None and case.state != "acknowledged":
        case.state, case.acknowledged_at = "acknowledged", now()
        session.add(CaseEvent(case_id=case.id, what="acknowledged"))
    return case


async def close(session: AsyncSession, number: str, outcome: str) -> Case | None:
    """End a case; None when there is no such case that is not closed yet."""
    case = (
        await session.execute(select(Case).where(Case.number == number, Case.state != "closed"))
    ).scalar_one_or_none()
    if case is not None:
        case.state, case.closed_at, case.outcome = "closed", now(), outcome[:200]
        session.add(CaseEvent(case_id=case.id, what=f"closed: {outcome}"[:300]))
    return case


def printable(text: str) -> str:
    """Her words for a mail: lone surrogates and control characters, which no mail can carry, become a question mark."""
    return "".join(
        c if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF) or ord(c) in (0x200C, 0x200D) else "?"
        for c in text
    )
