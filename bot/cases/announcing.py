"""Puts what is said about a case on its way, in the caller's transaction: to partners by their ways, to her by her channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding
from bot.cases.directory import Directory, Way
from bot.cases.links import Links
from bot.cases.telling import News, Told, compose, of_drill
from bot.deliveries import put
from bot.knowledge import Knowledge
from bot.messages import Choice, Outbound
from bot.replies import Replies
from bot.store.crypto import Vault
from bot.store.models import Case, Delivery, InboundRow, LadderStep, Person, now


class Announcing:
    """Composes and puts deliveries about cases."""

    def __init__(
        self,
        vault: Vault,
        knowledge: Knowledge,
        directory: Directory,
        links: Links,
        *,
        by_sms: frozenset[str],
        telegram: bool = False,
        mail_read: bool = False,
    ) -> None:
        """by_sms, telegram: see `Replies`. mail_read: what partners answer by mail is read."""
        self.vault, self.knowledge, self.directory, self.links = vault, knowledge, directory, links
        self._by_sms, self.mail_read = by_sms, mail_read
        self.replies = Replies(vault, knowledge, by_sms=by_sms, telegram=telegram)

    # To partners

    def to_partners(
        self,
        session: AsyncSession,
        case: Case,
        told: Told,
        ways: Iterable[Way],
        news: News,
        what: str,
        *,
        inbound: InboundRow | None = None,
        urgent: bool = True,
    ) -> None:
        """One delivery per way. what: part of the key, the same for the same news."""
        for way in ways:
            link = ""
            if way.channel == "email" and news.event in ("opened", "reopened", "passed", "repeat"):
                link = self.links.make(case.number, case.round, way.id)
            # A lane of its own: one delivery that hangs must not hold back the next call for help.
            key = f"case:{case.number}:{what}:{way.id}"
            put(
                session,
                self.vault,
                key=key,
                lane=key[-60:],
                channel=way.channel,
                address=self.vault.seal(way.address),
                message=compose(way.channel, told, news, link=link, sent_at=now(), mail_read=self.mail_read),
                urgent=urgent,
                case_id=case.id,
                inbound_id=inbound.id if inbound else None,
            )

    async def told(
        self, session: AsyncSession, case: Case, person: Person, words: Sequence[tuple[datetime, str]] | None = None
    ) -> Told:
        """What a partner is told of a case. words: those of this news; None: all that belong to the case."""
        if case.drill_partner is not None:
            return of_drill(case.number, case.opened_at)
        say, names = self.knowledge.phrase, self.knowledge.country_name
        unknown = say("unknown", "en")
        if words is None:
            words = [(row.received_at, words_of(self.vault, row)) for row in await messages_of(session, case)]
        return Told(
            number=case.number,
            kind=say(f"kind_{case.kind}", "en"),
            severity=case.severity,
            reason=case.reason,
            words=tuple((at, printable(text)) for at, text in words),
            opened_at=case.opened_at,
            address=self.vault.open(person.address_sealed) if person.address_sealed else "deleted at her request",
            channel=person.channel,
            language=case.language,
            origin=names(case.origin, "en") if case.origin else unknown,
            destination=names(case.destination, "en") if case.destination else unknown,
            where=self.vault.open(case.location_sealed) if case.location_sealed else "",
            wish=printable(self.vault.open(case.wish_sealed)) if case.wish_sealed else "",
            hidden=hiding.muted(person),
            request=case.kind == "request",
        )

    async def ways_told(self, session: AsyncSession, case: Case) -> list[Way]:
        """The ways by which partners have this case in this round, in the order of telling."""
        steps = select(LadderStep.ways).where(
            LadderStep.case_id == case.id, LadderStep.round == case.round, LadderStep.state == "done"
        )
        ids = [i for ways in (await session.execute(steps.order_by(LadderStep.id))).scalars() for i in ways]
        found = [self.directory.way(way_id) for way_id in dict.fromkeys(ids)]
        return [way for way in found if way is not None]

    # To her

    async def say(
        self,
        session: AsyncSession,
        case: Case,
        person: Person,
        message: Outbound,
        what: str,
        *,
        due_at: datetime | None = None,
        urgent: bool = False,
    ) -> bool:
        """A message to her; nothing when she has had her address deleted. what: part of the key.

        False when it is held because she has hidden the talk: she gets harmless news at `due_at`, and it when she writes.
        A lane of its own: one that waits for her safe hours must not hold back answers to what she asks meanwhile.
        """
        if not person.address_sealed:
            return True
        if message.choices and not hiding.muted(person):
            person.choices = [[c.label, c.payload] for c in message.choices]
        return await hiding.tell(
            session,
            self.vault,
            person,
            self.phrase("hide_news", person),
            key=f"case:{case.number}:{what}",
            lane=f"case:{case.number}:her",
            channel=person.channel,
            address=person.address_sealed,
            message=self.replies.permitted(message, person),
            urgent=urgent,
            case_id=case.id,
            due_at=due_at,
        )

    async def withdraw(self, session: AsyncSession, case: Case, what: str) -> None:
        """Delete what is held for her of this kind, which is true no longer. what: how its part of the key begins."""
        held = (Delivery.case_id == case.id, Delivery.state == "held", Delivery.key.like(f"case:{case.number}:{what}%"))
        await session.execute(delete(Delivery).where(*held, Delivery.person_id.is_not(None)))

    def quiet(self, person: Person) -> Callable[[datetime], datetime]:
        """Moves a moment out of the hours in which nothing may come to her unasked, by the rules of her country."""
        if person.channel not in self._by_sms:
            return lambda moment: moment
        return lambda moment: self.replies.sms_rules.allowed_at(person.phone_country, moment)

    def phrase(self, key: str, person: Person, **values: Any) -> str:
        """A sentence in her language."""
        return self.replies.phrase(key, person, **values)

    def choices(self, person: Person, *pairs: tuple[str, str]) -> tuple[Choice, ...]:
        """Choices in her language: (phrase or finished label, payload)."""
        return tuple(
            Choice(label if label[:1].isdecimal() else self.phrase(label, person), payload) for label, payload in pairs
        )


async def messages_of(session: AsyncSession, case: Case) -> list[InboundRow]:
    """Her messages that belong to a case, oldest first."""
    rows = select(InboundRow).where(InboundRow.case_id == case.id).order_by(InboundRow.id)
    return list((await session.execute(rows)).scalars())


def words_of(vault: Vault, row: InboundRow) -> str:
    """What she wrote; what else she sent, in brackets."""
    body: dict[str, Any] = json.loads(vault.open(row.body_sealed))
    text = str(body["text"])
    if not text and (things := [str(m) for m in body.get("media") or ()]):
        return f"[{', '.join(things)}]"
    return text


def printable(text: str) -> str:
    """Her words for a mail: lone surrogates and control characters, which no mail can carry, become a question mark."""
    return "".join(
        c if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF) or ord(c) in (0x200C, 0x200D) else "?"
        for c in text
    )
