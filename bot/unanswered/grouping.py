"""Groups short texts that look alike, whatever the script: the cosine of their trigrams of letters.

Each text joins the group whose sum of trigrams it is nearest to, or begins one; an index from trigram to groups leaves nearly all
comparisons out. Groups are the same for the same texts in the same order. rapidfuzz compares pairs and groups nothing; the
model's own vectors live in the other interpreter.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

ALIKE = 0.45
"""Cosine from which a text joins a group: two spellings of a question are above, two questions about one thing below."""


@dataclass(slots=True)
class Group:
    """members: places of the texts in what was given. sums: trigrams of all of them."""

    members: list[int] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)
    square: int = 0

    def add(self, number: int, grams: Counter[str]) -> None:
        """Take a text in."""
        self.members.append(number)
        for gram, times in grams.items():
            old = self.sums[gram]
            self.sums[gram] = old + times
            self.square += (old + times) ** 2 - old**2


def groups(texts: Sequence[str], alike: float = ALIKE) -> list[list[int]]:
    """The places of texts that look alike, the largest group first, then in the order of their first members."""
    found: list[Group] = []
    index: dict[str, set[int]] = {}
    for number, text in enumerate(texts):
        grams = trigrams(text)
        length = math.sqrt(sum(times**2 for times in grams.values()))
        products: Counter[int] = Counter()
        for gram, times in grams.items():
            for which in index.get(gram, ()):
                products[which] += times * found[which].sums[gram]
        best, nearest = max(
            ((product / (length * math.sqrt(found[which].square)), -which) for which, product in products.items()),
            default=(0.0, 0),
        )
        if best < alike:
            nearest = -len(found)
            found.append(Group())
        found[-nearest].add(number, grams)
        for gram in grams:
            index.setdefault(gram, set()).add(-nearest)
    return [group.members for group in sorted(found, key=lambda g: (-len(g.members), g.members[0]))]


def trigrams(text: str) -> Counter[str]:
    """How often each run of three letters occurs; words are bounded by blanks, accents and signs left out."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    words = "".join(
        c if c.isalnum() or unicodedata.category(c) == "Mc" else " " for c in flat if unicodedata.category(c) != "Mn"
    )
    whole = f" {' '.join(words.split())} "
    return Counter(whole[n : n + 3] for n in range(len(whole) - 2))
