"""Complaints, agreements, sending money."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import Amount, PartialDate, Span


class ComplaintBody(FactBase):
    """Who takes a complaint. first: before any court."""

    kind: Literal["complaint_body"]
    body: str
    about: Literal["work", "agency"] = "work"
    before_court: bool = False
    web: str | None = None


class ComplaintDeadline(FactBase):
    """By when."""

    kind: Literal["complaint_deadline"]
    about: Literal["work", "agency"]
    within: Span


class Agreement(FactBase):
    """An agreement between two countries; or (`found: false`) that none was found for domestic work."""

    kind: Literal["agreement"]
    found: bool = True
    signed: PartialDate | None = None


class RemittanceCost(FactBase):
    """Average cost of sending money, percent of the amount. Only in content/instruments."""

    kind: Literal["remittance_cost"]
    percent: Decimal
    digital_percent: Decimal
    bank_percent: Decimal
    sent: Amount
