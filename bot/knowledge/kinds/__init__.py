"""The closed vocabulary of facts: one class per kind (or per few kinds of one form), typed and language-neutral.

What a kind says to a woman is in `bot/knowledge/says/`; which kinds answer which question is in `bot/knowledge/topics/`.
Items in lists come from the vocabulary of `bot/knowledge/says/items.py`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.knowledge.kinds.base import FactBase, Side
from bot.knowledge.kinds.complaints import Agreement, ComplaintBody, ComplaintDeadline, RemittanceCost
from bot.knowledge.kinds.home import (
    Insurance,
    Maternity,
    MedicalCare,
    Orientation,
    Pension,
    RegisterAfterArrival,
    Registration,
    Reintegration,
    Severance,
    SickLeave,
    Welfare,
)
from bot.knowledge.kinds.leaving import (
    ChangeEmployer,
    EndOfService,
    Quota,
    SimpleRule,
    StayAfterEnd,
    TerminationNotice,
    TicketHome,
    WorkCard,
)
from bot.knowledge.kinds.money import (
    EmployerCostCeiling,
    EmployerPays,
    FeeCap,
    ItemsFact,
    LoanLimit,
    Penalty,
    WorkerPays,
)
from bot.knowledge.kinds.papers import (
    Ban,
    ContractForm,
    ContractRegistration,
    ConventionRule,
    CoverageLaw,
    LicenceCheck,
    MinimumAge,
    PassportWithWorker,
    Ratification,
    WorkPermit,
)
from bot.knowledge.kinds.pay import (
    Allowance,
    DeductionLimit,
    MinimumWage,
    NoMinimumWage,
    SocialSecurity,
    UnpaidWage,
    WagePayment,
    YearBonus,
)
from bot.knowledge.kinds.work import AnnualLeave, DailyRest, Overtime, WeeklyRest, WorkingHours

AnyFact = (
    FeeCap | EmployerPays | WorkerPays | EmployerCostCeiling | ItemsFact | Penalty | LoanLimit | MinimumWage |
    NoMinimumWage | Allowance | DeductionLimit | WagePayment
    | UnpaidWage | YearBonus | SocialSecurity | WorkingHours | DailyRest | WeeklyRest | Overtime | AnnualLeave |
    PassportWithWorker
    | ContractForm | ContractRegistration | CoverageLaw | ConventionRule | Ratification | LicenceCheck | MinimumAge | Ban
    | TerminationNotice | ChangeEmployer | EndOfService | TicketHome | StayAfterEnd | SimpleRule | WorkCard | Quota |
    SickLeave | Maternity
    | MedicalCare | Insurance | Orientation | RegisterAfterArrival | Reintegration | Welfare | Pension | Severance |
    ComplaintBody
    | ComplaintDeadline | Agreement | RemittanceCost | WorkPermit | Registration
)  # fmt: skip
Fact = Annotated[AnyFact, Field(discriminator="kind")]

__all__ = [
    "Agreement",
    "Allowance",
    "AnnualLeave",
    "AnyFact",
    "Ban",
    "ChangeEmployer",
    "ComplaintBody",
    "ComplaintDeadline",
    "ContractForm",
    "ContractRegistration",
    "ConventionRule",
    "CoverageLaw",
    "DailyRest",
    "DeductionLimit",
    "EmployerCostCeiling",
    "EmployerPays",
    "EndOfService",
    "Fact",
    "FactBase",
    "FeeCap",
    "Insurance",
    "ItemsFact",
    "LicenceCheck",
    "LoanLimit",
    "Maternity",
    "MedicalCare",
    "MinimumAge",
    "MinimumWage",
    "NoMinimumWage",
    "Orientation",
    "Overtime",
    "PassportWithWorker",
    "Penalty",
    "Pension",
    "Quota",
    "Ratification",
    "RegisterAfterArrival",
    "Registration",
    "Reintegration",
    "RemittanceCost",
    "Severance",
    "SickLeave",
    "Side",
    "SimpleRule",
    "SocialSecurity",
    "StayAfterEnd",
    "TerminationNotice",
    "TicketHome",
    "UnpaidWage",
    "WagePayment",
    "WeeklyRest",
    "Welfare",
    "WorkCard",
    "WorkPermit",
    "WorkerPays",
    "WorkingHours",
    "YearBonus",
]
