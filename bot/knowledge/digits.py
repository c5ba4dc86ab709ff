"""The digits of her script: which ones she wrote, and numbers written with them.

Phone numbers, names of laws and the numbers of choices stay Latin: they are dialled, compared and sent back.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

LATIN = "0"
SEPARATORS = {"\u0660": "arab", "\u06f0": "arabext"}
"""Zeros of digits that have a decimal point and a thousands mark of their own -> CLDR's name of them."""


def zero_in(text: str) -> str:
    """The zero of the digits that a message is written with: `०`, `٠`, `០`; `0` where there are none or Latin ones.

    One number in digits of another script says what she reads at home, whatever else stands in the message.
    """
    found = Counter(
        chr(ord(c) - unicodedata.digit(c))
        for c in text
        if unicodedata.category(c) == "Nd" and not unicodedata.normalize("NFKC", c).isascii()
    )
    return max(found, key=lambda zero: found[zero]) if found else LATIN


@lru_cache(maxsize=128)
def _table(zero: str) -> dict[int, str]:
    return {ord("0") + n: chr(ord(zero) + n) for n in range(10)}


def written_with(zero: str, text: str) -> str:
    """The text with its Latin digits replaced by those that begin with `zero`."""
    return text if zero == LATIN else text.translate(_table(zero))
