"""Words of a text with their places, folded so that spelling with or without accents is the same. Pure Python, without Rasa."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import List, Optional, Tuple

# Not \w: for Python the vowel signs of Devanagari, Khmer or Thai are no part of a word.
_WORD = re.compile(r"[^\s!\"#%&()*+,\-./:;<=>?@\[\\\]^_`{|}~¿¡।॥،؟…“”‘’'|]+")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}[A-Za-z]?\b\.?|\b[A-Za-z](?:\.[A-Za-z])+\b")


@dataclass(frozen=True)
class Word:
    """One word. text: as typed. folded: as compared. start, end: its place in the text, end excluded."""

    text: str
    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without the accents of Latin letters; the signs of other scripts stay."""
    text = unicodedata.normalize("NFKC", text).casefold()
    kept = []
    latin = False
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.combining(letter) and latin:
            continue
        latin = "LATIN" in unicodedata.name(letter, "")
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


Cut = Callable[[str], Iterator[Tuple[int, int]]]
"""Parts of a run of letters, as beginnings and ends."""


def unspaced(text: str) -> bool:
    """Whether a text is in a script that puts no spaces between words: Thai, Lao or Khmer."""
    return any("\u0e00" <= letter < "\u0f00" or "\u1780" <= letter < "\u1800" for letter in text)


def words(text: str, cut: Optional[Cut] = None) -> List[Word]:
    """All words in order. `U.A.E.` is one word, punctuation is none. cut: parts runs of scripts without spaces."""
    found = []
    at = 0
    while match := _next(text, at):
        raw, start = match[0], match.start()
        if cut and unspaced(raw):
            found += [Word(raw[a:b], fold(raw[a:b]), start + a, start + b) for a, b in cut(raw)]
        else:
            found.append(Word(raw, fold(raw.replace(".", "")), start, match.end()))
        at = match.end()
    return found


def _next(text: str, at: int) -> re.Match[str] | None:
    word = _WORD.search(text, at)
    dotted = _DOTTED.search(text, at)
    return dotted if word and dotted and dotted.start() <= word.start() else word
