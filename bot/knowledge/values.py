"""The small typed values that facts are made of. All of them are language-neutral."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from babel import Locale
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_CURRENCIES = frozenset(Locale("en").currencies)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


class Strict(BaseModel):
    """A part of a content file: an unknown key is a typing mistake and is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _partial_date(value: str) -> str:
    match = _PARTIAL.fullmatch(value)
    if not match:
        raise ValueError("write a date as 2025, 2025-10 or 2025-10-31")
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar") from None
    return value


def _currency(value: str) -> str:
    if value not in _CURRENCIES:
        raise ValueError(f"{value} is not a currency code; write for example PHP, HKD, EUR")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("write a country as three capital letters (ISO 3166 alpha-3), for example PHL")
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", value):
        raise ValueError("is not a web address; it starts with http:// or https:// and has no blank in it")
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


PartialDate = Annotated[str, AfterValidator(_partial_date)]
"""A day, a month or only a year: what the source gives, no more."""
Currency = Annotated[str, AfterValidator(_currency)]
CountryCode = Annotated[str, AfterValidator(_country)]
Url = Annotated[str, AfterValidator(_url)]
Texts = dict[str, str]
"""Language -> text."""
Strings = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Per = Literal["hour", "day", "week", "month", "year", "once"]


def last_day(partial: str) -> date:
    """The last day that a partial date can mean."""
    parts = [int(p) for p in partial.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = (parts[0], 12) if len(parts) == 1 else parts
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


class Amount(Strict):
    """Money. `per` says for how long, where it is pay."""

    value: Decimal = Field(ge=0)
    currency: Currency
    per: Per = "once"


class Span(Strict):
    """A length of time: exactly one of the fields."""

    hours: Decimal | None = Field(None, gt=0)
    days: Decimal | None = Field(None, gt=0)
    weeks: Decimal | None = Field(None, gt=0)
    months: Decimal | None = Field(None, gt=0)
    years: Decimal | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _one(self) -> Span:
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of hours, days, weeks, months, years, for example {days: 14}")
        return self

    @property
    def unit(self) -> str:
        """`hour`, `day`, `week`, `month` or `year`."""
        return next(iter(self.model_fields_set)).removesuffix("s")

    @property
    def number(self) -> Decimal:
        """How many of the unit."""
        value = getattr(self, self.unit + "s")
        assert isinstance(value, Decimal)
        return value


class Law(Strict):
    """A law, regulation, agreement or standard contract, named as people there name it."""

    name: str
    article: str | None = Field(None, description="Article or section, as it is cited: art. 22, s. 53, cl. 8.")

    def cited(self) -> str:
        """Name and article in one."""
        return f"{self.name} {self.article}" if self.article else self.name


class Source(Strict):
    """Where a fact was read. Not the law itself but the page that says it."""

    name: str = Field(description="Short, as a woman could repeat it: Philstar, Labour Department.")
    url: Url
    date: PartialDate | None = Field(
        None, description="When the source was published; leave it out when it does not say."
    )


class OtherVoice(Strict):
    """Another source that says something else."""

    says: str = Field(description="What it says, in English, for editors.")
    amount: Amount | None = None
    source: Source
