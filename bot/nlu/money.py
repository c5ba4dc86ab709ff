"""Amounts of money in a message: native digits, local words and habits. Pure Python, without Rasa."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Iterable, Iterator, List, Optional, Set, Tuple

from bot.nlu.lookup import Lookup, Name, load
from bot.nlu.words import fold, unspaced

_TOKEN = re.compile(
    r"(?P<number>(?<!\d)\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,])|\d+(?:[.,'’٬٫]\d+)*)|"
    r"(?P<sign>(?:[A-Za-z]{1,2})?[$₱€£₹₨৳฿₭៛₩¥₽])|"
    r"(?P<word>[^\s\d!\"#&()*+,\-./:;<=>?@\[\\\]^_`{|}~$₱€£₹₨৳฿₭៛₩¥₽%]+)|(?P<mark>[+/:%.-])"
)
_LEAST = 300
"""A bare number below this is not taken for money."""


@dataclass(frozen=True)
class Money:
    """amount: as said. currency: ISO 4217, or None when it is not said or several countries share the word."""

    amount: float
    currency: Optional[str]
    start: int
    end: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str  # folded
    raw: str
    start: int
    end: int


def money(text: str, language: str = "en", route: Iterable[str] = (), lookup: Optional[Lookup] = None) -> List[Money]:
    """All amounts, in order. route: countries that shared currency words are resolved by, origin first."""
    lookup = lookup or load(language)
    tokens = list(_tokens(text, lookup))
    places = [country for country in [*route, *lookup.own.home] if country]
    found = []
    at = 0
    while at < len(tokens):
        read = _amount(tokens, at, lookup)
        if read is None:
            at += 1
            continue
        value, until, scaled = read
        codes, first, last, sign = _currency(tokens, at, until, lookup)
        if codes or (scaled and not _counted(tokens, until, lookup)) or _plain_money(tokens, at, until, value, lookup):
            amount = value
            found.append(
                Money(amount, _resolve(codes, sign, places, lookup), tokens[first].start, tokens[last - 1].end)
            )
            until = max(until, last)
        at = until
    return found


def _tokens(text: str, lookup: Lookup) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        raw, start = match[0], match.start()
        parts = lookup.cut(raw) if match.lastgroup == "word" and unspaced(raw) else [(0, len(raw))]
        for a, b in parts:
            yield _Token(match.lastgroup or "", fold(raw[a:b]), raw[a:b], start + a, start + b)


def _amount(tokens: List[_Token], at: int, lookup: Lookup) -> Optional[Tuple[float, int, bool]]:
    """A number in digits or words with what multiplies it: `1 lakh 20 hajar`. Gives value, end, whether it was multiplied."""
    total = 0.0
    scaled = False
    until = at
    smallest = float("inf")
    while until < len(tokens):
        read = _single(tokens, until, lookup)
        if read is None:
            break
        value, end = read
        times = 1.0
        while end < len(tokens) and tokens[end].kind == "word" and (step := _times(tokens, end, lookup)):
            times *= step
            end += 1
        if until > at and value * times >= smallest:
            break
        total += value * times
        until = end
        if times == 1 and (value < 1000 or tokens[at].kind == "number"):
            break
        scaled, smallest = scaled or times > 1, times if times > 1 else 1000
    if until == at:
        return None
    return total, until, scaled


def _times(tokens: List[_Token], at: int, lookup: Lookup) -> Optional[float]:
    """What a word after a number multiplies it by. One letter only counts when it is written onto the number."""
    word = tokens[at].text
    if len(word) == 1 and word.isascii() and tokens[at - 1].end != tokens[at].start and word != "k":
        return None
    return lookup.multipliers.get(word)


def _single(tokens: List[_Token], at: int, lookup: Lookup) -> Optional[Tuple[float, int]]:
    """One number, in digits or as up to two words."""
    token = tokens[at]
    if token.kind == "number":
        value = _digits(token.text)
        if value is None or (at > 0 and tokens[at - 1].text == "+" and tokens[at - 1].end == token.start):
            return None
        return value, at + 1
    if token.kind != "word":
        return None
    for size in (2, 1):
        key: Name = tuple(t.text for t in tokens[at : at + size])
        if len(key) == size and key in lookup.numbers:
            value, end = lookup.numbers[key], at + size
            # hundreds, tens and ones: "one hundred thirty five"
            following = _single(tokens, end, lookup) if end < len(tokens) and tokens[end].kind == "word" else None
            unit = 100 if value >= 100 else 10
            if value >= 20 and value % unit == 0 and following and 0 < following[0] < unit:
                return value + following[0], following[1]
            return value, end
    return None


def _digits(text: str) -> Optional[float]:
    """`60,000` `60.000` `1,20,000` `1.5` `٦٠٬٠٠٠` as a number; None for what no amount looks like."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    plain = plain.translate(str.maketrans({"٬": ",", "٫": ".", "’": "'", " ": "'", "\u00a0": "'", "\u202f": "'"}))
    parts = re.split(r"[.,']", plain)
    if len(parts) == 1:
        return None if len(plain) > 8 or (len(plain) > 1 and plain[0] == "0") else float(plain)
    marks = [c for c in plain if not c.isdigit()]
    grouped = (
        len(parts[-1]) == 3
        and all(len(part) in (2, 3) for part in parts[1:-1])
        and len(parts[0]) <= 3
        and parts[0] != "0"
    )
    if grouped and len(set(marks)) == 1:
        return float("".join(parts))
    if (
        len(parts[-1]) in (1, 2)
        and all(len(part) in (2, 3) for part in parts[1:-1])
        and (len(parts) == 2 or marks[-1] != marks[0])
    ):
        return float("".join(parts[:-1]) + "." + parts[-1])
    return None


def _currency(tokens: List[_Token], at: int, until: int, lookup: Lookup) -> Tuple[List[str], int, int, Name]:
    """The currency word or sign beside an amount: its codes, and where amount and word together begin and end."""
    for place in (until, until + 1):
        if place < len(tokens) and tokens[place].kind in ("word", "sign"):
            key = (tokens[place].text,)
            onto = tokens[place - 1].end == tokens[place].start
            if (
                place == until
                and tokens[place].kind == "word"
                and len(key[0]) == 1
                and not onto
                and not tokens[place].raw.isupper()
            ):
                continue
            codes = lookup.currencies.get(key) or lookup.currencies.get((_stem(key[0], lookup),))
            if codes and (place == until or tokens[until].text in (".", "of", "na", "ng", "de", "ko", "को", "po")):
                return codes, at, place + 1, key
    for place in (at - 1, at - 2):
        if place >= 0 and tokens[place].kind in ("word", "sign") and (place == at - 1 or tokens[at - 1].text == "."):
            key = (tokens[place].text,)
            onto = tokens[place].end == tokens[at].start
            loose = len(key[0]) == 1 and tokens[place].kind == "word" and not tokens[place].raw.isupper() and not onto
            if key in lookup.currencies and not loose:
                return lookup.currencies[key], place, until, key
    return [], at, until, ()


def _stem(word: str, lookup: Lookup) -> str:
    """A currency word without what a language writes onto it."""
    for markers in lookup.markers:
        for suffixes in markers.suffixes.values():
            for suffix in suffixes:
                if (
                    word.endswith(suffix)
                    and (word[: -len(suffix)],) in lookup.currencies
                    and len(word) - len(suffix) > 3
                ):
                    return word[: -len(suffix)]
    return word


def _counted(tokens: List[_Token], until: int, lookup: Lookup) -> bool:
    """Whether the number counts days, people or anything else that is no money."""
    if until >= len(tokens):
        return False
    for markers in lookup.markers:
        for size in (2, 1):
            if tuple(t.text for t in tokens[until : until + size]) in markers.units:
                return True
    return tokens[until].text in ("/", ":", "%") and tokens[until].start == tokens[until - 1].end


def _plain_money(tokens: List[_Token], at: int, until: int, value: float, lookup: Lookup) -> bool:
    """A bare number that is large, round or grouped enough, and neither a year, a number to call nor a count."""
    before = tokens[at - 1] if at else None
    if tokens[at].kind != "number":
        return False
    if _counted(tokens, until, lookup) or (before and before.kind == "mark" and before.end == tokens[at].start):
        return False
    if before and before.text in ("c", "r", "law", "no", "article", "call", "number", "numero", "article"):
        return False
    text = tokens[at].text
    if any(mark in text for mark in ",.'"):
        return value >= 1000
    if 1950 <= value <= 2090 and value % 100:
        return False
    return value >= _LEAST and value % 50 == 0 and value not in (1950, 2000)


def _resolve(codes: List[str], sign: Name, places: List[str], lookup: Lookup) -> Optional[str]:
    """The one currency that a word means, by the countries of the route; None when they do not tell."""
    if len(codes) == 1:
        return codes[0]
    for country in places:
        fitting: Set[str] = lookup.currency_of.get(country, set()) & set(codes)
        if len(fitting) == 1:
            return fitting.pop()
    return lookup.otherwise.get(sign)
