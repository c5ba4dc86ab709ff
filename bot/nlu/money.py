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
_BETWEEN = (".", "of", "na", "ng", "de", "d'", "ko", "को", "po", "กว่า")
"""What may stand between an amount and its currency."""

_LEAST = 300
"""A bare number below this is not taken for money."""


@dataclass(frozen=True)
class Money:
    """amount: as said. currency: ISO 4217, or None when it is not said or several countries share the word; then may_be has
    the codes of all that the word may mean.
    """

    amount: float
    currency: Optional[str]
    start: int
    end: int
    may_be: Tuple[str, ...] = ()


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
            currency = _resolve(codes, sign, places, lookup)
            may_be = () if currency else tuple(sorted(codes))
            found.append(Money(value, currency, tokens[first].start, tokens[last - 1].end, may_be))
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
    """A number in digits or words with what multiplies it: `1 lakh 20 hajar`, `mille cinq cents`.

    Gives value, end, whether it was multiplied.
    """
    total = part = 0.0
    smallest = float("inf")
    scaled = digits = False
    until = at
    while until < len(tokens):
        if (
            part
            and tokens[until].text == "de"
            and until + 1 < len(tokens)
            and tokens[until + 1].text in lookup.multipliers
        ):
            until += 1  # `douăzeci de mii`
        step = _times(tokens, until, lookup) if tokens[until].kind == "word" else None
        if step and not part:
            # `lakh rupiya`, `መቶ ሃምሳ`: one of it, where something follows that makes it a number.
            if len(tokens[until].text) == 1 or not (total or _number_follows(tokens, until + 1, lookup)):
                break
            part = 1.0
        if step and step < 1000:
            part *= step
            scaled, until = True, until + 1
            continue
        if step:
            if part * step >= smallest:
                break
            total, part, smallest, scaled, until = total + part * step, 0.0, step, True, until + 1
            continue
        read = _single(tokens, until, lookup)
        if read is None or read[0] >= smallest or (part and (digits or tokens[until].kind == "number")):
            break
        if part and not 0 < read[0] < (100 if part >= 100 and part % 100 == 0 else 10):
            break
        digits = digits or tokens[until].kind == "number"
        value, until = read
        if value >= 1000 and tokens[until - 1].kind == "word":  # `mil`, `seribu`
            # "vivo con mil cosas" is no money; a large number that is one word of a script without spaces mostly is.
            scaled = scaled or until - at > 1 or unspaced(tokens[until - 1].text)
            total, smallest = total + value, min(smallest, value)
        else:
            part += value
    return (total + part, until, scaled) if until > at else None


def _number_follows(tokens: List[_Token], at: int, lookup: Lookup) -> bool:
    """Whether a word that belongs to a number, or a currency, stands at a token."""
    if at >= len(tokens):
        return False
    word = tokens[at].text.removeprefix("و")
    return (word,) in lookup.numbers or word in lookup.multipliers or (word,) in lookup.currencies


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
        key: Name = tuple(
            t.text.removeprefix("و") for t in tokens[at : at + size]
        )  # Arabic writes "and" onto the number
        if len(key) == size and key in lookup.numbers:
            value, end = lookup.numbers[key], at + size
            # tens and ones: "thirty five"
            following = lookup.numbers.get((tokens[end].text,)) if end < len(tokens) else None
            if 20 <= value < 100 and value % 10 == 0 and following and following < 10:
                return value + following, end + 1
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
        if place < len(tokens) and (place == until or tokens[until].text in _BETWEEN):
            found = _named(tokens, place, lookup, tokens[place - 1].end == tokens[place].start, place == until)
            if found:
                codes, end, key = found
                return _of_country(codes, tokens, end, lookup), at, _adjective(codes, tokens, end, lookup), key
    for place in (at - 1, at - 2):
        if place >= 0 and tokens[place].kind in ("word", "sign") and (place == at - 1 or tokens[at - 1].text == "."):
            found = _named(tokens, place, lookup, tokens[place].end == tokens[at].start, True)
            if found and found[1] <= at:
                return found[0], place, until, found[2]
    return [], at, until, ()


def _named(
    tokens: List[_Token], place: int, lookup: Lookup, onto: bool, beside: bool
) -> Optional[Tuple[List[str], int, Name]]:
    """Codes of the currency that begins at a token, where its name ends, and the name. onto: written onto the number."""
    token = tokens[place]
    if token.kind not in ("word", "sign"):
        return None
    pair = (token.text, tokens[place + 1].text) if place + 1 < len(tokens) else None
    if pair in lookup.currencies:
        return lookup.currencies[pair], place + 2, pair
    letter = token.kind == "word" and len(token.text) == 1 and token.text.isascii()
    if beside and letter and not onto and not token.raw.isupper():
        return None
    for key in (
        (token.text,),
        (_stem(token.text, lookup),),
        (token.text.partition("'")[2],),
    ):  # the last for `d'ariary`
        if key in lookup.currencies:
            return lookup.currencies[key], place + 1, key
    return None


def _of_country(codes: List[str], tokens: List[_Token], end: int, lookup: Lookup) -> List[str]:
    """`dinar kuwaiti`: the adjective after a shared word says which."""
    country = _country(tokens, end, lookup)
    fitting = sorted(lookup.currency_of.get(country, set()) & set(codes)) if country else []
    return fitting if len(fitting) == 1 else codes


def _adjective(codes: List[str], tokens: List[_Token], end: int, lookup: Lookup) -> int:
    """Where the name of the currency ends with such an adjective."""
    country = _country(tokens, end, lookup)
    return end + 1 if country and lookup.currency_of.get(country, set()) & set(codes) else end


def _country(tokens: List[_Token], at: int, lookup: Lookup) -> Optional[str]:
    """The country of an adjective or name at a token; none where a preposition is written onto it, `بالسعودية`."""
    word = tokens[at].text if at < len(tokens) else ""
    parted = any(
        word.startswith(prefix) and (word[len(prefix) :],) in lookup.countries
        for found in lookup.own.prefixes.values()
        for prefix in found
    )
    return None if parted else lookup.countries.get((word,))


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
