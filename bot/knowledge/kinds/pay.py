"""Pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import Amount, PartialDate, Span, Strict, Strings


class Level(Strict):
    """Pay at one level of a collective agreement."""

    level: str
    month: Decimal | None = None
    hour: Decimal | None = None


class MinimumWage(FactBase):
    """The lowest legal pay. set_by: the law of the place of work, what her own country asks of employers abroad
    (origin), or the agreement between the two (agreement; in a corridor's file)."""

    kind: Literal["minimum_wage"]
    amount: Amount | None = None
    zone_amount: Amount | None = None
    zone: str | None = Field(None, description="Item of the vocabulary: part of the country with another amount.")
    levels: tuple[Level, ...] = ()
    levels_currency: str | None = None
    care_level: str | None = Field(None, description="The level of care for a person who cannot manage alone.")
    set_by: Literal["origin", "destination", "agreement"] = "destination"
    since: PartialDate | None = None
    contracts_signed_since: PartialDate | None = None
    step_by_step: bool = Field(False, description="Still being brought in.")
    no_less_by_agreement: bool = False

    @model_validator(mode="after")
    def _one(self) -> MinimumWage:
        if (self.amount is None) == (not self.levels):
            raise ValueError("a minimum_wage needs either amount or levels")
        if self.levels and not self.levels_currency:
            raise ValueError("levels need levels_currency, for example EUR")
        if self.amount and self.amount.per == "once":
            raise ValueError("a minimum_wage needs per: month, day or hour")
        return self


class NoMinimumWage(FactBase):
    """The source says in so many words that no lowest pay is set for domestic workers there. agreements_may: agreements
    with some countries of origin set one."""

    kind: Literal["no_minimum_wage"]
    agreements_may: bool = False


class Allowance(FactBase):
    """Free food, or a free place to live, or at least this much instead."""

    kind: Literal["food_allowance", "housing_allowance"]
    amount: Amount


class DeductionLimit(FactBase):
    """How much may come off her pay, in percent of it, and (`reasons`, items of the vocabulary) for what alone."""

    kind: Literal["deduction_limit"]
    percent: Decimal = Field(gt=0, le=100, description="Together.")
    percent_each: Decimal | None = Field(None, gt=0, description="For one reason.")
    reasons: Strings = ()


class WagePayment(FactBase):
    """How and when pay comes."""

    kind: Literal["wage_payment"]
    methods: Strings = ()
    other_methods_if_she_agrees: Strings = ()
    through: str | None = Field(None, description="Platform, by name.")
    since: PartialDate | None = None
    within: Span | None = None
    sign_only_for_received: bool = False


class UnpaidWage(FactBase):
    """What the law adds when pay is late or missing."""

    kind: Literal["unpaid_wage"]
    double_for_overtime: bool = False
    before_other_debts: bool = False


class YearBonus(FactBase):
    """Extra pay once a year."""

    kind: Literal["year_bonus"]
    pay_of: Span
    before_day: str | None = Field(None, pattern=r"^\d{2}-\d{2}$", description="Month and day, 12-20.")


class SocialSecurity(FactBase):
    """Registration with the social insurance by the employer."""

    kind: Literal["social_security"]
    body: str
    items: Strings = ()
