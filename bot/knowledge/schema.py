"""The form of the files in `content/`: countries, corridors, instruments, partners.

Every scalar reaches these models as the text that stands in the file, so that `1348`, `2024-10` or `no` mean what the
editor wrote.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from bot.knowledge.kinds import Fact, Side
from bot.knowledge.values import CountryCode, PartialDate, Source, Strict, Strings, Texts, Url

ContactKind = Literal[
    "emergency", "police", "ambulance", "fire", "hotline", "embassy", "labour_office", "ngo", "shelter", "anti_trafficking",
    "violence_line", "agency_authority", "legal_aid", "welfare_office", "health_line",
]  # fmt: skip


def _phone(value: str) -> str:
    if not re.fullmatch(r"[+*#]?[0-9][0-9 ]*", value):
        raise ValueError(
            f"{value} is not a phone number; write digits with the country code, for example +852 2157 9537, one number a line"
        )
    return value


Phone = Annotated[str, AfterValidator(_phone)]


class Hours(Strict):
    """When somebody answers. days as mon, tue, …; leave them out when the source gives none."""

    from_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    to_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    opens: str = Field(pattern=r"^\d{2}:\d{2}$")
    closes: str = Field(pattern=r"^\d{2}:\d{2}$")


class Contact(Strict):
    """Somebody who helps or knows."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: ContactKind
    name: str
    names: Texts = Field({}, description="Name per language, where it has one.")
    phones: tuple[Phone, ...] = Field(
        (), description="As dialled where she is: with +country code, or a short code inside the country."
    )
    from_abroad: tuple[Phone, ...] = Field((), description="As dialled from another country.")
    always_open: bool = Field(False, description="24 hours, every day.")
    hours: Hours | None = None
    free: bool = Field(False, description="The call costs her nothing.")
    languages: Strings = ()
    address: str | None = None
    office_in_each_province: bool = False
    web: str | None = None
    email: str | None = None
    serves: tuple[CountryCode, ...] = Field(
        (), description="Only for women from these countries (an embassy, a consulate)."
    )
    about: Strings = Field((), description="Topics (ask_wages, …) it is best for; empty: all that its kind fits.")
    side: Side | None = None
    source: Source
    checked_by: str
    checked_on: PartialDate
    review_by: PartialDate
    state: Literal["sourced", "reviewed", "unverified"]
    verify_before_publishing: bool = Field(
        False, description="Its numbers and addresses are not sent until a partner has confirmed them."
    )
    note: Texts = Field({}, description="What no field expresses, per language.")

    @model_validator(mode="after")
    def _reachable(self) -> Contact:
        if not (
            self.phones or self.from_abroad or self.web or self.email or self.address or self.office_in_each_province
        ):
            raise ValueError("a contact needs phones, web, email or address; otherwise make it a complaint_body fact")
        if self.always_open and self.hours:
            raise ValueError("give always_open or hours, not both")
        return self


_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class Sms(Strict):
    """What SMS can do there."""

    two_way: bool | None = Field(None, description="Whether a number there can be had that women can text back to.")
    no_links_or_numbers: bool = Field(
        False, description="Links and phone numbers are not allowed in the text; short emergency codes are kept."
    )
    quiet_from: str | None = Field(
        None, pattern=_CLOCK, description="From when, there, only answers and danger may come: 21:00."
    )
    quiet_to: str | None = Field(None, pattern=_CLOCK, description="Until when: 07:00.")
    sender_overwritten: bool = Field(
        False, description="She may see another sender, so that her reply does not come back."
    )
    source: Source | None = None

    @model_validator(mode="after")
    def _both_ends(self) -> Sms:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet hours need both quiet_from and quiet_to, for example 21:00 and 07:00")
        return self


class CountryFile(Strict):
    """content/countries/<CODE>.yml"""

    country: CountryCode
    roles: tuple[Side, ...] = Field(min_length=1)
    names: Texts = Field({}, description="Only where CLDR's name is not what women say (Hong Kong).")
    suggested_by_language: Strings = Field(
        (), description="A woman who writes one of these and has not said it is taken to come from here."
    )
    phone_suggests: Side | None = Field(
        None, description="For a country that is both: what a phone number from there suggests."
    )
    sms: Sms | None = None
    facts: tuple[Fact, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @model_validator(mode="after")
    def _sides(self) -> CountryFile:
        if len(set(self.roles)) == 2:
            for fact in self.facts:
                if fact.side is None:
                    raise ValueError(
                        f"fact {fact.id}: this country is origin and destination, so write side: origin or side: destination"
                    )
        return self


class CorridorFile(Strict):
    """content/corridors/<ORIGIN>-<DESTINATION>.yml"""

    origin: CountryCode
    destination: CountryCode
    facts: tuple[Fact, ...] = ()
    contacts: tuple[Contact, ...] = ()


class InstrumentFile(Strict):
    """content/instruments/<name>.yml: a convention, or what holds in the whole world."""

    instrument: str = Field(description="C189, C181, ICRMW, WORLD")
    name: str
    facts: tuple[Fact, ...] = ()


class Reach(Strict):
    """One way to reach a partner. The address itself is secret: only the name of the setting stands here."""

    channel: Literal["email", "sms", "telegram", "webhook"]
    address_from: str = Field(
        pattern=r"^KASAMA_(PARTNER|OPERATOR)_[A-Z0-9_]+$",
        description="Name of the setting that holds the address, for example KASAMA_PARTNER_HK_EMAIL.",
    )
    secret_from: str | None = Field(
        None,
        pattern=r"^KASAMA_(PARTNER|OPERATOR)_[A-Z0-9_]+$",
        description="For a webhook: name of the setting that holds the secret that both sides sign with.",
    )
    at_once: bool = Field(
        False, description="Used together with the way before it, not only when that one stays silent."
    )
    out_of_hours: bool = Field(False, description="Used while the partner is closed too.")

    @model_validator(mode="after")
    def _signed(self) -> Reach:
        if self.channel == "webhook" and not self.secret_from:
            raise ValueError(
                "a webhook needs secret_from, the name of the setting with the secret that both sides sign with"
            )
        return self


class OnDuty(Strict):
    """A person, or a role, that is told when the partner's inboxes stay silent."""

    name: str = Field(pattern=r"^[^/:()]{1,40}$", description="First name or role; colleagues see it, she does not.")
    reach: tuple[Reach, ...] = Field(min_length=1)


class Open(Strict):
    """When a partner answers."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(min_length=1)
    opens: str = Field(pattern=_CLOCK)
    closes: str = Field(pattern=_CLOCK, description="Earlier than opens: after midnight.")


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value} is not a time zone; write one of IANA's names, for example Asia/Hong_Kong")
    return value


class Covers(Strict):
    """Whom a partner helps; what is left out means everybody."""

    destinations: tuple[CountryCode, ...] = ()
    origins: tuple[CountryCode, ...] = ()
    languages: Strings = ()
    kinds: tuple[
        Literal[
            "violence", "sexual", "confined", "trafficking", "selfharm", "medical", "threat", "help", "request"
        ], ...
    ] = ()  # fmt: skip


class Partner(Strict):
    """content/partners/<id>.yml: an organisation that answers women."""

    id: str = Field(pattern=r"^[a-z0-9_]{1,30}$")
    name: str
    names: Texts = Field({}, description="Name per language.")
    languages: Strings = Field((), description="Languages that it answers in.")
    countries: tuple[CountryCode, ...] = Field((), description="Where it is at home.")
    web: Url | None = None
    covers: Covers = Field(Covers(), description="Whose calls it takes.")
    time_zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="IANA's name, for example Asia/Hong_Kong; needed with hours."
    )
    hours: tuple[Open, ...] = Field((), description="When it answers; left out: always.")
    promise_minutes: float = Field(15, gt=0, le=1440, description="How soon somebody there takes a call for help.")
    reach: tuple[Reach, ...] = Field((), description="Its inboxes, the first one first.")
    on_duty: tuple[OnDuty, ...] = Field((), description="People who are told next, in order.")

    @model_validator(mode="after")
    def _zoned(self) -> Partner:
        if self.hours and not self.time_zone:
            raise ValueError("hours need a time_zone, for example time_zone: Asia/Hong_Kong")
        return self

    def named(self, language: str) -> str:
        """What it is called in a language."""
        return self.names.get(language, self.name)


def json_schemas() -> dict[str, dict[str, object]]:
    """JSON Schema of each kind of file, by folder, for editors. Values may be written without quotes."""
    return {
        "countries": CountryFile.model_json_schema(),
        "corridors": CorridorFile.model_json_schema(),
        "instruments": InstrumentFile.model_json_schema(),
        "partners": Partner.model_json_schema(),
    }
