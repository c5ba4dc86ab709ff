"""What every fact has."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bot.knowledge.values import (
    CountryCode,
    Law,
    OtherVoice,
    PartialDate,
    Source,
    Strict,
    Texts,
    last_day,
)

Side = Literal["origin", "destination"]
State = Literal["sourced", "reviewed", "unverified"]
Who = Literal["agency", "employer"]


class FactBase(Strict):
    """What every fact has."""

    id: str = Field(
        pattern=r"^[a-z0-9_]+$", description="Short name, unique in the file; the file's code is put before it."
    )
    law: Law | None = None
    source: Source
    checked_by: str
    checked_on: PartialDate
    review_by: PartialDate = Field(description="After this date the answer says that the fact is due for a new check.")
    state: State = Field(
        description="unverified facts are kept but never sent; reviewed ones were confirmed by a named partner."
    )
    side: Side | None = Field(
        None, description="Only where the country is both: does it bind as place of origin or of work?"
    )
    destinations: tuple[CountryCode, ...] = Field(
        (), description="In an origin's file: holds only for work in these countries."
    )
    other_voices: tuple[OtherVoice, ...] = Field((), description="Sources that disagree.")
    often_broken: bool = Field(False, description="The source itself says that many do not follow the rule.")
    note: Texts = Field({}, description="What no field expresses, per language; a language without one leaves it out.")
    note_limits: bool = Field(
        False,
        description="The note narrows the rule: it is said in one breath with it, and a language that has no note does "
        "not say the rule either.",
    )

    @model_validator(mode="after")
    def _order(self) -> FactBase:
        if last_day(self.review_by) < last_day(self.checked_on):
            raise ValueError("review_by lies before checked_on; give a later date to check again")
        if self.note_limits and not self.note:
            raise ValueError("note_limits says that the note narrows the rule, but there is no note; write it")
        return self
