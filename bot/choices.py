"""Which of the choices that she was offered she picked: by number, by its word, or by the choice's own words.

A wrong guess is worse than a question, so whatever is not clearly one of them is no choice.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from bot.store.models import now

VALID_FOR = timedelta(days=1)
"""How long a number picks from what was offered; after that nobody remembers which list it was."""

HIDE = "hide"
"""What 0 means, at any time."""

LONG_ENOUGH = 5
"""Letters of a choice from which one slip of the thumb may be in them."""

_FRAME = "\ufe0e\ufe0f\u20e3"
"""What makes an emoji of a digit, 1️⃣."""

_NUMBERED = re.compile(r"[#(\[]*\s*(\d{1,2}|[፩-፱])\s*[.):\]\-/,।።។៕]*\s*")


def pick(
    text: str, choices: Sequence[Sequence[str]], *, offered_at: datetime | None = None, language: str | None = None
) -> str | None:
    """The payload that she picked, or None. `hide` for 0.

    choices: [label, payload] in the order of their numbers. offered_at: when; None: just now. language: the one she is
    answered in.
    """
    number = number_in(text)
    if number == 0:
        return HIDE
    if not choices or (offered_at is not None and now() - offered_at > VALID_FOR):
        return None
    if number is None:
        number = _words(language).get(_letters(text)) or _with_its_label(text, choices)
    if number is not None:
        return choices[number - 1][1] if number <= len(choices) else None
    return _by_label(text, choices)


def number_in(text: str) -> int | None:
    """The number that the whole message is, in the digits of any script: `1`, `1.`, `1)`, `#1`, `(1)`, `１`, `१`, `1️⃣`."""
    match = _NUMBERED.fullmatch(_visible(text))
    return _value(match[1]) if match else None


def _visible(text: str) -> str:
    """The text without what may stand around a digit and is not seen: marks of direction, joiners, the frame of an emoji."""
    seen = (c for c in text if unicodedata.category(c) != "Cf" and c not in _FRAME)
    return unicodedata.normalize("NFKC", "".join(seen)).strip()


def _value(digits: str) -> int:
    return int("".join(str(unicodedata.digit(c)) for c in digits))


def _letters(text: str) -> str:
    """Letters, vowel signs and digits of a text, without case, space and punctuation."""
    return "".join(c for c in _visible(text).casefold() if unicodedata.category(c)[0] in "LMN")


@functools.lru_cache(maxsize=32)
def _words(language: str | None) -> dict[str, int]:
    """Number words of a language, and of English."""
    table = yaml.safe_load(Path(__file__).with_name("number_words.yml").read_text(encoding="utf-8"))
    rows = [*table["en"], *table.get(language or "en", [])]
    numbers = [*range(1, 5), *range(1, 5)]
    return {_letters(word): number for number, words in zip(numbers, rows, strict=False) for word in words}


def _with_its_label(text: str, choices: Sequence[Sequence[str]]) -> int | None:
    """The number of `2 Pay` or `2. pay`, when both say the same."""
    visible = _visible(text)
    match = _NUMBERED.match(visible)
    if match is None or not 1 <= (number := _value(match[1])) <= len(choices):
        return None
    return number if _letters(visible[match.end() :]) == _letters(choices[number - 1][0]) else None


def _by_label(text: str, choices: Sequence[Sequence[str]]) -> str | None:
    written, labels = _letters(text), [_letters(label) for label, _ in choices]
    if not written:
        return None
    if written in labels:
        return choices[labels.index(written)][1]
    near = [n for n, label in enumerate(labels) if _one_slip(written, label)]
    if len(near) != 1 or len(labels[near[0]]) < LONG_ENOUGH:
        return None
    # Choices that differ by little say opposite things: `I am safe`, `I am unsafe`. A slip could turn one into the other.
    if any(abs(len(a) - len(b)) <= 2 and _alike(a, b) for a in labels for b in labels if a is not b):
        return None
    return choices[near[0]][1]


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, too many, wrong, or two neighbours are swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _alike(one: str, other: str) -> bool:
    """Whether two labels are within two letters of each other at one place."""
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = zip(reversed(one[start:]), reversed(other[start:]), strict=False)
    end = next((i for i, (a, b) in enumerate(ends) if a != b), min(len(one), len(other)) - start)
    return max(len(one), len(other)) - start - end <= 2
