"""Papers, contract, law, conventions, agencies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.knowledge.kinds.base import FactBase
from bot.knowledge.values import CountryCode, Law, PartialDate, Strings


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
    """Which law covers domestic workers. cover: like all workers, by a law of their own, by a collective agreement,
    or not at all."""

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
