"""Countries in a message, and whether she leaves from or goes to each. Pure Python, without Rasa."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from bot.nlu.lookup import Lookup, Markers, load
from bot.nlu.words import Word, words

_LONGEST_NAME = 4
_REACH = 3
"""Words between a preposition and the country that still belong together: `galing po ako sa Cebu`."""


@dataclass(frozen=True)
class Country:
    """One mention. code: ISO 3166 alpha-3. role: origin, destination, or None when the message does not say."""

    code: str
    role: Optional[str]
    start: int
    end: int


@dataclass
class _Mention:
    code: str
    first: int
    last: int
    start: int
    end: int
    suffix: str = ""
    role: Optional[str] = None


def countries(text: str, language: str = "en", lookup: Optional[Lookup] = None) -> List[Country]:
    """Every country that the text names, in order. language: whose prepositions and suffixes count, besides English ones."""
    lookup = lookup or load(language)
    spoken = words(text, lookup.cut)
    mentions = _mentions(spoken, lookup)
    said = [_said(mention, spoken, lookup.markers) for mention in mentions]
    sure = [
        role is not None
        or tuple(word.folded for word in spoken[mention.first : mention.last + 1]) not in lookup.own.doubtful
        for mention, role in zip(mentions, said, strict=True)
    ]
    mentions, said = list(compress(mentions, sure)), list(compress(said, sure))
    goes = any(
        role == "destination" and mention.code not in lookup.origins
        for mention, role in zip(mentions, said, strict=True)
    )
    for mention, role in zip(mentions, said, strict=True):
        mention.role = _role(mention.code, role, goes, lookup)
        if mention.role is None and role is None and mention.code in lookup.own.natives:
            mention.role = (
                "origin"  # who writes Thai and names Thailand speaks of home, unless the sentence says otherwise
            )
    found: Dict[Tuple[str, Optional[str]], Country] = {}
    for mention in mentions:
        country = Country(mention.code, mention.role, mention.start, mention.end)
        found.setdefault((country.code, country.role), country)
    return list(found.values())


def _role(code: str, said: Optional[str], goes: bool, lookup: Lookup) -> Optional[str]:
    """What the sentence says, checked against what the country mostly is.

    "Texting from Dubai" does not make Dubai the place that she comes from, unless she goes elsewhere, and "home to Nepal" not
    Nepal the place that she goes to. Where women both come from and go to, only the sentence counts.
    """
    if said == "past":
        return None
    leave, arrive = code in lookup.origins, code in lookup.destinations
    if leave and not arrive:
        return "origin"
    if arrive and not leave:
        return "origin" if said == "origin" and goes else "destination"
    return said


def _mentions(spoken: List[Word], lookup: Lookup) -> List[_Mention]:
    """The longest names from left to right."""
    found = []
    at = 0
    while at < len(spoken):
        for size in range(min(_LONGEST_NAME, len(spoken) - at), 0, -1):
            run = spoken[at : at + size]
            code, suffix = _name(run, lookup)
            if code:
                found.append(_Mention(code, at, at + size - 1, run[0].start, run[-1].end, suffix))
                at += size - 1
                break
        at += 1
    return found


def _name(run: List[Word], lookup: Lookup) -> Tuple[Optional[str], str]:
    """The country that these words name, and what is written onto them."""
    key = tuple(word.folded for word in run)
    if key in lookup.countries:
        return lookup.countries[key], ""
    last = key[-1]
    own = lookup.own
    for role, bare in _without(key[0], own.prefixes, str.startswith, str.removeprefix):
        if (bare, *key[1:]) in lookup.countries:
            return lookup.countries[(bare, *key[1:])], role
        if len(key) == 1:
            for _, stem in _without(bare, own.suffixes, str.endswith, str.removesuffix):
                if (stem,) in lookup.countries:
                    return lookup.countries[(stem,)], role
    for role, bare in _without(last, own.suffixes, str.endswith, str.removesuffix):
        if (*key[:-1], bare) in lookup.countries:
            return lookup.countries[(*key[:-1], bare)], role
    if len(run) > 1:
        return None, ""
    if run[0].text in lookup.exact:
        return lookup.exact[run[0].text], ""
    for tail in ("'s", "s"):
        if last.endswith(tail) and len(last) > 6 and (last[: -len(tail)],) in lookup.countries:
            return lookup.countries[(last[: -len(tail)],)], ""
    return _slip(last, lookup), ""


def _without(
    word: str, affixes: Dict[str, List[str]], has: Callable[[str, str], bool], cut: Callable[[str, str], str]
) -> Iterator[Tuple[str, str]]:
    """The role and the rest of a word for each affix that it bears."""
    for role, found in affixes.items():
        for affix in found:
            if has(word, affix):
                yield role, cut(word, affix)


def _slip(word: str, lookup: Lookup) -> Optional[str]:
    """A well-known name with one letter wrong, missing, too many or swapped."""
    if len(word) < 6 or not word.isascii() or not word.isalpha():
        return None
    for known, code in lookup.slips.items():
        if known[0] == word[0] and abs(len(known) - len(word)) <= 1 and _one_apart(known, word):
            return code
    return None


def _one_apart(a: str, b: str) -> bool:
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    if len(a) == len(b):
        swapped = a[head : head + 2] == b[head : head + 2][::-1] and a[head + 2 :] == b[head + 2 :]
        return a[head + 1 :] == b[head + 1 :] or swapped
    short, long = sorted((a, b), key=len)
    return short[head:] == long[head + 1 :]


def _said(mention: _Mention, spoken: List[Word], markers: List[Markers]) -> Optional[str]:
    """The role that the nearest word around the name gives it."""
    if mention.suffix:
        return mention.suffix
    for own in markers:
        for size in (2, 1):
            follows = tuple(word.folded for word in spoken[mention.last + 1 : mention.last + 1 + size])
            for role in ("past", "origin", "destination"):
                if follows in own.after.get(role, ()):
                    return role
    for gap in range(_REACH):
        for own in markers:
            for size in (3, 2, 1):
                end = mention.first - gap
                leads = tuple(word.folded for word in spoken[max(0, end - size) : end])
                for role in ("past", "origin", "destination"):
                    if len(leads) == size and leads in own.before.get(role, ()):
                        return role
    return None
