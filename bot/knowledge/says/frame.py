"""Units, and the frame of an answer: law, source, date, contacts, what is not known."""

from __future__ import annotations

SENTENCES: dict[str, str | tuple[str, str]] = {
    # Lengths of time
    "unit_hour": ("{n} hour", "{n} hours"),
    "unit_day": ("{n} day", "{n} days"),
    "unit_week": ("{n} week", "{n} weeks"),
    "unit_month": ("{n} month", "{n} months"),
    "unit_year": ("{n} year", "{n} years"),
    "per_hour": "{what} an hour",
    "per_day": "{what} a day",
    "per_week": "{what} a week",
    "per_month": "{what} a month",
    "per_year": "{what} a year",
    # Law, source, date
    "holds_for": "This holds for: {countries}.",
    "cite_law": "Law: {law}.",
    "cite_source": "Source: {source}, {date}.",
    "cite_source_undated": "Source: {source}, no date; checked {checked}.",
    "cite_short": "({law}; {source} {date})",
    "cite_checked": "checked {date}",
    "laws": "Law: {laws}.",
    "sources": "Sources: {sources}.",
    "checked": "Checked: {date}, by {who}.",
    "stale": "Careful: this was due for a new check in {date}. Ask before you rely on it.",
    "stale_short": "This may have changed since; ask.",
    "other_voice": "Another source ({source}) says {amount}.",
    "often_broken": "Many do not follow it.",
    # Contacts
    "call_first": "Help: {contact}.",
    "who_helps": "Who helps:",
    "always_open": "24 hours",
    "free_call": "free",
    "from_abroad": "from abroad {phone}",
    "inside_only": "{phone} (in {country})",
    "open_hours": "{opens} to {closes}",
    "open_days": "{first} to {last} {hours}",
    "office_each_province": "an office in each province",
    "talks": "speaks {languages}",
    "emergency_numbers": "In danger now: {numbers} ({country}).",
    "no_contact": "I have no checked phone number for this yet. You can ask for a person here.",
    # What is not known
    "not_known": "I have no checked rule on this for {country}.",
    "not_known_route": "I have no checked rule on this yet.",
    "world_rule": "International rule:",
}
