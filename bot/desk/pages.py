"""What all pages share: templates, headers, the direction of a text, what stands out in it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from starlette.templating import Jinja2Templates

from bot.messages import Outbound
from channels.rendering import BY_SMS

HERE = Path(__file__).resolve().parent
templates = Jinja2Templates(directory=HERE / "templates")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def direction(text: str) -> str:
    """`rtl` where most letters are Arabic or Hebrew, else `ltr`."""
    letters: dict[bool, int] = defaultdict(int)
    for c in text:
        if c.isalpha():
            letters["\u0590" <= c <= "\u08ff"] += 1
    return "rtl" if letters[True] > letters[False] else "ltr"


_TAGS = {"strong": "strong", "quiet": "em"}


def runs(channel: str, text: str, message: Outbound) -> list[tuple[str, str]]:
    """A part of a message as runs of (the HTML element that shows it, or none; text)."""
    shown, done = [], 0
    for begin, end, mark in message.marked(text) if channel not in BY_SMS else ():
        shown += [("", text[done:begin]), (_TAGS[mark], text[begin:end])]
        done = end
    return [*shown, ("", text[done:])]
