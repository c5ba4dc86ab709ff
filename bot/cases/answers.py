"""What partners answer by SMS, by Telegram and by webhook: taking a case, words for her, handing back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import reading
from bot.cases.actors import Actor
from bot.cases.directory import Way
from bot.cases.room import CaseRoom
from bot.cases.work import CaseRefused
from bot.deliveries import put
from bot.messages import Outbound, PartnerReply
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, PartnerAnswer, now

log = structlog.get_logger(__name__)

Verb = Literal["take", "reply", "bot", "note", "close"]

HOW = (
    "Write OK 482106 to take a case (its number is in the message), 482106: your words to write to her, BOT 482106 to hand her "
    "back to the program, CLOSE 482106: how it ended."
)

DRILL_DONE = "{number} was a drill: you have answered it, thank you. Nobody is in danger."

_TAKE = re.compile(r"ok(?:ay)?[\s.,:#-]*(\d{6})?[\s.!]*", re.IGNORECASE)
_BOT = re.compile(r"bot[\s:#-]*(\d{6})[\s.!]*", re.IGNORECASE)
_CLOSE = re.compile(r"close[\s:#-]*(\d{6})[\s:,.-]+(.+)", re.IGNORECASE | re.DOTALL)
_REPLY = re.compile(r"#?(\d{6})\s*[:,-]\s*(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """What a partner wants. number: of the case; empty where it has to be found out."""

    verb: Verb
    number: str = ""
    text: str = ""


def read(text: str) -> Command | None:
    """The command that a text is; None when it is none."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _TAKE.fullmatch(text):
        return Command("take", found[1] or "")
    if found := _BOT.fullmatch(text):
        return Command("bot", found[1])
    if found := _CLOSE.fullmatch(text):
        return Command("close", found[1], found[2].strip())
    if found := _REPLY.fullmatch(text):
        return Command("reply", found[1], found[2].strip())
    return None


def read_button(payload: str) -> Command | None:
    """The command of a button, `case:take:482106`."""
    parts = payload.split(":")
    if len(parts) == 3 and parts[0] == "case" and parts[1] in ("take", "bot") and re.fullmatch(r"\d{6}", parts[2]):
        return Command(parts[1], parts[2])  # type: ignore[arg-type]
    return None


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
        if not ways:
            log.warning("refused: an answer to a case from an address that is no partner's", channel=reply.channel)
            return False
        try:
            async with self._database.write() as session:
                await self._once(session, reply, ways)
        except IntegrityError:  # the same answer, taken in by another replica in this moment
            return True
        self._room.ladder.wake()
        return True

    async def _once(self, session: AsyncSession, reply: PartnerReply, ways: Sequence[Way]) -> None:
        same = select(PartnerAnswer.id).where(
            PartnerAnswer.channel == reply.channel, PartnerAnswer.provider_id == reply.provider_id
        )
        if (await session.execute(same)).first() is not None:
            return
        way = ways[0]
        row = PartnerAnswer(channel=reply.channel, provider_id=reply.provider_id, partner_id=way.partner)
        session.add(row)
        await session.flush()
        command = await self._command(session, reply)
        actor = Actor(
            way.partner, reply.sender[:40] or way.person, "telegram" if reply.channel == "telegram" else "sms"
        )
        try:
            if command is None:
                raise CaseRefused(HOW)
            case = await self._case(session, command, ways)
            row.case_id, row.partner_id = case.id, actor.partner
            said = await do(session, self._room, case, actor, command)
            row.outcome = command.verb
        except CaseRefused as refused:
            said = str(refused)
            row.outcome = f"refused: {said}"[:200]
            log.warning("refused: a partner's answer", partner=actor.partner, channel=reply.channel)
        key = f"answer:{row.id}"
        put(
            session,
            self._vault,
            key=key,
            lane=key,
            channel=reply.channel,
            address=self._vault.seal(reply.address),
            message=Outbound(said),
        )

    async def _command(self, session: AsyncSession, reply: PartnerReply) -> Command | None:
        if reply.button:
            return read_button(reply.button)
        command = read(reply.text)
        if (command is None or not command.number) and reply.reply_to:
            number = await self._answered_case(session, reply)
            if number:
                return Command("take", number) if command is not None else Command("reply", number, reply.text)
        return command

    async def _answered_case(self, session: AsyncSession, reply: PartnerReply) -> str | None:
        """The case of the message that a partner answers to, if we sent it there."""
        sent = select(Delivery).where(
            Delivery.channel == reply.channel,
            Delivery.provider_id == reply.reply_to,
            Delivery.case_id.is_not(None),
            Delivery.person_id.is_(None),
        )
        for delivery in (await session.execute(sent)).scalars():
            if delivery.address_sealed and self._vault.open(delivery.address_sealed) == reply.address:
                case = await session.get(Case, delivery.case_id)
                return case.number if case else None
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
            return f"Case {case.number} is yours. To write to her: {case.number}: your words. She has been told."
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
