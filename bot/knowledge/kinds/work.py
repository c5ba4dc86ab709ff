"""Hours, rest, leave."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import Span


class WorkingHours(FactBase):
    """The most she may work."""

    kind: Literal["working_hours"]
    a_day: Decimal | None = None
    a_week: Decimal | None = None
    lives_in: bool | None = Field(None, description="Leave out when it does not matter.")
    breaks_included: bool = False

    @model_validator(mode="after")
    def _some(self) -> WorkingHours:
        if self.a_day is None and self.a_week is None:
            raise ValueError("working_hours needs a_day or a_week, in hours")
        return self


class DailyRest(FactBase):
    """Rest every day or night. break_after: work after which `rest_break` is due."""

    kind: Literal["daily_rest"]
    in_a_row: Span
    total: Span | None = None
    rest_break: Span | None = None
    break_after: Span | None = None


class WeeklyRest(FactBase):
    """Days off."""

    kind: Literal["weekly_rest"]
    off: Span
    paid: bool | None = None
    moved_only_if_she_agrees: bool = False


class Overtime(FactBase):
    """Work beyond the hours."""

    kind: Literal["overtime"]
    at_most_a_day: Span | None = None
    pay_days: Decimal | None = Field(None, description="Part of a day's pay that it is worth: 0.5.")


class AnnualLeave(FactBase):
    """Paid leave."""

    kind: Literal["annual_leave"]
    leave: Span
    after: Span = Field(default_factory=lambda: Span(years=Decimal(1)))
