"""Leaving, changing employer, staying."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.knowledge.kinds.base import FactBase, Who
from bot.knowledge.values import Span, Strings


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

    one_employer_only: work for anyone else than the employer of the visa is an offence.
    no_absconding_report_after_complaint: as it
    says. victim_permit: a residence permit for women who escape violence or control. mobility_reform_excludes: the
    country's reform of
    changing employers left domestic workers out. employer_interview: a video call before signing. contact_family:
    contact must be
    allowed. live_in_required: she must live at the employer's. privacy: a room with reasonable privacy.
    shelter_state: the state
    runs shelters for women workers. sim_card: she gets one with the hotline on arrival. card_law_applies: with her
    card the whole
    labour law applies to her. complaint_no_dismissal: nobody may be dismissed for giving evidence.
    sponsor_exit: she cannot leave or enter the country without the sponsor's consent.
    """

    kind: Literal[
        "one_employer_only", "no_absconding_report_after_complaint", "victim_permit", "mobility_reform_excludes",
        "employer_interview",
        "contact_family", "live_in_required", "privacy", "shelter_state", "sim_card", "card_law_applies",
        "complaint_no_dismissal", "sponsor_exit",
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
