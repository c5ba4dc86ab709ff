"""Money before and for the job: fees, costs, penalties, loans."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from bot.knowledge.kinds.base import FactBase, Who
from bot.knowledge.values import Amount, Strict, Strings


class FeeCap(FactBase):
    """What may be taken from her for the job: an amount (0 for nothing), a percentage of the first month's pay, or so
    many months of pay, for the whole contract or for each of its years."""

    kind: Literal["fee_cap"]
    by: Who = "agency"
    amount: Amount | None = None
    percent_of_first_month: Decimal | None = Field(None, gt=0)
    months_of_pay: Decimal | None = Field(None, gt=0, description="Months of her pay.")
    months_for_each_contract_year: bool = Field(False, description="months_of_pay is for each year of the contract.")
    months_at_most: Decimal | None = Field(None, gt=0, description="Months of pay in all, however long the contract.")
    only_if_employer_refuses: bool = False
    after_first_wage: bool = Field(False, description="Only after she was placed and paid.")
    deduction_forbidden: bool = Field(
        False, description="The source says that it may not come off her pay later either."
    )

    @model_validator(mode="after")
    def _one(self) -> FeeCap:
        if sum(way is not None for way in (self.amount, self.percent_of_first_month, self.months_of_pay)) != 1:
            raise ValueError(
                "a fee_cap needs either amount (value 0 for 'nothing') or percent_of_first_month or months_of_pay"
            )
        if self.months_for_each_contract_year != (self.months_at_most is not None):
            raise ValueError("months_for_each_contract_year and months_at_most belong together; give both or neither")
        return self


class EmployerPays(FactBase):
    """Costs that the employer bears. not_her: the source itself says that she may not be asked for them."""

    kind: Literal["employer_pays"]
    items: Strings
    not_her: bool = False


class Cost(Strict):
    """One cost that she bears; `amount_from_age` instead of `amount` from the age of `from_age` years."""

    item: str
    amount: Amount | None = None
    from_age: int | None = None
    amount_from_age: Amount | None = None

    @model_validator(mode="after")
    def _age(self) -> Cost:
        if (self.from_age is None) != (self.amount_from_age is None) or (self.from_age and not self.amount):
            raise ValueError("from_age needs amount (for the younger) and amount_from_age (for the older)")
        return self


class WorkerPays(FactBase):
    """Costs that she may have to bear herself."""

    kind: Literal["worker_pays"]
    costs: tuple[Cost, ...]
    total_at_least: Amount | None = None


class EmployerCostCeiling(FactBase):
    """The most that the employer pays the agency; not her debt."""

    kind: Literal["employer_cost_ceiling"]
    amount: Amount


class ItemsFact(FactBase):
    """Kinds that are a list of items.

    fee_disguises: what is overcharged under 'no fee'. no_deduction: what may not come off her pay (empty: nothing at all).
    employer_provides: what she gets besides pay. exit_clearance: papers needed before she flies. illegal_recruitment:
    what makes
    an agency illegal. licence_no_proof: what does not prove a licence. legal_routes: legal ways to go.
    forbidden_treatment: what
    nobody may do to her.
    """

    kind: Literal[
        "fee_disguises", "no_deduction", "employer_provides", "exit_clearance", "illegal_recruitment",
        "licence_no_proof", "legal_routes",
        "forbidden_treatment",
    ]  # fmt: skip
    items: Strings = ()


class Penalty(FactBase):
    """What breaking a rule costs. fee: taking more than the law allows, be it by an agency or an employer."""

    kind: Literal["penalty"]
    about: Literal["fee", "no_licence", "contract_changed", "dismissal"]
    fine: Amount | None = None
    fine_up_to: Amount | None = None
    prison_years_up_to: Decimal | None = None
    licence_cancelled: bool = False
    pays_back: bool = False
    pays_back_extra_percent: Decimal | None = None
    pays_shortfall: bool = False
    hiring_ban_years_up_to: Decimal | None = None


class LoanLimit(FactBase):
    """The most interest a lender may take in a year, in percent; whether papers may be kept as security."""

    kind: Literal["loan_limit"]
    percent_a_year: Decimal
    papers_as_security: bool = Field(
        True, description="false: the authority asks to be told when papers are kept as security."
    )
