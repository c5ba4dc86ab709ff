"""Meanings that a message touches, whatever its language: `salary` for salary, sahod, sueldo, راتب, តាំងខែ.

The words stand in `data/concepts/<language>.yml`. What is learnt about a meaning from the lines of one language holds for all
of them, and a word that no training line holds is understood once it stands there. Pure Python but for anyascii.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Sequence, Set, Tuple

import yaml

from bot.nlu.views import plain, roman_words, romanised, skeleton
from bot.nlu.words import unspaced

WORLD_LANGUAGE = "en"
"""Its words are mixed into every language."""

NOTHING = "nothing"
"""Where a language lists words that mean nothing of all this, though they look like English ones that do."""

_SHORTEST_PART = 3
_LONGEST_WORD = 30
"""Letters of a word that are looked at: nobody's word is longer, and its parts are many."""
_SHORTEST_BONES = 4
"""Consonants that a word must keep for another spelling of it to count."""

Words = Mapping[str, Mapping[str, Sequence[str]]]
"""Per language and meaning the words for it. `word*` begins with, `*word` ends with, `*word*` holds; several words must follow
one another."""


class Concepts:
    """The words of all languages, ready to be looked for."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._languages = {language: _Language(meanings) for language, meanings in words.items()}

    @classmethod
    def read(cls, folder: Path) -> Concepts:
        """Read `<folder>/<language>.yml`. Raises ValueError that names a file which is wrong."""
        words = {}
        for path in sorted(folder.glob("*.yml")):
            # BaseLoader: all scalars as text, since YAML would read `no` as false.
            found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
            if not isinstance(found, dict) or not all(isinstance(entry, list) for entry in found.values()):
                raise ValueError(f"{path}: must hold meanings with a list of words each; compare with en.yml.")
            words[path.stem] = found
        return cls(words)

    def find(self, text: str, language: str) -> List[str]:
        """Meanings in a message, each once, in no special order. language: code; an unknown one has only English words."""
        native = plain(text)
        spoken = roman_words(romanised(native))
        own = self._languages.get(language)
        world = self._languages.get(WORLD_LANGUAGE)
        found: Set[str] = set(own.unspaced(native)) if own else set()
        for at in range(len(spoken)):
            known = own.at(spoken, at) if own else set()
            # An English word only where the language has none like it: `hindi` is no language for a Filipina.
            if not known and world and world is not own:
                known = world.at(spoken, at)
            found |= known or (own or world or _NO_WORDS).spelt_like(spoken[at])
        return sorted(found - {NOTHING})


class _Language:
    """The words of one language by the way they are matched."""

    def __init__(self, meanings: Mapping[str, Sequence[str]]) -> None:
        self._whole: Dict[str, Set[str]] = {}
        self._begins: Dict[str, Set[str]] = {}
        self._ends: Dict[str, Set[str]] = {}
        self._holds: Dict[str, Set[str]] = {}
        self._runs: Dict[str, List[Tuple[List[str], str]]] = {}
        self._bones: Dict[str, Set[str]] = {}
        self._unspaced: Dict[str, List[Tuple[str, str]]] = {}
        for meaning, entries in meanings.items():
            for entry in entries:
                self._add(entry, meaning)

    def _add(self, entry: str, meaning: str) -> None:
        native = plain(entry.strip("*"))
        if unspaced(native):
            whole = native.replace(" ", "")
            self._unspaced.setdefault(whole[:2], []).append((whole, meaning))
            return
        spoken = roman_words(romanised(native))
        if len(spoken) > 1:
            self._runs.setdefault(spoken[0], []).append((spoken, meaning))
        elif spoken:
            word = spoken[0]
            where = {
                (False, False): self._whole, (False, True): self._begins, (True, False): self._ends, (True, True): self._holds,
            }[entry.startswith("*"), entry.endswith("*")]  # fmt: skip
            where.setdefault(word, set()).add(meaning)
            if len(bones := skeleton(word)) >= _SHORTEST_BONES:
                self._bones.setdefault(bones, set()).add(meaning)

    def at(self, spoken: Sequence[str], at: int) -> Set[str]:
        """Meanings of the romanised word at a place, and of the run of words that begins with it."""
        known = set(self._of(spoken[at]))
        known.update(meaning for run, meaning in self._runs.get(spoken[at], ()) if spoken[at : at + len(run)] == run)
        return known

    def spelt_like(self, word: str) -> Set[str]:
        """Meanings of words with the same consonants."""
        return self._bones.get(skeleton(word), set())

    def unspaced(self, native: str) -> Iterator[str]:
        """Meanings of what stands in running text without spaces, with repeats."""
        if self._unspaced:
            for at in range(len(native) - 1):
                for whole, meaning in self._unspaced.get(native[at : at + 2], ()):
                    if native.startswith(whole, at):
                        yield meaning

    def _of(self, word: str) -> Iterator[str]:
        word = word[:_LONGEST_WORD]
        yield from self._whole.get(word, ())
        for end in range(1, len(word) + 1):
            yield from self._begins.get(word[:end], ())
            yield from self._ends.get(word[end - 1 :], ())
        if self._holds:
            for start in range(len(word) - _SHORTEST_PART + 1):
                for end in range(start + _SHORTEST_PART, len(word) + 1):
                    yield from self._holds.get(word[start:end], ())


_NO_WORDS = _Language({})
