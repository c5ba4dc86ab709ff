"""Languages that a message names: "english please", "nepali ma". Pure Python, without Rasa."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

from bot.nlu.lookup import Lookup, load
from bot.nlu.words import words


@dataclass(frozen=True)
class Tongue:
    """One mention. code: the language, also when Kasama does not speak it."""

    code: str
    start: int
    end: int


def tongues(text: str, language: str = "en", lookup: Optional[Lookup] = None) -> List[Tongue]:
    """Every language that the text names, in order, each once. language: whose suffixes may be written onto a name."""
    lookup = lookup or load(language)
    spoken = words(text, lookup.cut)
    suffixes = [suffix for found in lookup.own.suffixes.values() for suffix in found]
    found: dict[str, Tongue] = {}
    for at, word in enumerate(spoken):
        code = None
        for size in (2, 1):
            run = spoken[at : at + size]
            code = lookup.languages.get(tuple(each.folded for each in run))
            if code:
                found.setdefault(code, Tongue(code, word.start, run[-1].end))
                break
        for suffix in suffixes if not code else ():
            code = lookup.languages.get((word.folded.removesuffix(suffix),)) if word.folded.endswith(suffix) else None
            if code:
                found.setdefault(code, Tongue(code, word.start, word.end))
                break
    return list(found.values())
