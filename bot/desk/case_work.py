"""What she does with a case: each form of the case page is one verb of `bot.cases.work`, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from bot.cases import CaseRefused, passing, reading
from bot.cases.work import LONGEST_REPLY
from bot.desk import case_page
from bot.desk.case_words import OUTCOMES, NotSo, why_refused
from bot.desk.cases_page import CASES
from bot.desk.desk import Desk, Endpoint, Page, Visit
from bot.desk.staff import CASEWORK, colleagues
from bot.messages import Outbound
from bot.segments import count
from bot.store.crypto import WrongKey
from bot.store.models import Attachment, Case, Person
from channels.rendering import BY_SMS, render

log = structlog.get_logger(__name__)

SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4"}
)
"""What a browser may show; everything else it may only keep. No type here can hold a script."""

Verb = Callable[[Visit, AsyncSession, Case], Awaitable[None]]


def pages(desk: Desk) -> list[Page]:
    """The forms, the files of a case, and the count of segments while she writes."""
    verbs: tuple[tuple[str, Verb, str], ...] = (
        ("take", _take, "took"),
        ("reply", _reply, "replied"),
        ("note", _note, "noted"),
        ("hand-over", _hand_over, "handed_over"),
        ("pass-on", _pass_on, "passed_on"),
        ("bot", _bot, "bot"),
        ("close", _close, "closed"),
    )
    forms = [
        Page(f"{CASES}/{{number}}/{path}", _does(verb, done), CASEWORK, methods=("POST",)) for path, verb, done in verbs
    ]
    return [
        *forms,
        Page(f"{CASES}/{{number}}/files/{{file:int}}", file, CASEWORK),
        Page("/desk/segments", segments, CASEWORK, methods=("POST",), quiet=True),
    ]


def _does(verb: Verb, done: str) -> Endpoint:
    async def do(visit: Visit) -> Response:
        number = visit.request.path_params["number"]
        try:
            async with visit.desk.database.write() as session:
                case = await reading.find(session, number, visit.staff.partner_id)
                if case is None:
                    return visit.missing()
                await verb(visit, session, case)
                visit.note(session, done, number)
        except CaseRefused as refused:
            async with visit.desk.database.read() as session:
                case = await reading.find(session, number, visit.staff.partner_id)
                if case is None:
                    return visit.missing()
                why = why_refused(visit, case, await session.get_one(Person, case.person_id), refused)
            return await case_page.show(visit, why, 409, typed=visit.field("text", 4000))
        visit.desk.world.outbox.wake()
        return visit.go(f"{CASES}/{number}?done={done}")

    return do


async def _take(visit: Visit, session: AsyncSession, case: Case) -> None:
    await visit.desk.world.cases.work.take(session, case, visit.actor)


async def _reply(visit: Visit, session: AsyncSession, case: Case) -> None:
    text = visit.field("text", 4000)
    if not 0 < len(text) <= LONGEST_REPLY:
        raise NotSo(visit.say("Write between 1 and {most} characters.", most=LONGEST_REPLY))
    await visit.desk.world.cases.work.reply(session, case, visit.actor, text)


async def _note(visit: Visit, session: AsyncSession, case: Case) -> None:
    if not (text := visit.field("text", 4000)):
        raise NotSo(visit.say("Write something."))
    await visit.desk.world.cases.work.write_note(session, case, visit.actor, text)


async def _hand_over(visit: Visit, session: AsyncSession, case: Case) -> None:
    partner, _, name = visit.field("to", 120).partition("|")
    known = {(one.partner_id, one.name) for one in await colleagues(session, partner) if one.active}
    if not partner or (name and (partner, name) not in known):
        raise NotSo(visit.say("There is nobody of this name."))
    await visit.desk.world.cases.work.hand_over(session, case, visit.actor, partner, name)


async def _pass_on(visit: Visit, session: AsyncSession, case: Case) -> None:
    partner = visit.field("partner", 40)
    said = await passing.word(session, case, partner)
    if said is not None and said.state in ("refused", "revoked"):
        raise NotSo(visit.say("She does not want this partner to have her case."))
    await visit.desk.world.cases.work.pass_on(session, case, visit.actor, partner)


async def _bot(visit: Visit, session: AsyncSession, case: Case) -> None:
    await visit.desk.world.cases.work.hand_back(session, case, visit.actor)


async def _close(visit: Visit, session: AsyncSession, case: Case) -> None:
    if (outcome := OUTCOMES.get(visit.field("outcome", 12))) is None:
        raise NotSo(visit.say("Choose how it ended."))
    await visit.desk.world.cases.work.close(session, case, visit.actor, outcome)


async def segments(visit: Visit) -> Response:
    """What the words in the form cost her partner to send, and how they will be cut."""
    text, channel = visit.field("text", 4000), visit.field("channel", 20)
    parts = render(channel, Outbound(text)) if text else []
    counted = [count(part) for part in parts] if channel in BY_SMS else []
    return visit.page(
        "segments.html",
        characters=len(text),
        segments=sum(part.segments for part in counted),
        unicode=any(part.encoding != "GSM-7" for part in counted),
        sms=channel in BY_SMS,
    )


async def file(visit: Visit) -> Response:
    """One attachment, unsealed; nothing in it can run here."""
    world = visit.desk.world
    async with visit.desk.database.write() as session:
        case = await reading.find(session, visit.request.path_params["number"], visit.staff.partner_id)
        attachment = await session.get(Attachment, visit.request.path_params["file"])
        if case is None or attachment is None or attachment.case_id != case.id or world.attachments is None:
            return visit.missing()
        visit.note(session, "opened_attachment", case.number)
    try:
        content = await asyncio.to_thread(world.attachments.shelf.read, attachment)
    except (OSError, WrongKey, InvalidToken) as error:
        log.error("an attachment cannot be read", error=type(error).__name__)
        return visit.problem(visit.say("This file is not here, or not yet."), 404)
    kind = attachment.content_type.split(";")[0].strip().lower()
    shown = kind in SHOWN
    return Response(
        content,
        media_type=kind if shown else "application/octet-stream",
        headers={
            "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="case-{case.number}-{attachment.id}"',
            "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
        },
    )
