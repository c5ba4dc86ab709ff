"""One message seen in several ways, so that free spelling meets what was learnt.

native: the words as typed. romanised: the same in ASCII, so that both scripts of a language share features.
skeleton: the romanised words without what people spell differently (aspirates, v/b/w, vowels inside words, doubled letters).
Pure Python but for anyascii.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Iterable, Iterator

from anyascii import anyascii

LONGEST = 400
"""Characters of a message that are looked at; a longer one says what it wants within them, or in its last ones."""

_FOLDS = (
    ("ph", "f"), ("ks", "x"), ("ck", "k"), ("ch", "C"), ("cc", "C"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("th", "t"),
    ("dh", "d"), ("bh", "b"), ("jh", "j"), ("zh", "j"), ("qu", "k"),
)  # fmt: skip
_LETTERS = str.maketrans({"v": "b", "w": "b", "z": "j", "q": "k", "c": "k", "C": "c"})
_DOUBLED = re.compile(r"(\w)\1+")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_VOWELS = re.compile(r"(?<=.)[aeiouyh](?!$)")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")
_NUMBER = re.compile(r"\d+")


def plain(text: str) -> str:
    """Compatible characters folded, lower case, digits as 0, long messages cut in the middle."""
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + " " + text[-LONGEST // 2 :]
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _STRETCHED.sub(r"\1\1", _APOSTROPHE.sub("", text))
    return _NUMBER.sub(_digits, " ".join(text.split()))


def _digits(match: re.Match[str]) -> str:
    """Short numbers keep their value: `2`, `4` and `8` are words in SMS. Of long ones only the length says anything."""
    number = match[0]
    if len(number) == 1:
        return str(unicodedata.digit(number, number))
    return "0" * len(number)


def romanised(text: str) -> str:
    """ASCII of a plain text."""
    # Without apostrophes again: they stand for the soft sign, the ayn and the like.
    return text if text.isascii() else _APOSTROPHE.sub("", " ".join(anyascii(text).lower().split()))


def skeleton(word: str) -> str:
    """Consonants of a romanised word, with the vowels at its ends: `dhanyabaad` and `dhanyavad` become the same."""
    for long, short in _FOLDS:
        word = word.replace(long, short)
    word = _DOUBLED.sub(r"\1", word.translate(_LETTERS))
    return _VOWELS.sub("", word)


def _within_words(text: str, tag: str, shortest: int, longest: int) -> Iterator[str]:
    """Character n-grams that stay inside a word and see its borders."""
    for word in text.split():
        padded = f" {word} "
        length = len(padded)
        for size in range(shortest, longest + 1):
            if size >= length:
                yield tag + padded
                break
            for start in range(length - size + 1):
                gram = padded[start : start + size]
                if gram != " ":
                    yield tag + gram


def roman_words(roman: str) -> list[str]:
    """Words of a romanised text."""
    return _WORD.findall(roman)


def views(text: str) -> list[list[str]]:
    """The features of each view, with repeats; every view is weighted and normalised by itself."""
    native = plain(text)
    roman = romanised(native)
    words = roman_words(roman)
    bones = [skeleton(word) for word in words]
    return [
        [] if native == roman else list(_within_words(native, "n", 2, 4)),
        list(_within_words(roman, "r", 2, 4)),
        _runs(words, "w"),
        ["s" + bone for bone in bones] + list(_within_words(" ".join(bones), "k", 1, 3)),
    ]


def _runs(words: Iterable[str], tag: str) -> list[str]:
    """Single words and pairs of neighbours."""
    words = list(words)
    return [tag + word for word in words] + [f"{tag}{a} {b}" for a, b in pairwise(words)]
