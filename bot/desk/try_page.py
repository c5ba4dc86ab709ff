"""The try-it page: a phone with bubbles, on the throwaway world. Nothing written here reaches a partner.

Plain forms, no script: it works in any browser.
"""

from __future__ import annotations

import re
import secrets
import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.desk.pages import HEADERS, direction, runs, templates
from bot.knowledge import Knowledge
from bot.messages import Inbound
from bot.replies import autonym
from bot.segments import count
from bot.world import World
from channels.rendering import BY_SMS, render

LONGEST = 1600
COOKIE = "kasama_try"


def try_routes(world: World, knowledge: Knowledge) -> list[BaseRoute]:
    """The page's addresses."""

    async def show(request: Request) -> Response:
        channel, number = _who(request)
        bubbles = []
        for side, message in await world.history(channel, number):
            texts = [message.text] if side == "her" else render(channel, message)
            for n, text in enumerate(texts, start=1):
                segments = count(text)
                last = side == "kasama" and n == len(texts)
                choices = (
                    [(str(i), c.label) for i, c in enumerate(message.choices, start=1)]
                    if last and channel not in BY_SMS
                    else []
                )
                shown = runs(channel, text, message)
                bubbles.append(
                    {"side": side, "runs": shown, "segments": segments, "choices": choices, "dir": direction(text)}
                )
        context = {
            "bubbles": bubbles,
            "channel": channel,
            "number": number,
            "longest": LONGEST,
            "languages": [(tag, autonym(tag)) for tag in knowledge.languages],
        }
        response = templates.TemplateResponse(request, "try.html", context, headers=HEADERS)
        response.set_cookie(COOKIE, f"{channel}:{number}", httponly=True, samesite="strict", max_age=86_400)
        return response

    async def write(request: Request) -> Response:
        channel, number = _who(request)
        form = await request.form(max_fields=10, max_part_size=100_000)
        text = str(form.get("text", ""))[:LONGEST]
        if text.strip():
            inbound = Inbound(
                channel=channel, address=number, text=text, provider_id=f"try-{time.time_ns()}-{secrets.token_hex(4)}"
            )
            await world.say(inbound, patience=20)
        return RedirectResponse("/try#end", status_code=303)

    async def restart(request: Request) -> Response:
        form = await request.form(max_fields=10)
        channel = "telegram" if form.get("channel") == "telegram" else "sms"
        number = str(form.get("number", "")).replace(" ", "")
        number = number if re.fullmatch(r"\+[0-9]{6,15}", number) else ""
        response = RedirectResponse("/try", status_code=303)
        # A part that is no digit keeps each visitor's conversation apart, whatever number she tries.
        response.set_cookie(
            COOKIE, f"{channel}:{number}~{secrets.token_hex(8)}", httponly=True, samesite="strict", max_age=86_400
        )
        return response

    return [
        Route("/try", show),
        Route("/try", write, methods=["POST"]),
        Route("/try/restart", restart, methods=["POST"]),
    ]


def _who(request: Request) -> tuple[str, str]:
    """Channel and sender from the cookie; a new sender when it is missing or strange."""
    match = re.fullmatch(r"(sms|telegram):(\+[0-9]{6,15})?~([0-9a-f]{16})", request.cookies.get(COOKIE, ""))
    if match is None:
        return "sms", f"~{secrets.token_hex(8)}"
    return match[1], f"{match[2] or ''}~{match[3]}"
