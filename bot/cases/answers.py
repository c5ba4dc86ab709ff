"""What partners answer by SMS, by Telegram and by mail, and what each command does: take a case, write to her, hand back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import by_mail, reading
from bot.cases.actors import Actor
from bot.cases.commands import HOW, Command, read, read_button
from bot.cases.directory import Way, same_address
from bot.cases.room import CaseRoom
from bot.cases.telling import answerable
from bot.cases.timeline import ANSWER
from bot.cases.work import CaseRefused
from bot.deliveries import open_body, put
from bot.messages import Outbound, PartnerReply
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, PartnerAnswer, now

log = structlog.get_logger(__name__)

DRILL_DONE = "{number} was a drill: you have answered it, thank you. Nobody is in danger."

MOST_REFUSED = 10
"""Mails of one partner in an hour that are refused and answered."""


class PartnerAnswers:
    """Takes in what partners answer; only from addresses that belong to one."""

    def __init__(self, database: Database, vault: Vault, room: CaseRoom) -> None:
        self._database, self._vault, self._room = database, vault, room

    def is_partner(self, channel: str, address: str) -> bool:
        """Whether an address is a partner's."""
        return bool(self._room.directory.whose(channel, address))

    async def receive(self, reply: PartnerReply) -> bool:
        """Do what a partner wants, once per provider id, and answer where it was written. False: no partner wrote this."""
        ways = self._room.directory.whose(reply.channel, reply.address)
        try:
            if not ways and not (reply.thread and await self._from_elsewhere(reply)):
                log.warning("refused: an answer to a case from an address that is no partner's", channel=reply.channel)
                return False
            if ways:
                async with self._database.write() as session:
                    await self._once(session, reply, ways)
        except IntegrityError:  # the same answer, taken in by another replica in this moment
            return True
        self._room.ladder.wake()
        return True

    async def _once(self, session: AsyncSession, reply: PartnerReply, ways: Sequence[Way]) -> None:
        way = ways[0]
        row = await self._new_row(session, reply, way.partner)
        if row is None:
            return
        how = reply.channel if reply.channel in ("telegram", "email") else "sms"
        actor = Actor(way.partner, reply.sender[:40] or way.person, how)
        answered = await self._answered(session, reply)
        try:
            command, more = await self._command(session, reply, answered, way)
            case = await self._case(session, command, ways)
            row.case_id, row.partner_id = case.id, actor.partner
            said = await do(session, self._room, case, actor, command) + more
            row.outcome = command.verb
        except CaseRefused as refused:
            said = str(refused)
            row.outcome = f"refused: {said}"[:200]
            log.warning("refused: a partner's answer", partner=actor.partner, channel=reply.channel)
            if how == "email" and await self._too_many(session, way.partner):
                log.error("too many refused answers by mail in an hour; they are not answered", partner=way.partner)
                return
        await self._say(session, row, reply, said, reply.address, answered)

    async def _from_elsewhere(self, reply: PartnerReply) -> bool:
        """Whether a stranger answers a mail that we sent to a partner about a case; then that partner hears of it.

        It may be a colleague who uses another address: she must know that her words did not arrive. The stranger is told nothing.
        """
        async with self._database.read() as session:
            if await self._answered(session, reply, anybody=True) is None:
                return False
        async with self._database.write() as session:
            answered = await self._answered(session, reply, anybody=True)
            if answered is None:
                return True
            address = self._vault.open(answered[1].address_sealed)
            ways = self._room.directory.whose(reply.channel, address)
            if not ways:  # no partner's address any more
                return False
            row = await self._new_row(session, reply, ways[0].partner)
            if row is None:
                return True
            row.case_id, row.outcome = answered[0].id, "refused: from another address"
            log.warning("refused: a mail about a case was answered from another address", partner=row.partner_id)
            if not await self._too_many(session, row.partner_id):
                await self._say(session, row, reply, by_mail.ELSEWHERE, address, answered)
            return True

    async def _new_row(self, session: AsyncSession, reply: PartnerReply, partner: str) -> PartnerAnswer | None:
        """Note that an answer came in; None when it had before."""
        same = (PartnerAnswer.channel == reply.channel, PartnerAnswer.provider_id == reply.provider_id)
        if (await session.execute(select(PartnerAnswer.id).where(*same))).first() is not None:
            return None
        row = PartnerAnswer(channel=reply.channel, provider_id=reply.provider_id, partner_id=partner)
        session.add(row)
        await session.flush()
        return row

    async def _say(
        self,
        session: AsyncSession,
        row: PartnerAnswer,
        reply: PartnerReply,
        text: str,
        address: str,
        answered: tuple[Case, Delivery] | None,
    ) -> None:
        """Answer a partner. A mail belongs to the case of its thread, so that it can be answered again."""
        message, case_id = Outbound(text), None
        if reply.channel == "email":
            subject, own = "Kasama", reply.message_id
            if answered is not None:
                case_id = answered[0].id
                subject = self._sent(answered[1]).subject.removeprefix("Re: ")
                own = own if same_address(address) == same_address(reply.address) else answered[1].provider_id or ""
                text = answerable(text)
            message = Outbound(text, subject=f"Re: {subject}", answers=own)
        put(
            session,
            self._vault,
            key=f"{ANSWER}{row.id}",
            lane=f"{ANSWER}{row.id}",
            channel=reply.channel,
            address=self._vault.seal(address),
            message=message,
            case_id=case_id,
        )

    async def _too_many(self, session: AsyncSession, partner: str) -> bool:
        """Whether so many mails were refused that two programs may be answering each other."""
        refused = select(func.count(PartnerAnswer.id)).where(
            PartnerAnswer.channel == "email",
            PartnerAnswer.partner_id == partner,
            PartnerAnswer.outcome.like("refused:%"),
            PartnerAnswer.at > now() - timedelta(hours=1),
        )
        await session.flush()
        return int((await session.execute(refused)).scalar_one()) > MOST_REFUSED

    async def _command(
        self, session: AsyncSession, reply: PartnerReply, answered: tuple[Case, Delivery] | None, way: Way
    ) -> tuple[Command, str]:
        """What a partner wants, and what to add when telling that it was done. Raises `CaseRefused`."""
        if reply.channel == "email":
            return self._mailed(reply, answered, way)
        command = read_button(reply.button) if reply.button else read(reply.text)
        if answered is not None and not reply.button and (command is None or not command.number):
            number = answered[0].number
            command = Command("take", number) if command is not None else Command("reply", number, reply.text)
        if command is None:
            raise CaseRefused(HOW)
        return command, ""

    def _mailed(self, reply: PartnerReply, answered: tuple[Case, Delivery] | None, way: Way) -> tuple[Command, str]:
        """The same for a mail: only the thread says which case is meant, for a sender's address can be forged."""
        if answered is None:
            raise CaseRefused(by_mail.NO_THREAD)
        case, delivery = answered
        command, more = by_mail.command(reply.text, case.number)
        if command.verb != "reply" or case.drill_partner is not None:
            return command, f" {by_mail.LEFT_OUT}" if more else ""
        partner = self._room.directory.partner(way.partner)
        names = [partner.name, *partner.names.values()] if partner is not None else []
        by_mail.check(command.text, self._sent(delivery).text, names, reply.address)
        return command, by_mail.shown(command.text)

    def _sent(self, delivery: Delivery) -> Outbound:
        return open_body(self._vault, delivery.body_sealed) if delivery.body_sealed else Outbound("")

    async def _answered(
        self, session: AsyncSession, reply: PartnerReply, *, anybody: bool = False
    ) -> tuple[Case, Delivery] | None:
        """The case of the message that a partner answers to, and that message, if we sent it there.

        anybody: also if we sent it elsewhere.
        """
        ids = list(dict.fromkeys([*([reply.reply_to] if reply.reply_to else []), *reply.thread]))
        sent = select(Delivery).where(
            Delivery.channel == reply.channel,
            Delivery.provider_id.in_(ids),
            Delivery.case_id.is_not(None),
            Delivery.person_id.is_(None),
        )
        found = list((await session.execute(sent)).scalars()) if ids else []
        for delivery in sorted(found, key=lambda row: ids.index(row.provider_id or "")):
            if not delivery.address_sealed:
                continue
            there = same_address(self._vault.open(delivery.address_sealed)) == same_address(reply.address)
            case = await session.get(Case, delivery.case_id) if there or anybody else None
            if case is not None:
                return case, delivery
        return None

    async def _case(self, session: AsyncSession, command: Command, ways: Sequence[Way]) -> Case:
        """The case that is meant, if the partner may see it. Raises `CaseRefused`."""
        partners = list(dict.fromkeys(way.partner for way in ways))
        if command.number:
            for partner_id in partners:
                case = await reading.find(session, command.number, partner_id)
                if case is not None:
                    return case
            raise CaseRefused(f"There is no case {command.number} for you.")
        open_ones = {
            case.number: case
            for partner_id in partners
            for case in await reading.queue(session, partner_id)
            if case.state in ("open", "notified")
        }
        if real := {number: case for number, case in open_ones.items() if case.drill_partner is None}:
            open_ones = real
        if len(open_ones) != 1:
            raise CaseRefused("Write the number of the case too: OK 482106." if open_ones else "No case waits for you.")
        return next(iter(open_ones.values()))


async def do(session: AsyncSession, room: CaseRoom, case: Case, actor: Actor, command: Command) -> str:
    """Carry a command out; what to tell whoever gave it. Raises `CaseRefused`."""
    work = room.work
    match command.verb:
        case "take":
            await work.take(session, case, actor)
            if case.drill_partner is not None:
                return DRILL_DONE.format(number=case.number)
            how = "answer this mail" if actor.how == "email" else f"{case.number}: your words"
            return f"Case {case.number} is yours. To write to her: {how}. She has been told."
        case "reply":
            due_at = await work.reply(session, case, actor, command.text)
            if case.drill_partner is not None:
                return DRILL_DONE.format(number=case.number)
            return _when(case, due_at)
        case "bot":
            await work.hand_back(session, case, actor)
            return f"Case {case.number}: the program answers her again."
        case "note":
            await work.write_note(session, case, actor, command.text)
            return f"Case {case.number}: noted."
        case _:
            await work.close(session, case, actor, command.text)
            return f"Case {case.number} is closed."


def _when(case: Case, due_at: datetime | None) -> str:
    if due_at is None:
        return f"Case {case.number}: she has hidden the chat. Your words go to her when she writes again."
    if (due_at - now()).total_seconds() < 60:
        return f"Case {case.number}: your words are on their way to her."
    return f"Case {case.number}: your words go to her at {due_at:%Y-%m-%d %H:%M} UTC, when it is safe for her."
