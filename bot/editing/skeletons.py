"""Commented beginnings of new files: `kasama content new country KEN`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path


class SkeletonError(Exception):
    """The file cannot be made; the text says why."""


_DEFAULTS = "defaults: {{checked_by: {who}, checked_on: {month}, review_by: {next}, state: sourced}}"

COUNTRY = """# yaml-language-server: $schema=../schema/countries.json
# {name}. Every fact needs a source; what no source says is left out. docs/editors.md tells the rest.
country: {code}
roles: [{role}]  # origin: women leave from here. destination: they come here. Both: then every fact needs side:
{defaults}

# Sources that several facts share, by a short name of your own.
sources: {{}}
#  ministry: {{name: Ministry of Labour, url: "https://...", date: 2026-01}}

facts: []
# - id: minimum_wage
#   kind: minimum_wage
#   amount: {{value: 100, currency: XXX, per: month}}
#   law: {{name: Law 1/2020, article: art. 3}}
#   source: ministry

contacts: []
# - id: emergency
#   kind: emergency
#   name: Police
#   phones: ["112"]
#   source: ministry
"""

CORRIDOR = """# yaml-language-server: $schema=../schema/corridors.json
# What holds only from {origin} to {destination}: an agreement, a ban, a ceiling. The rest stands in the countries' own files.
origin: {origin}
destination: {destination}
{defaults}

facts: []
# - id: agreement
#   kind: agreement
#   law: {{name: Agreement of 2024}}
#   source: {{name: Ministry of Labour, url: "https://...", date: 2024}}
"""

PARTNER = """# yaml-language-server: $schema=../schema/partners.json
# An organisation that answers women. docs/editors.md tells the rest.
id: {id}
name: {id}
names: {{}}  # per language, where it has another name there
languages: []  # that it answers in: [en, tl]
countries: []  # where it is at home: [HKG]
covers: {{}}  # whose calls it takes, left out: all. destinations: [HKG], origins: [PHL], languages: [tl], kinds: [violence]

# When it answers; without hours: always.
# time_zone: Asia/Hong_Kong
# hours:
# - {{days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "18:00"}}

promise_minutes: 15  # how soon somebody takes a call for help; then the next way is tried

# Its inboxes, the first one first. No address here: only the name of the setting that holds it.
reach: []
# - {{channel: email, address_from: KASAMA_PARTNER_{ID}_EMAIL}}

# People who are told next, in order. out_of_hours: also while it is closed.
on_duty: []
# - name: first on duty
#   reach: [{{channel: sms, address_from: KASAMA_PARTNER_{ID}_DUTY, out_of_hours: true}}]
"""


def make(content: Path, kind: str, name: str, who: str, today: date) -> Path:
    """Write a new file and return its path. kind: country, corridor or partner. Raises `SkeletonError`."""
    month, following = today.strftime("%Y-%m"), f"{today.year + 1}-{today.month:02}"
    defaults = _DEFAULTS.format(who=who, month=month, next=following)
    if kind == "country":
        code = _matched(name, r"[A-Z]{3}", "a country is three capital letters, for example KEN")
        path = content / "countries" / f"{code}.yml"
        text = COUNTRY.format(code=code, name=_country_name(code), role="destination", defaults=defaults)
    elif kind == "corridor":
        _matched(name, r"[A-Z]{3}-[A-Z]{3}", "a corridor is two countries, for example KEN-SAU")
        origin, destination = name.split("-")
        for code in (origin, destination):
            if not (content / "countries" / f"{code}.yml").exists():
                raise SkeletonError(f"there is no file for {code} yet: kasama content new country {code}")
        path = content / "corridors" / f"{name}.yml"
        text = CORRIDOR.format(origin=origin, destination=destination, defaults=defaults)
    elif kind == "partner":
        _matched(name, r"[a-z0-9_]+", "a partner's name is small letters, digits and _, for example mission_hk")
        path = content / "partners" / f"{name}.yml"
        text = PARTNER.format(id=name, ID=name.upper())
    else:
        raise SkeletonError(f"there is no kind {kind}; use country, corridor or partner")
    if path.exists():
        raise SkeletonError(f"{path} is there already")
    path.write_text(text, encoding="utf-8")
    return path


def _matched(name: str, form: str, hint: str) -> str:
    if not re.fullmatch(form, name):
        raise SkeletonError(f"{name}: {hint}")
    return name


def _country_name(code: str) -> str:
    from bot.knowledge.i18n import Words, alpha3_table

    if code not in alpha3_table() or code.startswith("X"):
        raise SkeletonError(f"{code} is no country code of ISO 3166")
    return Words("en").country(code)
