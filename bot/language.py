"""Which language a message is in: character n-grams of the training lines, native and romanised alike.

Pure Python and small, because the service and the dialogue model both use it, on different Pythons.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

LONGEST = 240
"""Characters that are looked at; more of them cost time and add nothing."""

_SMOOTH = 0.15
_RARE_SCRIPT = 0.02
"""A script in fewer of a language's lines than this is a quotation, not a way to write the language."""

_UNNAMED = 0.02
"""What a prior leaves at least to the languages that it does not name."""

# Not \w: for Python the vowel signs of Devanagari, Khmer or Thai are no part of a word.
_WORDS = re.compile(r"[^\s\d!\"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~¿¡।॥،؟…“”‘’']+")


@lru_cache(maxsize=4096)
def script(letter: str) -> str:
    """Name of the script of one letter or vowel sign, such as `LATIN` or `DEVANAGARI`; empty for anything else."""
    if letter.isascii():
        return "LATIN" if letter.isalpha() else ""
    if unicodedata.category(letter)[0] not in "LM":
        return ""
    name = unicodedata.name(letter, "").split(" ")[0]
    return "" if name in ("COMBINING", "VARIATION", "ZERO", "MODIFIER") else name


def main_script(text: str) -> str:
    """The script of most of the letters; empty when there are none. One native word outweighs one borrowed in Latin."""
    counts = Counter(script(letter) for letter in text)
    del counts[""]
    if not counts:
        return ""
    if counts["LATIN"] and len(counts) > 1:
        counts["LATIN"] //= 2
    return counts.most_common(1)[0][0]


def _grams(text: str) -> Iterator[str]:
    """Words, and n-grams of 1 to 4 characters inside each with its borders."""
    for word in _WORDS.findall(unicodedata.normalize("NFKC", text[:LONGEST]).casefold()):
        yield "=" + word
        padded = f" {word} "
        for size in (1, 2, 3, 4):
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


class LanguageModel:
    """Naive Bayes over character n-grams, with a temperature that keeps its certainty honest.

    languages: codes, in the order of each gram's weights. scripts: the languages that write in a script.
    grams: log probabilities relative to a gram's mean, one per language. sharpness: factor on their sum.
    """

    def __init__(
        self, languages: list[str], scripts: dict[str, list[int]], grams: dict[str, list[float]], sharpness: float
    ) -> None:
        self.languages = languages
        self._scripts = scripts
        self._grams = grams
        self._sharpness = sharpness

    @classmethod
    def train(cls, lines: Iterable[tuple[str, str]]) -> LanguageModel:
        """Learn from pairs of language code and text. Raises ValueError when there is nothing to learn from."""
        counts: dict[str, Counter[str]] = {}
        scripts: dict[str, Counter[str]] = {}
        for language, text in lines:
            counts.setdefault(language, Counter()).update(_grams(text))
            scripts.setdefault(language, Counter())[main_script(text)] += 1
        if not counts:
            raise ValueError("There is no line to learn languages from.")
        languages = sorted(counts)
        writes: dict[str, list[int]] = {}
        for number, language in enumerate(languages):
            total = sum(scripts[language].values())
            for name, lines_in_it in scripts[language].items():
                if name and lines_in_it >= _RARE_SCRIPT * total:
                    writes.setdefault(name, []).append(number)
        totals = [sum(counts[language].values()) for language in languages]
        together: Counter[str] = Counter()
        for counter in counts.values():
            together.update(counter)
        kept = [gram for gram, count in together.items() if count > 1 or gram[0] == "="]
        grams = {}
        for gram in kept:
            logs = [
                math.log((counts[language][gram] + _SMOOTH) / (total + _SMOOTH * len(kept)))
                for language, total in zip(languages, totals, strict=True)
            ]
            mean = sum(logs) / len(logs)
            grams[gram] = [round(value - mean, 2) for value in logs]
        return cls(languages, writes, grams, sharpness=0.3)

    def save(self, path: Path) -> None:
        """Write the model to one JSON file."""
        data = {
            "languages": self.languages,
            "scripts": self._scripts,
            "sharpness": self._sharpness,
            "grams": self._grams,
        }
        path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read what `save` has written."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(data["languages"], data["scripts"], data["grams"], data["sharpness"])

    def identify(self, text: str, prior: Mapping[str, float] | None = None) -> list[tuple[str, float]]:
        """Every language with its probability, the best first; the probabilities add up to 1.

        prior: what was known before the message, by language; languages that it leaves out share the rest of 1, or a
        little. A script that only some languages are written in rules the others out. A text without letters says
        nothing: then the prior, or every language alike, is the answer.
        """
        start = self._prior(prior)
        candidates = self._scripts.get(main_script(text[:LONGEST]), [])
        if len(candidates) == 1:
            ranked = [(self.languages[candidates[0]], 1.0)]
            return ranked + [(language, 0.0) for language in self.languages if language != ranked[0][0]]
        sums = [0.0] * len(self.languages)
        if candidates:
            for gram in _grams(text):
                for number, value in enumerate(self._grams.get(gram, ())):
                    sums[number] += value
        allowed = set(candidates) or set(range(len(self.languages)))
        logs = {n: self._sharpness * sums[n] + math.log(start[n]) for n in allowed}
        top = max(logs.values())
        weights = [math.exp(logs[n] - top) if n in allowed else 0.0 for n in range(len(self.languages))]
        whole = sum(weights)
        pairs = [(language, weight / whole) for language, weight in zip(self.languages, weights, strict=True)]
        return sorted(pairs, key=lambda pair: -pair[1])

    def _prior(self, prior: Mapping[str, float] | None) -> list[float]:
        if not prior:
            return [1.0] * len(self.languages)
        unnamed = [language for language in self.languages if prior.get(language, 0.0) <= 0.0]
        rest = max(1.0 - sum(prior.values()), _UNNAMED) / max(len(unnamed), 1)
        return [prior[language] if prior.get(language, 0.0) > 0.0 else rest for language in self.languages]


def read_lines(data_folder: Path) -> Iterator[tuple[str, str, str]]:
    """(language, intent, text) of every training line under `<data_folder>/nlu/<language>/`.

    Raises ValueError naming the file when one is not in Rasa's YAML format.
    """
    import yaml  # only needed where models are trained

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted((data_folder / "nlu").glob("*/*.yml")):
        try:
            items = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)["nlu"]
            for item in items:
                for line in item["examples"].splitlines():
                    if line.startswith("- ") and line[2:].strip():
                        yield path.parent.name, item["intent"], line[2:].strip()
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}: this is not a file of training lines ({error}).") from None


def train_from(data_folder: Path) -> LanguageModel:
    """Learn the languages of all training lines. data_folder: the one that holds `nlu/<language>/*.yml`."""
    return LanguageModel.train((language, text) for language, _, text in read_lines(Path(data_folder)))
