"""Finds many short phrases in a message at once, in time that depends only on its length.

Every place in every phrase is one bit of one big integer. Each word of the message moves all phrases
at once with a shift, a few ORs and an AND (the bit-parallel "shift-and" automaton), so there is nothing
to backtrack over: no message, however made, costs more than its number of words.

What a phrase may hold: see `content/safety/README.md`. A place of a phrase takes one of several words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import ahocorasick

from bot.spelling import STOP, digits_as_letters, words

GAP = 3
"""How many other words `...` may stand for."""

Form = Literal["whole", "starts", "ends", "inside"]
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")  # Thai, Lao, Khmer put no spaces between words
_GUESSED = 60  # words at either end of a message that are compared with misspellings
_UNSPACED_WORD = 4  # letters that a stretch of unknown text is counted as one word for
_FUZZY_FROM = 5
_LONGEST_WORD = 24
_VOWELS = str.maketrans("", "", "aeiouy")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that a place accepts. `exact`: no other spelling of it will do."""

    text: str
    form: Form = "whole"
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a phrase. `gap`: up to `GAP` other words may stand before the next place."""

    words: tuple[Word, ...]
    gap: bool = False


def bits(mask: int) -> Iterator[int]:
    """Numbers of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


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
    return (
        one[start + 1 :] == other[start + 1 :]
        or one[start : start + 2] == other[start : start + 2][::-1]
        and one[start + 2 :] == other[start + 2 :]
    )


def _vowels(word: str) -> int:
    return len(word) - len(word.translate(_VOWELS))


class Vocabulary:
    """Which bits a word of the message sets, tolerant of spelling."""

    def __init__(self) -> None:
        self._whole: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._parts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._loose: tuple[set[str], set[str]] = (set(), set())
        self._unspaced: dict[str, int] = {}
        self._ordinary: set[str] = set()
        self._seen: dict[tuple[str, str], int] = {}

    def add(self, word: Word, mask: int, *, sound: bool) -> None:
        """Makes a word set bits. `sound`: compare by sound and not by letters."""
        if word.text in ("^", "$", "#"):
            self._put(self._whole[0], word.text, mask)
            return
        for form in words(word.text)[sound]:
            if _UNSPACED.search(form):
                self._put(self._unspaced, form, mask)
            elif word.form == "whole":
                self._put(self._whole[sound], form, mask)
                if not word.exact:
                    self._loose[sound].add(form)
            else:
                before = "" if word.form in ("ends", "inside") else " "
                after = "" if word.form in ("starts", "inside") else " "
                self._put(self._parts[sound], f"{before}{form}{after}", mask)

    def add_ordinary(self, word: str) -> None:
        """A word that is never taken for a misspelling of another."""
        for form in words(word):
            self._ordinary.update(form)

    @staticmethod
    def _put(table: dict[str, int], key: str, mask: int) -> None:
        table[key] = table.get(key, 0) | mask

    def finish(self) -> None:
        """Builds the indexes. Call once, after the last `add`."""
        self._machines = tuple(self._machine(table) for table in self._parts)
        self._segments = self._machine(self._unspaced)
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

    @staticmethod
    def _machine(table: dict[str, int]) -> ahocorasick.Automaton | None:
        if not table:
            return None
        machine = ahocorasick.Automaton()
        for key, mask in table.items():
            machine.add_word(key, (len(key), mask))
        machine.make_automaton()
        return machine

    def masks(self, text: str) -> list[int | None]:
        """For each word of a message the bits that it sets; None is the end of a sentence."""
        whole, heard = self._whole
        forms, sounds = words(text)
        out: list[int | None] = [
            None if form == STOP else whole.get(form, 0) | heard.get(sound, 0)
            for form, sound in zip(forms, sounds, strict=True)
        ]
        for machine, parts in zip(self._machines, (forms, sounds), strict=True):
            if machine is not None:
                self._mark_parts(machine, parts, out)
        self._mark_unknown(forms, sounds, out)
        if any(map(_UNSPACED.search, forms)):
            out = [
                mask
                for form, known in zip(forms, out, strict=True)
                for mask in (self._cut(form) if _UNSPACED.search(form) else (known,))
            ]
        while out and out[-1] is None:  # `help me!!` ends with its last word
            out.pop()
        return [whole.get("^", 0), *out, whole.get("$", 0)]

    @staticmethod
    def _mark_parts(machine: ahocorasick.Automaton, parts: list[str], out: list[int | None]) -> None:
        """Sets the bits of `word*`, `*word` and `*word*`."""
        starts: list[int] = []
        for end, (size, mask) in machine.iter(f" {' '.join(parts)} "):
            if not starts:
                starts = [0, *accumulate(len(part) + 1 for part in parts)]
            at = bisect_right(starts, end - size + 1) - 1
            out[at] = (out[at] or 0) | mask

    def _mark_unknown(self, forms: list[str], sounds: list[str], out: list[int | None]) -> None:
        """Takes words that are not known as they stand for misspelt ones."""
        seen = self._seen
        if len(seen) > 50_000:
            seen.clear()
        unknown = [at for at, mask in enumerate(out) if mask == 0 and len(forms[at]) > 1]
        if len(unknown) > 2 * _GUESSED:
            # So many guesses would take too long. What matters stands at the beginning or the end.
            unknown = unknown[:_GUESSED] + unknown[-_GUESSED:]
        for at in unknown:
            pair = forms[at], sounds[at]
            mask = seen.get(pair)
            if mask is None:
                mask = seen[pair] = self._guess(*pair)
            out[at] = mask

    def _cut(self, run: str) -> Iterator[int]:
        """Words of a run without spaces: known words, longest first, and what lies between, counted by length."""
        at = 0
        if self._segments is not None:
            for end, (size, mask) in self._segments.iter_long(run):
                start = end + 1 - size
                yield from [0] * -((at - start) // _UNSPACED_WORD)
                yield mask
                at = end + 1
        yield from [0] * -((at - len(run)) // _UNSPACED_WORD)

    def _guess(self, letters: str, sound: str) -> int:
        """The bits of a word that stands in no list, by what it may be a misspelling of."""
        whole = self._whole[0]
        size = len(letters)
        if letters.isdigit():
            return whole.get("#", 0)
        if size > 2 * _LONGEST_WORD or letters in self._ordinary:
            return 0
        mask = 0
        for reading in digits_as_letters(letters):
            mask |= whole.get(reading, 0) or self._near(0, reading)
        if mask or size < 4:
            return mask
        mask = self._near(0, letters) | self._near(1, sound)
        if not mask:
            # Vowels left out, `snsktan`: the consonants agree and nothing else is new.
            for word in self._skeletons.get(letters.translate(_VOWELS), ()):
                if letters[0] == word[0] and 2 * _vowels(letters) <= _vowels(word):
                    mask |= whole[word]
        return mask

    def _near(self, sound: int, form: str) -> int:
        size = len(form)
        if not _FUZZY_FROM <= size <= _LONGEST_WORD or form in self._ordinary:
            return 0
        deleted = self._deleted[sound]
        found = deleted.get(form, ())
        mask = 0
        for at in range(1, size):
            more = deleted.get(form[:at] + form[at + 1 :])
            if more:
                found = [*found, *more]
        for word in found:
            # Short words have many neighbours: theirs must at least begin and end alike.
            # Another letter in its place makes another word of a short one, `quedo` of `quemo`.
            short = min(len(word), size) <= _FUZZY_FROM
            if word[0] != form[0] or (short and (word[-1] != form[-1] or sorted(word) != sorted(form) and len(word) == size)):
                continue
            if near(word, form):
                mask |= self._whole[sound][word]
        return mask


class Phrases:
    """A set of phrases laid out over the bits from `first` on. `owners[bit]` is the phrase that ends there."""

    def __init__(self, first: int = 0) -> None:
        self.size = first
        self.owners: dict[int, int] = {}
        self._count = 0
        self.starts = self.ends = self.gaps = 0

    def add(self, places: Sequence[Place], vocabulary: Vocabulary, *, sound: bool) -> int:
        """Adds a phrase and returns the mask of all its bits. Phrases are numbered from 0 in the order of adding."""
        low = self.size
        for place in places:
            bit = 1 << self.size
            for word in place.words:
                vocabulary.add(word, bit, sound=sound)
            if place.gap:
                self.gaps |= bit
            self.size += 1
        self.starts |= 1 << low
        self.ends |= 1 << (self.size - 1)
        self.owners[self.size - 1] = self._count
        self._count += 1
        return (1 << self.size) - (1 << low)

    def forward(self, masks: Sequence[int | None], skips: Sequence[int]) -> list[int]:
        """For each word the bits of the places that it takes in a phrase begun before it.

        skips[i]: bits of the phrases for which word i is a filler that counts for nothing.
        """
        starts, gaps = self.starts, self.gaps
        now = one = two = three = 0  # bits taken by the last word, the word before it, ...
        out: list[int] = []
        for mask, skip in zip(masks, skips, strict=True):
            if mask is None:
                now = one = two = three = 0
                out.append(0)
                continue
            if mask:
                reach = now | ((one | two | three) & gaps) if now or one or two or three else 0
                taken = ((reach << 1) | starts) & mask
            else:
                taken = 0
            out.append(taken)
            if skip and (now or one or two or three):
                rest = ~skip
                three = (three & skip) | (two & rest)
                two = (two & skip) | (one & rest)
                one = (one & skip) | (now & rest)
                now = taken | (now & skip)
            else:
                now, one, two, three = taken, now, one, two
        return out

    def used(self, taken: Sequence[int]) -> list[int]:
        """For each word the bits that belong to a phrase which was found whole. `taken` as from `forward`."""
        out = [0] * len(taken)
        wanted = [0] * (GAP + 4)  # bits asked for by the words after this one, nearest first
        for at in range(len(taken) - 1, -1, -1):
            if taken[at]:
                asked = 0
                for mask in wanted:
                    asked |= mask
                out[at] = taken[at] & (self.ends | asked)
            wanted.insert(0, out[at] >> 1)
            wanted.pop()
        return out
