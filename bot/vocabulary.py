"""Which words of a message stand for what, tolerant of spelling: the words of all phrases, looked up in one pass.

A word stands for elements: the places of phrases that accept it, see `bot/phrase_match.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

import ahocorasick

from bot.spelling import STOP, digits_as_letters, entry_words, words

GAP = 3
"""How many other words `...` may stand for."""

Form = Literal["whole", "starts", "ends", "inside"]
_Elements = tuple[int, ...]
_Grouped = tuple[tuple[int, frozenset[int], bool], ...]
"""Elements by the lexicon that they belong to, and whether the lexicon knows the word."""

_Table = dict[str, _Elements]
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")  # Thai, Lao, Khmer put no spaces between words
_GUESSED = 20  # words at either end of a message that are compared with misspellings
_UNSPACED_WORD = 4  # letters that a stretch of unknown text is counted as one word for
_FUZZY_FROM = 5
_LONGEST_WORD = 20
_STRANGE = 3
"""A lexicon that knows so many times fewer words of a message than another has nothing to say about it."""
_VOWELS = str.maketrans("", "", "aeiouy")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that a place accepts. `exact`: no other spelling of it will do."""

    text: str
    form: Form = "whole"
    exact: bool = False


@dataclass(slots=True)
class Reading:
    """A message taken apart.

    present: every element (see `Phrases`) that occurs, but for those of lexicons that know next to nothing of the message.
    stands: for each different word its elements and the positions where it stands, as bits. Between two sentences positions
        are left out, so that no phrase reaches across.
    known: how many of its words each lexicon knows.
    size: how many words the message has.
    taken: the positions where a word stands.
    guessed: those of them whose word stands in no list as it is spelt, or only a part of it.
    found: positions of the elements that `locate` has looked for.
    """

    present: set[int]
    stands: list[tuple[frozenset[int], int]]
    known: list[int]
    size: int
    taken: int
    guessed: int
    found: dict[int, int] = field(default_factory=dict)

    def locate(self, elements: set[int]) -> dict[int, int]:
        """Positions of the elements; those that do not occur are left out. Few of those present matter, so only these are."""
        for own, positions in self.stands:
            for element in elements & own:
                self.found[element] = self.found.get(element, 0) | positions
        return self.found


def near(one: str, other: str) -> bool:
    """Whether two words differ by at most one letter left out, added, changed or swapped with its neighbour."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    return one[start + 1 :] == other[start + 1 :] or (
        one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    )


def _vowels(word: str) -> int:
    return len(word) - len(word.translate(_VOWELS))


class Vocabulary:
    """Which elements a word of the message stands for, tolerant of spelling."""

    def __init__(self) -> None:
        self._whole: tuple[_Table, _Table] = ({}, {})
        self._parts: tuple[_Table, _Table] = ({}, {})
        self._loose: tuple[set[str], set[str]] = (set(), set())
        self._unspaced: _Table = {}
        self._ordinary: set[str] = set()
        self._listed: dict[tuple[str, str], _Grouped] = {}
        self._guessed: dict[tuple[str, str], _Grouped] = {}
        self.lexicons: list[int] = []
        """The number of the lexicon that each element belongs to."""
        self._knowing: frozenset[int] = frozenset()
        self.knows: list[int] = []
        """Per lexicon the element that stands for any of its words."""
        self._sure: set[tuple[str, str]] = set()

    def add(self, word: Word, element: int, *, sound: bool) -> None:
        """Makes a word stand for an element. `sound`: compare by sound and not by letters."""
        if word.text in ("^", "$", "#"):
            _put(self._whole[0], word.text, element)
            return
        for form in entry_words(word.text)[sound]:
            if _UNSPACED.search(form):
                _put(self._unspaced, form, element)
            elif word.form == "whole":
                _put(self._whole[sound], form, element)
                if not word.exact:
                    self._loose[sound].add(form)
            else:
                before = "" if word.form in ("ends", "inside") else " "
                after = "" if word.form in ("starts", "inside") else " "
                _put(self._parts[sound], f"{before}{form}{after}", element)

    def add_ordinary(self, word: str) -> None:
        """A word that is never taken for a misspelling of another."""
        for form in entry_words(word):
            self._ordinary.update(form)

    def finish(self) -> None:
        """Builds the indexes. Call once, after the last `add`."""
        self._machines = tuple(_machine(table) for table in self._parts)
        self._knowing = frozenset(self.knows)
        self._segments = _machine({word: self._grouped(elements) for word, elements in self._unspaced.items()})
        self._deleted: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
        self._skeletons: dict[str, list[str]] = {}
        for loose, deleted in zip(self._loose, self._deleted, strict=True):
            for word in sorted(loose):
                if not _FUZZY_FROM <= len(word) <= _LONGEST_WORD:
                    continue
                for shorter in {word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))}:
                    deleted.setdefault(shorter, []).append(word)
        for word in sorted(self._loose[0]):
            skeleton = word.translate(_VOWELS)
            if len(skeleton) >= 4 and word.isascii():
                self._skeletons.setdefault(skeleton, []).append(word)

    def _grouped(self, elements: _Elements) -> _Grouped:
        groups: dict[int, list[int]] = {}
        for element in elements:
            groups.setdefault(self.lexicons[element], []).append(element)
        return tuple(
            (lexicon, frozenset(found), not self._knowing.isdisjoint(found)) for lexicon, found in groups.items()
        )

    def read(self, text: str, always: frozenset[int] = frozenset()) -> Reading:
        """Finds every element that occurs in a message. always: lexicons that count however little they know of it."""
        forms, sounds = words(text)
        where: dict[tuple[str, str], int] = {}  # positions of each different word
        stand: list[tuple[_Grouped, int]] = []
        unspaced = _UNSPACED.search(text) is not None
        at, size, taken, stopped = 1, 0, 0, False
        for pair in zip(forms, sounds, strict=True):
            if pair[0] == STOP:
                stopped = size > 0
                continue
            if stopped:
                at, stopped = at + GAP + 1, False
            if unspaced and _UNSPACED.search(pair[0]):
                for grouped, width in self._cut(pair[0]):
                    size += width
                    if grouped:
                        stand.append((grouped, 1 << at))
                    taken |= ((1 << width) - 1) << at
                    at += width
            else:
                size += 1
                where[pair] = where.get(pair, 0) | 1 << at
                taken |= 1 << at
                at += 1
        guessed = 0
        pairs = list(where)
        for pair, grouped in zip(pairs, self._elements(pairs), strict=True):
            if pair not in self._sure:
                guessed |= where[pair]
            stand.append((grouped, where[pair]))
        known = [0] * len(self.knows)
        for grouped, positions in stand:
            count = positions.bit_count()
            for lexicon, _, knows in grouped:
                if knows:
                    known[lexicon] += count
        least = max(known, default=0) / _STRANGE
        present: set[int] = set()
        stands = []
        for grouped, positions in stand:
            for lexicon, elements, _ in grouped:
                if known[lexicon] >= least or lexicon in always:
                    present |= elements
                    stands.append((elements, positions))
        for mark, position in (("^", 0), ("$", at)):
            elements = frozenset(self._whole[0].get(mark, ()))
            present |= elements
            stands.append((elements, 1 << position))
        return Reading(present, stands, known, size, taken, guessed)

    def _elements(self, pairs: list[tuple[str, str]]) -> list[_Grouped]:
        """The elements of each of several different words."""
        if len(self._listed) + len(self._guessed) > 100_000:
            self._listed, self._guessed, self._sure = (
                {},
                {},
                set(),
            )  # new ones: another thread may still be reading the old
        listed, guessed, sure = self._listed, self._guessed, self._sure
        new = [pair for pair in pairs if pair not in listed]
        if new:
            listed.update(zip(new, self._list(new), strict=True))
        out = [listed[pair] for pair in pairs]
        unknown = [
            at for at, (form, _) in enumerate(pairs) if pairs[at] not in sure and (len(form) > 3 or not form.isalpha())
        ]
        if len(unknown) > 2 * _GUESSED:
            # So many guesses would take too long. What matters stands at the beginning or the end.
            unknown = unknown[:_GUESSED] + unknown[-_GUESSED:]
        for at in unknown:
            known = guessed.get(pairs[at])
            if known is None:
                known = guessed[pairs[at]] = self._grouped(self._guess(*pairs[at]))
            out[at] += known
        return out

    def _list(self, pairs: list[tuple[str, str]]) -> list[_Grouped]:
        """Looks words up as they are spelt."""
        whole, heard = self._whole
        out = [whole.get(form, ()) + heard.get(sound, ()) for form, sound in pairs]
        # A part of a word, perhaps another language's, says little: what holds one is guessed at all the same.
        self._sure.update(pair for pair, elements in zip(pairs, out, strict=True) if elements)
        for sound, machine in enumerate(self._machines):
            if machine is None:
                continue
            starts: list[int] = []
            for end, (size, elements) in machine.iter(f" {' '.join(pair[sound] for pair in pairs)} "):
                starts = starts or [0, *accumulate(len(pair[sound]) + 1 for pair in pairs)]
                out[bisect_right(starts, end - size + 1) - 1] += elements
        return [self._grouped(elements) for elements in out]

    def _cut(self, run: str) -> Iterator[tuple[_Grouped, int]]:
        """Words of a run without spaces and their widths: known words, longest first, and what lies between."""
        at = 0
        if self._segments is not None:
            for end, (size, elements) in self._segments.iter_long(run):
                start = end + 1 - size
                yield (), -((at - start) // _UNSPACED_WORD)
                yield elements, 1
                at = end + 1
        yield (), -((at - len(run)) // _UNSPACED_WORD)

    def _guess(self, letters: str, sound: str) -> _Elements:
        """The elements of a word that stands in no list, by what it may be a misspelling of."""
        whole = self._whole[0]
        size = len(letters)
        if letters.isdigit():
            return whole.get("#", ())
        if size > 2 * _LONGEST_WORD or letters in self._ordinary:
            return ()
        found: _Elements = ()
        for reading in digits_as_letters(letters):
            found += whole.get(reading, ()) or self._near(0, reading)
        if found or size < 4:
            return found
        found = self._near(0, letters) + self._near(1, sound)
        if not found:
            # Vowels left out, `snsktan`: the consonants agree and nothing else is new.
            for word in self._skeletons.get(letters.translate(_VOWELS), ()):
                if letters[0] == word[0] and 2 * _vowels(letters) <= _vowels(word):
                    found += whole[word]
        return found

    def _near(self, sound: int, form: str) -> _Elements:
        size = len(form)
        if not _FUZZY_FROM <= size <= _LONGEST_WORD or form in self._ordinary:
            return ()
        deleted = self._deleted[sound]
        words_near = deleted.get(form, [])
        for at in range(1, size):
            more = deleted.get(form[:at] + form[at + 1 :])
            if more:
                words_near = words_near + more
        found: _Elements = ()
        for word in dict.fromkeys(words_near):
            if word[0] != form[0] or not near(word, form):
                continue
            # Short words have many neighbours. Theirs must end alike, and another letter in its place
            # makes another word, `quedo` of `quemo`.
            changed = len(word) == size and sorted(word) != sorted(form)
            if min(len(word), size) <= _FUZZY_FROM and (changed or word[-1] != form[-1]):
                continue
            found += self._whole[sound][word]
        return found


def _put(table: _Table, key: str, element: int) -> None:
    table[key] = (*table.get(key, ()), element)


def _machine(table: Mapping[str, object]) -> ahocorasick.Automaton | None:
    if not table:
        return None
    machine = ahocorasick.Automaton()
    for key, elements in table.items():
        machine.add_word(key, (len(key), elements))
    machine.make_automaton()
    return machine
