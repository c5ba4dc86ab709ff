"""Finds many short phrases in a message at once, in time that depends on the message alone.

Where a word of a phrase stands is a set of positions, kept as the bits of one integer. A phrase is then
a few shifts and ANDs, whatever was typed: there is nothing to backtrack over, and repeating a word adds
bits and no work. Only phrases all of whose words occur somewhere in the message are looked at.

What a phrase may hold: see `content/safety/README.md`. A place of a phrase takes one of several words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.vocabulary import GAP, Vocabulary, Word

_FILLERS = 3  # fillers in a row that are passed over


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a phrase. `gap`: up to `GAP` other words may stand before the next place."""

    words: tuple[Word, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase over elements: `gaps[i]` says whether other words may stand after element i. `filler`: an element."""

    elements: tuple[int, ...]
    gaps: tuple[bool, ...]
    filler: int

    def _forward(self, found: dict[int, int], blocked: int) -> list[int]:
        """Positions of each element in a phrase begun before it; empty as soon as there are none."""
        fill = found.get(self.filler, 0)
        reach = -1
        out: list[int] = []
        for element, gap in zip(self.elements, self.gaps, strict=True):
            here = found.get(element, 0) & ~blocked & reach
            if not here:
                return []
            out.append(here)
            reach = here << 1
            if gap:
                reach |= reach << 1
                reach |= reach << 2
            if fill:
                for _ in range(_FILLERS):
                    reach |= (reach & fill) << 1
        return out

    def ends(self, found: dict[int, int], blocked: int = 0) -> int:
        """Positions where the phrase ends, none of its own words standing on a `blocked` position."""
        out = self._forward(found, blocked)
        return out[-1] if out else 0

    def covers(self, found: dict[int, int]) -> int:
        """Positions of the words that belong to the phrase wherever it occurs."""
        places = self._forward(found, 0)
        covered = 0
        later = -1
        for here in reversed(places):
            here &= later
            covered |= here
            later = 0
            for step in range(1, GAP + _FILLERS + 2):
                later |= here >> step
        return covered


class Phrases:
    """Patterns, numbered from 0 in the order of adding, over the elements of one vocabulary.

    An element is a place of a phrase; equal places of phrases of one lexicon are one element.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.patterns: list[Pattern] = []
        self._vocabulary = vocabulary
        self._numbers: dict[tuple[frozenset[Word], int], int] = {}
        self._seen: dict[tuple[int, int], tuple[int, tuple[Word, ...]]] = {}
        self._wanted: dict[int, list[tuple[frozenset[int], int]]] = {}
        self._rarest: frozenset[int] = frozenset()

    def element(self, accepted: Iterable[Word], lexicon: int, *, sound: bool) -> int:
        """The number of the element that stands for any of the words. lexicon: the number of the one that they are from."""
        key = frozenset(accepted), lexicon
        if key not in self._numbers:
            self._numbers[key] = number = len(self._numbers)
            self._vocabulary.lexicons.append(lexicon)
            for word in sorted(key[0], key=lambda word: (word.text, word.form, word.exact)):
                self._vocabulary.add(word, number, sound=sound)
        return self._numbers[key]

    def add(self, places: Sequence[Place], filler: int, lexicon: int, *, sound: bool) -> None:
        """Adds a phrase. `filler`: the element whose words may stand anywhere inside it."""
        elements = tuple(self._place(place.words, lexicon, sound=sound) for place in places)
        self.patterns.append(Pattern(elements, tuple(place.gap for place in places), filler))

    def _place(self, words: tuple[Word, ...], lexicon: int, *, sound: bool) -> int:
        """`element`, told by the object alone where it was asked before: groups have hundreds of words. It is kept, so that
        no other object can take its id."""
        if (found := self._seen.get((id(words), lexicon))) is None:
            self._seen[id(words), lexicon] = found = self.element(words, lexicon, sound=sound), words
        return found[0]

    def finish(self) -> None:
        """Builds the index. Call once, after the last `add`."""
        self._seen.clear()
        used = Counter(element for pattern in self.patterns for element in set(pattern.elements))
        for number, pattern in enumerate(self.patterns):
            rarest = min(pattern.elements, key=lambda element: (used[element], element))
            self._wanted.setdefault(rarest, []).append((frozenset(pattern.elements), number))
        self._rarest = frozenset(self._wanted)

    def possible(self, present: set[int]) -> Iterator[int]:
        """Numbers of the patterns all of whose elements occur somewhere."""
        for element in present & self._rarest:
            for elements, number in self._wanted[element]:
                if elements <= present:
                    yield number

    def elements(self, numbers: Iterable[int]) -> set[int]:
        """The elements of some patterns, fillers among them."""
        out: set[int] = set()
        for number in numbers:
            pattern = self.patterns[number]
            out.update(pattern.elements)
            out.add(pattern.filler)
        return out
