"""Countries and money of one message together. Pure Python, without Rasa."""

from __future__ import annotations

from typing import Iterable, List, Tuple

from bot.nlu.country import Country, countries
from bot.nlu.money import Money, money


def extract(text: str, language: str, known: Iterable[str] = ()) -> Tuple[List[Country], List[Money]]:
    """Every country and every amount. known: her route, by which shared currency words are told apart after the message itself.

    A country that only names a currency, as in "dinar kuwaiti", is part of the amount.
    """
    places = countries(text, language)
    said = [place.code for role in ("origin", "destination", None) for place in places if place.role == role]
    sums = money(text, language, [*said, *known])
    return [p for p in places if not any(s.start <= p.start and p.end <= s.end for s in sums)], sums
