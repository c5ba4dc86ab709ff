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


def runs(channel: str, text: str, message: Outbound) -> list[tuple[str, str]]:
    """A part of a message as runs of (how it is shown, text): `strong` stands out, `em` keeps in the background."""
    found = [
        (at, sentence, mark)
        for mark, sentences in (("strong", message.strong), ("em", message.quiet))
        for sentence in filter(None, sentences)
        if channel not in BY_SMS and (at := text.find(sentence)) >= 0
    ]
    shown, done = [], 0
    for at, sentence, mark in sorted(found):
        if at >= done:
            shown += [("", text[done:at]), (mark, sentence)]
            done = at + len(sentence)
    return [*shown, ("", text[done:])]
