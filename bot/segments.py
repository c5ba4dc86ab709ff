"""How long a text is as SMS, how to keep it short, and where it may be cut.

An SMS holds 140 bytes: 160 characters of GSM-7, or 70 units of UTF-16 as soon as one character is not in GSM-7. Longer
texts travel in parts of 153 or 67, because each part carries a header; every part is billed as one segment.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import regex  # type: ignore[import-untyped]

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Each is an escape and a character: it costs two, and is never torn apart by the end of a part."""

_OURS = {
    **dict.fromkeys("«»“”„‟〝〞″❝❞", '"'),
    **dict.fromkeys("‘’‚‛′ʼʻ`´❛❜", "'"),
    **dict.fromkeys("‹", "<"), **dict.fromkeys("›", ">"),
    **dict.fromkeys("‐‑‒–—―−•‣◦▪·●⁃", "-"),
    **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", " "),
    **dict.fromkeys("\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
    "…": "...", "⁄": "/", "∕": "/", "÷": "/", "×": "x", "½": "1/2", "¼": "1/4", "¾": "3/4", "‼": "!!", "№": "No.",
    "™": "(TM)", "©": "(c)", "®": "(R)", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "✓": "+",
    "✔": "+", "º": "o", "ª": "a", "₱": "PHP ", "₹": "INR ", "₨": "Rs ",
}  # fmt: skip
"""What says the same. Currency signs become codes. Spaces stay one, where Twilio makes two of some."""


def _smart_encoding() -> dict[str, str]:
    """Twilio's list, without marks over and under letters: there the letter stays, where Twilio puts a sign behind it."""
    found = {}
    for line in Path(__file__).with_name("smart_encoding.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, replacement, _name = line.split("\t")
            found[chr(int(code, 16))] = str(json.loads(replacement))
    return {c: replacement for c, replacement in found.items() if not unicodedata.combining(c)}


_TYPOGRAPHY = _smart_encoding() | _OURS
"""Used only where it keeps the whole text in GSM-7."""

REPLACED = frozenset(_TYPOGRAPHY)
"""Characters that no text of ours needs: each has a plain form that is in GSM-7."""

_STROKES = {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ŧ": "t", "ħ": "h", "ð": "d"}
"""Latin letters that Unicode does not take apart into a letter and an accent."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs as SMS.

    encoding: `GSM-7` or `UCS-2`. segments: parts that are billed, 0 for no text at all.
    units: septets of GSM-7 (an extension character is two), or units of UTF-16 (an emoji is two), without headers.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    units: int


_CLUSTER = regex.compile(r"\r|\X")
_CONJUNCT = regex.compile(r"(?<=[\p{InSC=Virama}\p{InSC=Invisible_Stacker}]\p{GCB=Extend}*)(?=\p{Lo})", regex.V1)
"""What is read as one character, in the older sense that Twilio counts by: a line break of two characters is two, and so are the
letters of a conjunct (क्ष), which newer rules keep together.
"""


def units(text: str) -> int:
    """Length in UTF-16 units, as Twilio and Telegram count the limits of a message."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count(text: str) -> Segments:
    """Encoding and number of segments of `text`, exactly as it stands and as Twilio bills it.

    In a longer text the end of a part tears nothing apart: neither an escape from its character nor, in UCS-2, what is read
    as one character (an emoji of several, a letter with its vowel signs). What does not fit goes into the next part.
    """
    gsm = all(c in GSM_BASIC or c in GSM_EXTENSION for c in text)
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if gsm else "UCS-2"
    single, part = (160, 153) if gsm else (70, 67)
    total = len(text) + sum(c in GSM_EXTENSION for c in text) if gsm else units(text)
    if total <= single:
        return Segments(encoding, min(total, 1), total)
    if gsm:
        sizes = [2 if c in GSM_EXTENSION else 1 for c in text]
    else:
        size_of = len if total == len(text) else units  # nearly always: no character is two units
        sizes = [size_of(cluster) for piece in _CONJUNCT.split(text) for cluster in _CLUSTER.findall(piece)]
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            parts, filled = parts + 1, 0
        filled += size
    return Segments(encoding, parts, total)


def clean(text: str) -> str:
    """`text` without what no provider and no store can carry: halves of surrogate pairs and NUL."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "")
    return text


def plain(text: str, counting: Callable[[str], Segments] = count) -> str:
    """`text` in the form that costs least as SMS without reading differently. counting: what a text costs there.

    Typographic characters are replaced where that keeps the text in GSM-7. Accents that GSM-7 lacks (á, ș) are dropped
    only where that saves a segment. A text that needs UCS-2 anyway, as every other script does, stays as it is.
    """
    text = unicodedata.normalize("NFC", clean(text)).replace("\r\n", "\n").replace("\r", "\n")
    for apart, whole in _BANGLA:
        text = text.replace(apart, whole)
    candidate = "".join(_replace(c) for c in text)
    if count(candidate).encoding == "GSM-7":
        return candidate
    best = candidate if counting(candidate).encoding == "GSM-7" else text
    folded = "".join(_fold(c) for c in candidate)
    if count(folded).encoding == "GSM-7" and count(folded).segments < counting(best).segments:
        return folded
    return best


# NFC writes these letters as two characters, and an SMS pays for each.
_BANGLA = (("\u09af\u09bc", "\u09df"), ("\u09a1\u09bc", "\u09dc"), ("\u09a2\u09bc", "\u09dd"))


def _replace(character: str) -> str:
    if character in GSM_BASIC or character in GSM_EXTENSION:
        return character
    return _TYPOGRAPHY.get(character, character)


def _fold(character: str) -> str:
    if character in GSM_BASIC or character in GSM_EXTENSION:
        return character
    if character in _STROKES:
        return _STROKES[character]
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


_NUMBER = regex.compile(r"[+(]*\d(?:[\d.,:/()'’\-‐‑–\u00a0\u202f \u2009]{0,3}\d)*")
"""A number, an amount, a date or a phone number with its inner signs and spaces, in the digits of any script."""

_BLANK = r"[\s\u200b]"
_LINE = regex.compile(r"\n")
_SENTENCE = regex.compile(rf"[.!?…。॥।؟۔።៕]+[\"'»”’)]*{_BLANK}")
_WORD = regex.compile(_BLANK)


def split(text: str, limit: int = 1600) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, cut at the end of a line, a sentence or a word, in this order.

    White space at the ends of the parts goes; nothing else is lost or added. A grapheme cluster is never cut, nor a
    number or a phone number, unless it alone is longer than `limit`. limit: 2 or more.
    """
    parts = []
    while units(text) > limit:
        cut = _border(text, limit)
        part, text = _strip(text[:cut]), _strip(text[cut:])
        if part:
            parts.append(part)
    if text or not parts:
        parts.append(text)
    return parts


def _border(text: str, limit: int) -> int:
    """Where to cut: an index into `text`, more than 0."""
    window = _within(text, limit)
    # One more cluster than fits shows whether the end of the window is a border at all.
    borders = {m.end() for m in regex.finditer(r"\X", text[: window + 100]) if m.end() <= window}
    if not borders:
        return window
    inside: set[int] = set()
    for number in _NUMBER.finditer(text, 0, min(len(text), window + 100)):
        if number.end() - number.start() <= limit // 2 or number.end() - number.start() <= 24:
            inside.update(range(number.start() + 1, number.end()))
    for pattern, earliest in ((_LINE, window // 2), (_SENTENCE, window // 2), (_WORD, window // 4)):
        ends = [m.end() for m in pattern.finditer(text, 0, min(len(text), window + 1))]
        # White space itself may lie just beyond the limit: it is dropped at the cut.
        fitting = [e for e in (min(e, window) for e in ends) if e > earliest and e in borders and e not in inside]
        if fitting:
            return int(fitting[-1])
    return int(max(borders - inside, default=max(borders)))


def _within(text: str, limit: int) -> int:
    """The largest index such that what is before it has at most `limit` units."""
    if len(text) <= limit and units(text) <= limit:
        return len(text)
    size = 0
    for index, character in enumerate(text):
        size += 2 if character > "\uffff" else 1
        if size > limit:
            return index
    return len(text)


def _strip(text: str) -> str:
    """`text` without white space at its ends, but never without the white space that a mark stands on."""
    if not (text[:1].isspace() or text[-1:].isspace() or text[:1] == "\u200b" or text[-1:] == "\u200b"):
        return text
    clusters = regex.findall(r"\X", text)
    while clusters and not clusters[0].strip(" \t\r\n\v\f\u200b\u00a0\u2028\u2029\u0085\u3000"):
        clusters.pop(0)
    while clusters and not clusters[-1].strip(" \t\r\n\v\f\u200b\u00a0\u2028\u2029\u0085\u3000"):
        clusters.pop()
    return "".join(clusters)
