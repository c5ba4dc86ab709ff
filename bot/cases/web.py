"""Where partners answer over the web: the page behind the link of an e-mail, and their own system's signed requests."""

from __future__ import annotations

import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.cases import reading
from bot.cases.actors import Actor
from bot.cases.answers import DRILL_DONE, do
from bot.cases.commands import Command
from bot.cases.links import PATH, Link, LinkRefused, use_once
from bot.cases.work import CaseRefused
from bot.store.models import Case

if TYPE_CHECKING:
    from bot.world import World

log = structlog.get_logger(__name__)

WEBHOOK_PATH = "/partner/webhook/"
LARGEST = 64 * 1024

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}

_VERBS = {"acknowledge": "take", "reply": "reply", "hand_back": "bot", "note": "note", "close": "close"}


def partner_routes(world: World) -> list[Route]:
    """The routes, for one world."""

    async def look(request: Request) -> Response:
        """A page with one button: mail scanners open links, but they press no buttons."""
        try:
            link = world.cases.links.read(request.path_params["token"])
        except LinkRefused as refused:
            return _refused(str(refused))
        return _page(
            f"Case {link.number}",
            f"<p>Take case {escape(link.number)}? Whoever takes it answers her; she and the others are told.</p>"
            '<form method="post"><button>I take it</button></form>',
        )

    async def take(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            link = world.cases.links.read(token)
            async with world.database.write() as session:
                case, actor = await _of_link(world, session, link)
                if not await world.cases.links.use(session, token):
                    raise LinkRefused("This link has been used. It works once.")
                await world.cases.work.take(session, case, actor)
        except (LinkRefused, CaseRefused) as refused:
            return _refused(str(refused))
        world.outbox.wake()
        if case.drill_partner is not None:
            return _page(f"Drill {link.number}", f"<p>{escape(DRILL_DONE.format(number=link.number))}</p>")
        return _page(
            f"Case {link.number} is yours",
            "<p>She has been told that a caseworker has read her message. How to reach her is in the mail.</p>",
        )

    async def webhook(request: Request) -> Response:
        from channels.signing import SIGNATURE, TIMESTAMP, is_signed
        from channels.webhook import read_body

        partner_id = str(request.path_params["partner"])
        body = await read_body(request, LARGEST)
        timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        if not is_signed(world.cases.directory.secrets(partner_id), timestamp, body, signature):
            log.warning("refused: a partner's request whose signature does not fit")
            return JSONResponse({"error": f"{SIGNATURE} or {TIMESTAMP} is missing, old or wrong."}, 403)
        try:
            number, command, who = _read(json.loads(body))
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, 400)
        actor = Actor(partner_id, who, "webhook")
        try:
            async with world.database.write() as session:
                if not await use_once(session, hashlib.sha256(body + signature.encode()).hexdigest()):
                    return JSONResponse({"error": "This request was taken before."}, 409)
                case = await reading.find(session, number, partner_id)
                if case is None:
                    raise CaseRefused(f"There is no case {number} for you.")
                said = await do(session, world.cases, case, actor, command)
                state = case.state
        except CaseRefused as refused:
            log.warning("refused: a partner's request", partner=partner_id)
            return JSONResponse({"error": str(refused)}, 409)
        world.outbox.wake()
        return JSONResponse({"done": said, "case": number, "state": state})

    return [
        Route(PATH + "{token}", look, methods=["GET"]),
        Route(PATH + "{token}", take, methods=["POST"]),
        Route(WEBHOOK_PATH + "{partner}", webhook, methods=["POST"]),
    ]


async def _of_link(world: World, session: Any, link: Link) -> tuple[Case, Actor]:
    way = world.cases.directory.way(link.way_id)
    case = await reading.find(session, link.number, way.partner) if way is not None else None
    if way is None or case is None or case.round != link.round:
        raise LinkRefused("This link is too old. Ask for the case by its number in the mail.")
    return case, Actor(way.partner, way.person, "link")


def _read(data: Any) -> tuple[str, Command, str]:
    """The number, command and name of a request; raises ValueError that says what is wrong."""
    if not isinstance(data, dict):
        raise ValueError("The body must be a JSON object.")
    number, verb, text, who = (data.get(key, "") for key in ("case", "do", "text", "by"))
    if not all(isinstance(value, str) for value in (number, verb, text, who)):
        raise ValueError('"case", "do", "text" and "by" must be texts.')
    if verb not in _VERBS:
        raise ValueError(f'"do" must be one of {", ".join(_VERBS)}.')
    if verb in ("reply", "note", "close") and not text.strip():
        raise ValueError(f'{verb} needs a "text".')
    return number, Command(_VERBS[verb], number, text), who[:40]  # type: ignore[arg-type]


def _page(title: str, inside: str, status: int = 200) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>body{{font:1.1rem/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}"
        f"button{{font:inherit;padding:.6rem 1.4rem}}</style><h1>{escape(title)}</h1>{inside}</html>",
        status,
        headers=_HEADERS,
    )


def _refused(why: str) -> Response:
    log.warning("refused: a link of an e-mail", why=why)
    return _page("This does not work", f"<p>{escape(why)}</p>", 403)
