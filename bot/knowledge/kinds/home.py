"""Health, before leaving, after coming home."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import Amount, Span, Strings


class SickLeave(FactBase):
    """Paid or protected days when ill."""

    kind: Literal["sick_leave"]
    up_to: Span
    with_report: bool = False


class Maternity(FactBase):
    """Pregnancy."""

    kind: Literal["maternity"]
    no_dismissal: bool = False
    paid_percent: Decimal | None = None
    after: Span | None = None
    fine: Amount | None = None


class MedicalCare(FactBase):
    """Who pays the doctor."""

    kind: Literal["medical_care"]
    payer: Literal["employer", "agency_and_employer", "social_security"]
    work_illness_only: bool = False
    check_up_every: Span | None = None


class Insurance(FactBase):
    """Insurance that must exist before she leaves."""

    kind: Literal["insurance"]
    cover: Amount


class Orientation(FactBase):
    """A course before leaving."""

    kind: Literal["orientation"]
    name: str
    lasts_from: Span | None = None
    lasts_to: Span | None = None
    fee_refunded: bool = False


class Registration(FactBase):
    """A public body with which she must register before leaving. protects: who is not registered loses its protection."""

    kind: Literal["registration"]
    body: str
    fee: Amount | None = None
    protects: bool = False
    visit_visa_illegal: bool = Field(False, description="Working on a visit visa is illegal, says the same source.")


class RegisterAfterArrival(FactBase):
    """A register or app to enter after arrival."""

    kind: Literal["register_after_arrival"]
    name: str


class Reintegration(FactBase):
    """Help after coming home. for_whom: items of the vocabulary."""

    kind: Literal["reintegration"]
    name: str
    amount: Amount | None = None
    gives: Strings = ()
    for_whom: Strings = ()


class Welfare(FactBase):
    """What a welfare fund pays, and by when to ask: after what happened, and after the end of the contract."""

    kind: Literal["welfare"]
    name: str
    item: str
    amount: Amount | None = None
    claim_within: Span | None = None
    claim_within_of_contract_end: Span | None = None


class Pension(FactBase):
    """An agreement on pensions. in_force false: signed, not yet in force for sure."""

    kind: Literal["pension"]
    paid_abroad: bool = False
    periods_added: bool = False
    in_force: bool = True


class Severance(FactBase):
    """Pay at the end after long service or when the job ends."""

    kind: Literal["severance"]
    redundancy_after: Span
    long_service_after: Span
    share_of_month_per_year: str = Field(description="As a fraction: 2/3.")
