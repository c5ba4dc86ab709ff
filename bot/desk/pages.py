"""What all pages share: templates, headers, the direction of a text."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from starlette.templating import Jinja2Templates

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
