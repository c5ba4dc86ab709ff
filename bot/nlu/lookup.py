"""Names of countries, currencies, numbers and languages, out of CLDR (Babel) and data/lookup. Pure Python, without Rasa."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterator, List, Set, Tuple

import yaml
from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.numbers import get_territory_currencies

from bot.nlu.words import fold, unspaced, words

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lookup"

WORLD_LANGUAGE = "en"
"""Its words are mixed into every language."""

Name = Tuple[str, ...]
"""The folded words of a name."""

_AS_TYPED = (
    ("\u0e4d\u0e32", "\u0e33"),
    ("\u0ecd\u0eb2", "\u0eb3"),
    ("\u0eab\u0ea1", "\u0edd"),
    ("\u0eab\u0e99", "\u0edc"),
)
"""Thai and Lao letters that folding takes apart, as keyboards write them."""

_SHORT = 2
"""Letters of a name that is met by chance inside the running text of scripts without spaces."""


@dataclass
class Markers:
    """Words of one language that give a country its role, and where the woman who writes it comes from.

    home: countries whose money an unmarked amount is most likely in. natives: countries whose women write the language.
    doubtful: names that are also another word, and countries only where the sentence says so. never: names that are always
    another word.
    """

    home: List[str] = field(default_factory=list)
    natives: List[str] = field(default_factory=list)
    before: Dict[str, Set[Name]] = field(default_factory=dict)
    after: Dict[str, Set[Name]] = field(default_factory=dict)
    prefixes: Dict[str, List[str]] = field(default_factory=dict)
    suffixes: Dict[str, List[str]] = field(default_factory=dict)
    units: FrozenSet[Name] = frozenset()
    doubtful: FrozenSet[Name] = frozenset()
    never: FrozenSet[Name] = frozenset()


@dataclass
class Lookup:
    """The vocabulary of one language, with the English one and what all share. A language's own meaning of a word goes first.

    countries: ISO 3166 alpha-3 by name. exact: the same, only as written. slips: names that are still meant when one letter is
    wrong. origins, destinations: the role that a country mostly has. currencies: ISO 4217 codes by word or sign. otherwise: the
    currency that a shared word means when nothing else tells. numbers, multipliers: values by word. languages: codes by name.
    markers: the language's and the English ones. runs: all words of scripts without spaces by their first letter, the longest
    first. currency_of: currencies by country.
    """

    countries: Dict[Name, str] = field(default_factory=dict)
    exact: Dict[str, str] = field(default_factory=dict)
    slips: Dict[str, str] = field(default_factory=dict)
    runs: Dict[str, List[str]] = field(default_factory=dict)
    origins: FrozenSet[str] = frozenset()
    destinations: FrozenSet[str] = frozenset()
    currencies: Dict[Name, List[str]] = field(default_factory=dict)
    otherwise: Dict[Name, str] = field(default_factory=dict)
    numbers: Dict[Name, float] = field(default_factory=dict)
    multipliers: Dict[str, float] = field(default_factory=dict)
    languages: Dict[Name, str] = field(default_factory=dict)
    markers: List[Markers] = field(default_factory=list)
    currency_of: Dict[str, Set[str]] = field(default_factory=dict)

    @property
    def own(self) -> Markers:
        """The markers of the language itself."""
        return self.markers[0]

    def cut(self, run: str) -> Iterator[Tuple[int, int]]:
        """Parts a run of letters without spaces: known words, the longest first, and whatever stands between."""
        at = begun = 0
        while at < len(run):
            known = next((word for word in self.runs.get(run[at], ()) if _stands(word, run, at)), "")
            if known:
                if begun < at:
                    yield begun, at
                yield at, at + len(known)
                begun = at + len(known)
            at += len(known) or 1
        if begun < at:
            yield begun, at


def _stands(word: str, run: str, at: int) -> bool:
    """Whether a word stands at a place and no vowel sign after it makes another one of it."""
    end = at + len(word)
    return run.startswith(word, at) and (end == len(run) or unicodedata.category(run[end])[0] != "M")


def name(text: str) -> Name:
    """A name as it is compared."""
    return tuple(word.folded for word in words(text))


def languages(folder: Path = FOLDER) -> List[str]:
    """Codes of the languages that have a file."""
    return sorted(path.stem for path in folder.glob("*.yml") if path.name != "common.yml")


@lru_cache(maxsize=64)
def load(language: str = WORLD_LANGUAGE, folder: Path = FOLDER) -> Lookup:
    """The vocabulary of a language; an unknown one has the English words. Raises ValueError that names a file which is wrong."""
    codes = (
        [WORLD_LANGUAGE, language] if language in languages(folder) and language != WORLD_LANGUAGE else [WORLD_LANGUAGE]
    )
    common = _read(folder / "common.yml")
    lookup = Lookup(exact=dict(common["exact"]))
    lookup.origins, lookup.destinations = frozenset(common["origins"]), frozenset(common["destinations"])
    lookup.otherwise = {_sign(word): code for word, code in common["otherwise"].items()}
    for code in common["codes"]:
        lookup.currencies[(fold(code),)] = [common["renamed"].get(code, code)]
    territories = _territories()
    for code in codes:
        with suppress(UnknownLocaleError):  # a language that CLDR does not have has only the names in its file
            _add_cldr(lookup, Locale.parse(common["locales"].get(code, code)), common, territories)
    _add(lookup, common)
    for code in codes:
        path = folder / f"{code}.yml"
        content = _read(path)
        try:
            _add(lookup, content)
            lookup.markers.insert(0, _markers(content))
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error!r} is missing or wrong; compare with en.yml.") from None
    for key in lookup.own.never:
        lookup.countries.pop(key, None)
    lookup.slips = {word: lookup.countries[(word,)] for word in common["slips"] if (word,) in lookup.countries}
    lookup.runs = _runs(lookup)
    shorts = {long: short for short, long in territories.items()}
    for country in set(lookup.countries.values()) & set(shorts):
        lookup.currency_of[country] = set(get_territory_currencies(shorts[country]))
    return lookup


@lru_cache(maxsize=1)
def _territories() -> Dict[str, str]:
    """Alpha-3 by alpha-2."""
    return {
        short[0]: long
        for long, short in get_global("territory_aliases").items()
        if len(long) == 3 and long.isalpha() and len(short) == 1
    }


def _add_cldr(lookup: Lookup, locale: Locale, common: Dict[str, Any], territories: Dict[str, str]) -> None:
    """The names that CLDR gives countries and languages in one language."""
    never = {fold(word) for word in common["never"]}
    for short, shown in locale.territories.items():
        key = name(shown)
        if short in territories and key and len("".join(key)) > 2 and " ".join(key) not in never:
            lookup.countries[key] = territories[short]
    for code in common["languages"]:
        shown = locale.languages.get(common["locales"].get(code, code))
        if shown and len(shown) > 2:
            lookup.languages[name(shown)] = code


def _runs(lookup: Lookup) -> Dict[str, List[str]]:
    """Every word that is looked for and is written in a script without spaces."""
    names: Set[Name] = {name for name in lookup.countries if len("".join(name)) > _SHORT}
    for found in (lookup.currencies, lookup.numbers, lookup.languages):
        names.update(found)
    names.update((word,) for word in lookup.multipliers)
    for markers in lookup.markers:
        names.update(markers.units, *markers.before.values(), *markers.after.values())
    runs: Dict[str, List[str]] = {}
    for word in {part for found in names for part in found if unspaced(part)}:
        typed = word
        for folded, letter in _AS_TYPED:
            typed = typed.replace(folded, letter)
        for form in {word, typed}:
            runs.setdefault(form[0], []).append(form)
    return {letter: sorted(found, key=len, reverse=True) for letter, found in runs.items()}


def _read(path: Path) -> Dict[str, Any]:
    """All scalars as text: YAML would read `no` as false."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must hold keys such as countries and languages; compare with en.yml.")
    return content


def _sign(word: str) -> Name:
    return name(word) or (word,)


def _add(lookup: Lookup, content: Dict[str, Any]) -> None:
    for country, spellings in content.get("countries", {}).items():
        for spelling in spellings:
            lookup.countries[name(spelling)] = country
    for language, spellings in content.get("languages", {}).items():
        for spelling in spellings:
            lookup.languages[name(spelling)] = language
    for word, codes in content.get("currencies", {}).items():
        lookup.currencies[_sign(word)] = codes
        if set(lookup.otherwise.values()) & set(codes) and len(codes) > 1:
            lookup.otherwise.setdefault(_sign(word), codes[0])
    for word, value in content.get("numbers", {}).items():
        lookup.numbers[name(word)] = float(value)
    for word, value in content.get("multipliers", {}).items():
        lookup.multipliers[fold(word)] = float(value)


def _markers(content: Dict[str, Any]) -> Markers:
    before = {role: {name(word) for word in found} for role, found in content["before"].items()}
    for role, found in content.get("prefixes", {}).items():
        # Where no space parts words, what is written onto a name is a word before it.
        before.setdefault(role, set()).update(name(part) for part in found if unspaced(part))
    return Markers(
        home=list(content["home"]),
        natives=[*content["home"], *content.get("natives", ())],
        before=before,
        after={role: {name(word) for word in found} for role, found in content["after"].items()},
        prefixes=_affixes(content.get("prefixes", {})),
        suffixes=_affixes(content["suffixes"]),
        units=frozenset(name(word) or (word,) for word in content["units"]),
        doubtful=frozenset(name(word) for word in content.get("doubtful", ())),
        never=frozenset(name(word) for word in content.get("never", ())),
    )


def _affixes(content: Dict[str, List[str]]) -> Dict[str, List[str]]:
    """What is written onto a name, the longest first."""
    return {role: sorted((fold(part) for part in found), key=len, reverse=True) for role, found in content.items()}
