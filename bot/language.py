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
_SHARPNESS = 0.15
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


class _Script:
    """Naive Bayes for one script. languages: positions of those that write in it. grams: per gram, one weight for each.

    A language's native and romanised lines are kept apart in this way: the letters of one do not dilute the other.
    """

    def __init__(self, languages: list[int], grams: dict[str, list[float]]) -> None:
        self.languages = languages
        self.grams = grams

    @classmethod
    def train(cls, counts: dict[int, Counter[str]]) -> _Script:
        languages = sorted(counts)
        together: Counter[str] = Counter()
        for counter in counts.values():
            together.update(counter)
        kept = [gram for gram, count in together.items() if count > 1 or gram[0] == "="] if len(languages) > 1 else []
        totals = [sum(counts[number].values()) + _SMOOTH * len(kept) for number in languages]
        grams = {}
        for gram in kept:
            logs = [math.log((counts[n][gram] + _SMOOTH) / total) for n, total in zip(languages, totals, strict=True)]
            mean = sum(logs) / len(logs)
            grams[gram] = [round(value - mean, 2) for value in logs]
        return cls(languages, grams)


class LanguageModel:
    """Knows languages by their script and, within a script, by naive Bayes over character n-grams.

    languages: codes. scripts: one model per script. sharpness: factor on the sum of weights that keeps certainty honest.
    """

    def __init__(self, languages: list[str], scripts: dict[str, _Script], sharpness: float) -> None:
        self.languages = languages
        self._scripts = scripts
        self._sharpness = sharpness

    @classmethod
    def train(cls, lines: Iterable[tuple[str, str]]) -> LanguageModel:
        """Learn from pairs of language code and text. Raises ValueError when there is nothing to learn from."""
        by_script: dict[str, dict[str, list[str]]] = {}
        sizes: Counter[str] = Counter()
        for language, text in lines:
            sizes[language] += 1
            by_script.setdefault(main_script(text), {}).setdefault(language, []).append(text)
        if not sizes:
            raise ValueError("There is no line to learn languages from.")
        languages = sorted(sizes)
        scripts = {}
        for name, texts in by_script.items():
            counts: dict[int, Counter[str]] = {}
            for language, written in texts.items():
                if name and len(written) >= _RARE_SCRIPT * sizes[language]:
                    counts[languages.index(language)] = Counter(gram for text in written for gram in _grams(text))
            if counts:
                scripts[name] = _Script.train(counts)
        return cls(languages, scripts, _SHARPNESS)

    def save(self, path: Path) -> None:
        """Write the model to one JSON file."""
        data = {
            "languages": self.languages,
            "sharpness": self._sharpness,
            "scripts": {name: [part.languages, part.grams] for name, part in self._scripts.items()},
        }
        path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read what `save` has written."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            data["languages"], {name: _Script(*part) for name, part in data["scripts"].items()}, data["sharpness"]
        )

    def take(self, other: LanguageModel) -> None:
        """Know what another model knows, for all who hold this one."""
        self.languages, self._scripts, self._sharpness = other.languages, other._scripts, other._sharpness

    def identify(self, text: str, prior: Mapping[str, float] | None = None) -> list[tuple[str, float]]:
        """Every language with its probability, the best first; the probabilities add up to 1.

        prior: what was known before the message, by language; languages that it leaves out share the rest of 1, or a
        little. A script that only some languages are written in rules the others out. A text without letters says
        nothing: then the prior, or every language alike, is the answer.
        """
        start = self._prior(prior)
        known = self._scripts.get(main_script(text[:LONGEST]))
        allowed = known.languages if known else list(range(len(self.languages)))
        sums = [0.0] * len(allowed)
        if known and known.grams:
            for gram in _grams(text):
                for place, value in enumerate(known.grams.get(gram, ())):
                    sums[place] += value
        logs = {n: self._sharpness * total + math.log(start[n]) for n, total in zip(allowed, sums, strict=True)}
        top = max(logs.values())
        weights = [math.exp(logs[n] - top) if n in logs else 0.0 for n in range(len(self.languages))]
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
