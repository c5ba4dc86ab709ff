"""The closed vocabulary of facts: one class per kind (or per few kinds of one form), typed and language-neutral.

What a kind says to a woman is in `bot/knowledge/says/`; which kinds answer which question is in `bot/knowledge/topics/`.
Items in lists come from the vocabulary of `bot/knowledge/says/items.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.knowledge.values import Amount, CountryCode, Law, OtherVoice, PartialDate, Source, Span, Strict, Strings, Texts, last_day

Side = Literal["origin", "destination"]
State = Literal["sourced", "reviewed", "unverified"]
Who = Literal["agency", "employer"]


class FactBase(Strict):
    """What every fact has."""

    id: str = Field(pattern=r"^[a-z0-9_]+$", description="Short name, unique in the file; the file's code is put before it.")
    law: Law | None = None
    source: Source
    checked_by: str
    checked_on: PartialDate
    review_by: PartialDate = Field(description="After this date the answer says that the fact is due for a new check.")
    state: State = Field(description="unverified facts are kept but never sent; reviewed ones were confirmed by a named partner.")
    side: Side | None = Field(None, description="Only where the country is both: does it bind as place of origin or of work?")
    destinations: tuple[CountryCode, ...] = Field((), description="In an origin's file: holds only for work in these countries.")
    other_voices: tuple[OtherVoice, ...] = Field((), description="Sources that disagree.")
    often_broken: bool = Field(False, description="The source itself says that many do not follow the rule.")
    note: Texts = Field({}, description="What no field expresses, per language; a language without one leaves it out.")

    @model_validator(mode="after")
    def _order(self) -> FactBase:
        if last_day(self.review_by) < last_day(self.checked_on):
            raise ValueError("review_by lies before checked_on; give a later date to check again")
        return self


# Money before and for the job

class FeeCap(FactBase):
    """What may be taken from her for the job: an amount (0 for nothing), or a percentage of the first month's pay."""

    kind: Literal["fee_cap"]
    by: Who = "agency"
    amount: Amount | None = None
    percent_of_first_month: Decimal | None = Field(None, gt=0)
    at_minimum_wage: Amount | None = Field(None, description="What the percentage comes to at the lowest legal pay.")
    only_if_employer_refuses: bool = False
    after_first_wage: bool = Field(False, description="Only after she was placed and paid.")
    deduction_forbidden: bool = Field(False, description="The source says that it may not come off her pay later either.")

    @model_validator(mode="after")
    def _one(self) -> FeeCap:
        if (self.amount is None) == (self.percent_of_first_month is None):
            raise ValueError("a fee_cap needs either amount (value 0 for 'nothing') or percent_of_first_month")
        return self


class EmployerPays(FactBase):
    """Costs that the employer bears."""

    kind: Literal["employer_pays"]
    items: Strings


class Cost(Strict):
    """One cost that she bears."""

    item: str
    amount: Amount | None = None


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
    employer_provides: what she gets besides pay. exit_clearance: papers needed before she flies. illegal_recruitment: what makes
    an agency illegal. licence_no_proof: what does not prove a licence. legal_routes: legal ways to go. forbidden_treatment: what
    nobody may do to her.
    """

    kind: Literal[
        "fee_disguises", "no_deduction", "employer_provides", "exit_clearance", "illegal_recruitment", "licence_no_proof", "legal_routes",
        "forbidden_treatment",
    ]  # fmt: skip
    items: Strings = ()


class Penalty(FactBase):
    """What breaking a rule costs."""

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
    papers_as_security: bool = Field(True, description="false: the authority asks to be told when papers are kept as security.")


# Pay

class Level(Strict):
    """Pay at one level of a collective agreement."""

    level: str
    month: Decimal | None = None
    hour: Decimal | None = None


class MinimumWage(FactBase):
    """The lowest legal pay. `set_by: origin` is what her own country asks of employers abroad."""

    kind: Literal["minimum_wage"]
    amount: Amount | None = None
    zone_amount: Amount | None = None
    zone: str | None = Field(None, description="Item of the vocabulary: part of the country with another amount.")
    levels: tuple[Level, ...] = ()
    levels_currency: str | None = None
    care_level: str | None = Field(None, description="The level of care for a person who cannot manage alone.")
    set_by: Side = "destination"
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


class FoodAllowance(FactBase):
    """Free food, or at least this much."""

    kind: Literal["food_allowance"]
    amount: Amount


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


# Time

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


# Papers and law

class PassportWithWorker(FactBase):
    """Her papers are hers."""

    kind: Literal["passport_with_worker"]
    also: Strings = ()
    unless_she_agrees: bool = False


class ContractForm(FactBase):
    """What the contract must look like."""

    kind: Literal["contract_form"]
    written: bool = True
    model: str | None = Field(None, description="Official model or form, by name.")
    platform: str | None = None
    languages: Strings = Field((), description="Language codes it must be in.")
    copies: int | None = None
    items: Strings = Field((), description="What it must say.")


class ContractRegistration(FactBase):
    """Where a contract is registered or approved before she leaves."""

    kind: Literal["contract_registration"]
    body: str


class CoverageLaw(FactBase):
    """Which law covers domestic workers. cover: like all workers, by a law of their own, by a collective agreement, or not at all."""

    kind: Literal["coverage_law"]
    cover: Literal["general", "special", "collective", "excluded"]
    law: Law


class ConventionRule(FactBase):
    """What a convention says; `rule` is an item of the vocabulary. Only in content/instruments."""

    kind: Literal["convention_rule"]
    rule: str


class Ratification(FactBase):
    """Whether a country is bound by a convention. Only in content/instruments."""

    kind: Literal["ratification"]
    country: CountryCode
    ratified: bool
    on: PartialDate | None = None
    in_force: PartialDate | None = None
    as_of: PartialDate = Field(description="Date of the list in which it was looked up.")


# Agencies

class LicenceCheck(FactBase):
    """How to see whether an agency is allowed to work."""

    kind: Literal["licence_check"]
    authority: str | None = Field(None, description="Who keeps the list; leave out when no source says where to look.")
    for_each_destination: bool = Field(False, description="A licence holds for one country of work only.")
    where: str | None = Field(None, description="Name of the list or portal.")
    web: str | None = None
    good_status: str | None = None
    check_job_order: bool = False


class MinimumAge(FactBase):
    """Youngest age."""

    kind: Literal["minimum_age"]
    years: int


class Ban(FactBase):
    """Going is restricted or stopped by her own country."""

    kind: Literal["ban"]
    degree: Literal["restricted", "banned"]
    without_permit_undocumented: bool = False


# Leaving

class TerminationNotice(FactBase):
    """How she ends the contract."""

    kind: Literal["termination_notice"]
    notice: Span
    or_pay: bool = False
    in_writing: bool = False


class ChangeEmployer(FactBase):
    """Whether and when she may go to another employer."""

    kind: Literal["change_employer"]
    allowed: Literal["yes", "if_she_agrees", "for_reasons", "no"]
    reasons: Strings = ()
    through: str | None = None


class EndOfService(FactBase):
    """Money at the end. pay: how much pay; per: for each such time, or once after it."""

    kind: Literal["end_of_service"]
    pay: Span
    for_each: Span | None = None
    after: Span | None = None


class TicketHome(FactBase):
    """Who pays the way home."""

    kind: Literal["ticket_home"]
    payer: Who
    every: Span | None = None


class StayAfterEnd(FactBase):
    """How long she may stay when the contract ends."""

    kind: Literal["stay_after_end"]
    stay: Span
    may_work: bool | None = None


class SimpleRule(FactBase):
    """Kinds that are one sentence.

    one_employer_only: work for anyone else than the employer of the visa is an offence. no_absconding_report_after_complaint: as it
    says. victim_permit: a residence permit for women who escape violence or control. mobility_reform_excludes: the country's reform of
    changing employers left domestic workers out. employer_interview: a video call before signing. contact_family: contact must be
    allowed. live_in_required: she must live at the employer's. privacy: a room with reasonable privacy. shelter_state: the state
    runs shelters for women workers. sim_card: she gets one with the hotline on arrival. card_law_applies: with her card the whole
    labour law applies to her. complaint_no_dismissal: nobody may be dismissed for giving evidence. rights_despite_status: pay she earned stays hers.
    """

    kind: Literal[
        "one_employer_only", "no_absconding_report_after_complaint", "victim_permit", "mobility_reform_excludes", "employer_interview",
        "contact_family", "live_in_required", "privacy", "shelter_state", "sim_card", "card_law_applies", "complaint_no_dismissal",
    ]  # fmt: skip


class WorkCard(FactBase):
    """A card or permit with which she may work there, or (`may_work: false`) may only visit."""

    kind: Literal["work_card"]
    name: str
    may_work: bool = True
    valid: Span | None = None
    area: Strings = Field((), description="Names of the states where it holds.")
    where_to_get: str | None = Field(None, description="Item of the vocabulary.")


class Quota(FactBase):
    """Entries in a year."""

    kind: Literal["quota"]
    places: int
    years: str


# Health, before, after

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
    """What a welfare fund pays, and by when to ask."""

    kind: Literal["welfare"]
    name: str
    item: str
    amount: Amount | None = None
    claim_within: Span | None = None


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


# Complaints, agreements, remittance

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


AnyFact = (
    FeeCap | EmployerPays | WorkerPays | EmployerCostCeiling | ItemsFact | Penalty | LoanLimit | MinimumWage | FoodAllowance | WagePayment
    | UnpaidWage | YearBonus | SocialSecurity | WorkingHours | DailyRest | WeeklyRest | Overtime | AnnualLeave | PassportWithWorker
    | ContractForm | ContractRegistration | CoverageLaw | ConventionRule | Ratification | LicenceCheck | MinimumAge | Ban
    | TerminationNotice | ChangeEmployer | EndOfService | TicketHome | StayAfterEnd | SimpleRule | WorkCard | Quota | SickLeave | Maternity
    | MedicalCare | Insurance | Orientation | RegisterAfterArrival | Reintegration | Welfare | Pension | Severance | ComplaintBody
    | ComplaintDeadline | Agreement | RemittanceCost
)  # fmt: skip
Fact = Annotated[AnyFact, Field(discriminator="kind")]

__all__ = ["AnyFact", "BeforeValidator", "Fact", "FactBase"]
