"""Papers, contract, law, conventions, agencies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import CountryCode, Law, PartialDate, Span, Strings, Texts


class PassportWithWorker(FactBase):
    """Her papers are hers."""

    kind: Literal["passport_with_worker"]
    also: Strings = ()
    unless_she_agrees: bool = False
    in_writing: bool = Field(False, description="unless_she_agrees counts only in writing.")
    back_on_request: bool = Field(False, description="Kept with her consent, it must be given back when she asks.")

    @model_validator(mode="after")
    def _consent(self) -> PassportWithWorker:
        if (self.in_writing or self.back_on_request) and not self.unless_she_agrees:
            raise ValueError("in_writing and back_on_request are about her consent; they need unless_she_agrees: true")
        return self


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
    """Which law covers domestic workers. cover: like all workers (general), by a law of their own (special), by a
    collective agreement, by parts of the labour law only (partial), as work for a private person under the labour law
    (household), or not at all (excluded)."""

    kind: Literal["coverage_law"]
    cover: Literal["general", "special", "collective", "partial", "household", "excluded"]
    law: Law


class ConventionRule(FactBase):
    """What a convention says; `rule` is an item of the vocabulary. Only in content/instruments."""

    kind: Literal["convention_rule"]
    rule: str


class Ratification(FactBase):
    """Whether a country is bound by a convention. Only in content/instruments. approved: only its parliament's consent
    is known, with the day; whether it has been bound since, no source says."""

    kind: Literal["ratification"]
    country: CountryCode
    ratified: bool
    approved: PartialDate | None = None
    on: PartialDate | None = None
    in_force: PartialDate | None = None
    as_of: PartialDate = Field(description="Date of the list in which it was looked up.")


class WorkPermit(FactBase):
    """The permit without which she may not work in a home there.

    visa_free_only: for women who may enter without a visa. care_only: only to care for children, old or ill people, not
    to clean. tied: to a region and a kind of work, with receipts to be kept. valid_from, valid_to: for how long it is
    given; at_most: with all extensions. without_it_fined: a fine for both and notice for deportation. residence_first:
    the stay permit that an application from inside the country needs.
    """

    kind: Literal["work_permit"]
    name: str
    names: Texts = Field({}, description="Name per language, where it has one.")
    visa_free_only: bool = False
    care_only: bool = False
    tied: bool = False
    valid_from: Span | None = None
    valid_to: Span | None = None
    at_most: Span | None = None
    without_it_fined: bool = False
    residence_first: Span | None = None


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
