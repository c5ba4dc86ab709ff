"""Lets a fact speak: a `Speaker` writes values in her language, and `@says` names the function that words a kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Any, TypeVar

from bot.knowledge.i18n import Catalogs, Words, script_of
from bot.knowledge.values import Amount, Span

SAYS: dict[str, Callable[[Any, Speaker], list[str]]] = {}
"""Kind of fact -> what it says: sentences, the most important first."""


F = TypeVar("F", bound=Callable[..., list[str]])


def says(*kinds: str) -> Callable[[F], F]:
    """Register a function as the voice of kinds of facts."""

    def register(function: F) -> F:
        for kind in kinds:
            assert kind not in SAYS, f"two functions speak for {kind}"
            SAYS[kind] = function
        return function

    return register


class Plural:
    """A number that chooses a plural form and is written as the language writes it."""

    __slots__ = ("_text", "number")

    def __init__(self, number: Decimal, text: str) -> None:
        self.number, self._text = number, text

    def __format__(self, spec: str) -> str:
        return self._text


class Speaker:
    """Words in one language, for facts of one place. there: whether the place is her place of work, as against home."""

    def __init__(self, catalogs: Catalogs, words: Words, tag: str, names: dict[str, str]) -> None:
        """names: country code -> the name that women say there, where it is not CLDR's."""
        self.tag = tag
        self.latin = script_of(tag) == "Latn"
        self._catalogs, self._words, self._names = catalogs, words, names
        self.here, self.there = "", True
        self.origin, self.destination = "", ""

    def at(self, place: str, *, there: bool, origin: str | None = None, destination: str | None = None) -> Speaker:
        """The same voice, for facts of `place`."""
        other = self.with_words(self._words)
        other.here, other.there = self.country(place) if place else "", there
        other.origin = self.country(origin) if origin else ""
        other.destination = self.country(destination) if destination else ""
        return other

    def with_words(self, words: Words) -> Speaker:
        """The same voice, with numbers and dates written in another way."""
        return Speaker(self._catalogs, words, self.tag, self._names)

    def t(self, key: str, **values: object) -> str:
        """One sentence."""
        if type(values.get("n")) is int:
            number = Decimal(str(values["n"]))
            values["n"] = Plural(number, self._words.number(number))
        return self._catalogs.text(key, self.tag, values)

    def unit(self, unit: str, number: Decimal) -> str:
        """`2 days`."""
        return self._catalogs.text(f"unit_{unit}", self.tag, {"n": Plural(number, self._words.number(number))})

    def span(self, span: Span) -> str:
        """A length of time."""
        return self.unit(span.unit, span.number)

    def money(self, amount: Amount) -> str:
        """`PHP 60,000`, with its time where it has one."""
        return self.timed(self._words.money(amount), amount.per)

    def timed(self, what: str, per: str) -> str:
        """`HKD 5,100 a month`."""
        return what if per == "once" else self.t(f"per_{per}", what=what)

    def cash(self, value: Decimal, currency: str | None) -> str:
        """Money as she named it, perhaps without a currency."""
        return self._words.money_of(value, currency) if currency else self._words.number(value)

    def cents(self, value: Decimal) -> str:
        """Money without its currency."""
        return self._words.money_of(value, "").strip()

    def number(self, value: Decimal | int) -> str:
        """A number."""
        return self._words.number(value)

    def percent(self, value: Decimal) -> str:
        """A percentage."""
        return self._words.percent(value)

    def date(self, partial: str) -> str:
        """A date as far as it is known."""
        return self._words.date(partial)

    def day(self, day: Day) -> str:
        """A day of any year."""
        return self._words.day(day)

    def clock(self, time: str) -> str:
        """A time of the day, `8:30` for `08:30`."""
        return self._words.digits(time.removeprefix("0"))

    def weekday(self, number: int) -> str:
        """0 is Monday."""
        return self._words.weekday(number)

    def item(self, name: str) -> str:
        """One word of the vocabulary."""
        return self.t(f"item_{name}")

    def items(self, names: Sequence[str], *, either: bool = False) -> str:
        """Words of the vocabulary as a list, joined by "and", or by "or"."""
        return self._words.list([self.item(name) for name in names], either=either)

    def list(self, parts: Sequence[str]) -> str:
        """Texts as a list."""
        return self._words.list(parts)

    def languages(self, tags: Sequence[str]) -> str:
        """Names of languages as a list."""
        return self._words.list([self._words.language(tag) for tag in tags])

    def country(self, alpha3: str) -> str:
        """A country as she says it."""
        return self._names.get(alpha3) or self._words.country(alpha3)

    @staticmethod
    def capital(text: str) -> str:
        """With a capital first letter, where the script has one."""
        return text[:1].upper() + text[1:]
