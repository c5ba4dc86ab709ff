"""Takes out of a message what may lead to somebody: numbers, addresses, links, ids, and names where they can be told.

What it cannot catch: a name in small letters, or in a script without capitals, that no phrase such as "my name is" announces; the
first word of a sentence; a number in words; a village or an employer told by description. Whoever labels still reads before she
exports.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import regex  # type: ignore[import-untyped]
import yaml
from babel import Locale

NUMBER, NAME, ADDRESS, LINK = "(number)", "(name)", "(address)", "(link)"
MARKS = (NUMBER, NAME, ADDRESS, LINK)
"""What stands in place of what was taken out."""

LONG = 7
"""Digits from which a number may be a phone, a passport, an account or a day of birth; sums of money are mostly shorter."""

TITLES = (
    "mr", "mrs", "ms", "miss", "mister", "sir", "madam", "mam", "ma'am", "maam", "dr", "boss", "kafeel", "kafil", "baba", "mama",
    "don", "doña", "señor", "señora", "sra", "monsieur", "madame", "mme", "bapak", "pak", "ibu", "bu", "tuan", "nyonya",
    "ate", "kuya",
)  # fmt: skip
"""After these, a word with a capital is a name."""

CALLED = (
    "my name is", "my name's", "name is", "i am called", "they call me", "me llamo", "mi nombre es", "se llama", "je m'appelle",
    "mon nom est", "s'appelle", "nama saya", "nama aku", "namaku", "nama majikan saya", "nama majikan", "ang pangalan ko po ay",
    "ang pangalan ko ay", "pangalan ko ay", "pangalan ko", "ako po si", "ako si", "mero nam", "mera naam", "amar nam",
    "mă numesc", "ma numesc", "numele meu este", "menya zovut", "ismi", "esmi", "simei", "seme", "اسمي", "меня зовут",
    "मेरो नाम", "আমার নাম", "ስሜ",
)  # fmt: skip
"""After these, a word is a name, in any script."""

RUN_ON = ("ฉันชื่อ", "ชื่อ", "ខ្ញុំឈ្មោះ", "ឈ្មោះ", "ຂ້ອຍຊື່", "ຊື່")
"""The same where no blank need stand between words."""

_ENDINGS = "com|org|net|info|me|ly|ph|hk|id|np|app|link"
_LINK = regex.compile(rf"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})(?:/\S*)?\b", regex.I)
_MAIL = regex.compile(r"[^\s@<>()]+@[^\s@<>()]+\.\p{L}{2,}")
_HANDLE = regex.compile(r"(?<![\p{L}\p{N}])@\w{3,}")
_DIGITS = regex.compile(r"[+#*]?\(?\p{Nd}(?:[\s().,/\u2010-\u2015-]{0,3}\p{Nd})*")
_PAPER = regex.compile(r"\b(\p{L}{1,4})-?\p{Nd}{5,}\p{L}?\b")
_WORD = r"[\p{L}\p{M}'’-]+"
_NAME = r"\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*){0,2}"


def _any(words: tuple[str, ...]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


_TITLED = regex.compile(rf"\b(?i:{_any(TITLES)})\.?\s+({_NAME})")
_ANNOUNCED = regex.compile(
    rf"(?:(?<![\p{{L}}\p{{M}}])(?i:{_any(CALLED)})(?![\p{{L}}\p{{M}}])|{_any(RUN_ON)})"
    rf"\s*[:=,-]?\s*({_WORD}(?:\s+\p{{Lu}}{_WORD}){{0,2}})"
)
_CAPITAL = regex.compile(r"(?<=[\p{L}\p{N},;:)'\"]\s+)\p{Lu}[\p{Ll}\p{M}'’-]+(?:\s+\p{Lu}[\p{Ll}\p{M}'’-]+){0,2}")
_TITLES = frozenset(TITLES)
_CURRENCIES = frozenset(str(code).casefold() for code in Locale("en").currencies) | {
    "rs",
    "rm",
    "rp",
    "dhs",
    "tk",
    "sr",
    "kd",
}
_LINE = regex.compile(r"^\s*- (.+)$", regex.M)


class Redacting:
    """data: the folder of what the model learns from; a capitalised word inside a sentence that stands nowhere there is
    taken for a name."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._known = lru_cache(maxsize=32)(self._read)

    def redact(self, text: str, language: str) -> str:
        """The message on one line, without what may lead to somebody."""
        found = unicodedata.normalize("NFC", " ".join(text.split()))
        found = _MAIL.sub(ADDRESS, found)
        found = _LINK.sub(LINK, found)
        found = _HANDLE.sub(ADDRESS, found)
        found = _PAPER.sub(lambda m: m[0] if str(m[1]).casefold() in _CURRENCIES else NUMBER, found)
        found = _DIGITS.sub(_long, found)
        found = _ANNOUNCED.sub(lambda m: m[0][: m.start(1) - m.start(0)] + NAME, found)
        found = _TITLED.sub(lambda m: m[0][: m.start(1) - m.start(0)] + NAME, found)
        known = self._known(language) | self._known("en") | _TITLES
        return " ".join(str(_CAPITAL.sub(_unknown(known), found)).split())

    def _read(self, language: str) -> frozenset[str]:
        """Words that the training lines and the look-up tables of a language hold: countries, towns, papers."""
        words: set[str] = set()
        for path in sorted((self._data / "nlu" / language).glob("*.yml")):
            for line in _LINE.findall(path.read_text(encoding="utf-8")):
                words.update(_words(line))
        table = self._data / "lookup" / f"{language}.yml"
        if table.is_file():
            for text in _texts(yaml.safe_load(table.read_text(encoding="utf-8"))):
                words.update(_words(text))
        return frozenset(words)


def _long(match: regex.Match[str]) -> str:
    return NUMBER if sum(c.isdigit() for c in match[0]) >= LONG else str(match[0])


def _unknown(known: frozenset[str]) -> Callable[[regex.Match[str]], str]:
    def replace(match: regex.Match[str]) -> str:
        parts = [NAME if word.casefold().strip("'\u2019-") not in known else word for word in match[0].split()]
        return " ".join(part for n, part in enumerate(parts) if n == 0 or part != NAME or parts[n - 1] != NAME)

    return replace


def _words(text: str) -> Iterator[str]:
    return (word.casefold().strip("'\u2019-") for word in regex.findall(_WORD, text))


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
