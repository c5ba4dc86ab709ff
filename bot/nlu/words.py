"""Words of a text with their places, folded so that spelling with or without accents is the same. Pure Python, without Rasa."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import List

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


def words(text: str) -> List[Word]:
    """All words in order. `U.A.E.` is one word, punctuation is none."""
    found = []
    at = 0
    while match := _next(text, at):
        raw = match[0]
        found.append(Word(raw, fold(raw.replace(".", "")), match.start(), match.end()))
        at = match.end()
    return found


def _next(text: str, at: int) -> re.Match[str] | None:
    word = _WORD.search(text, at)
    dotted = _DOTTED.search(text, at)
    return dotted if word and dotted and dotted.start() <= word.start() else word
