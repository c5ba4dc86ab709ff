"""When she may be written to: her words, her hours, the phone in her hand, the hidden chat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.wishes import ACTIVE, HIDDEN, first_safe, hours_in, picked
from bot.store.models import Case, Person

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""12:00 in Hong Kong."""


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9pm to 11pm", (21 * 60, 23 * 60)),
        ("between 9 and 11 pm", (21 * 60, 23 * 60)),
        ("21:00-23:30", (21 * 60, 23 * 60 + 30)),
        ("२१:०० देखि २३:०० सम्म", (21 * 60, 23 * 60)),
        ("de 21h30 à 23h00", (21 * 60 + 30, 23 * 60)),
        ("after 9 in the evening", None),
        ("call me on 91234567 at 9 or 10 or 11", None),
        ("only sms please", None),
        ("25:00 to 26:00", None),
    ],
)
def test_two_clock_times_are_kept_to_and_nothing_else_is_guessed(text: str, hours: tuple[int, int] | None) -> None:
    assert hours_in(text) == hours


def test_picked() -> None:
    assert picked("contact_any") is None and picked("contact_18_23") == (18 * 60, 23 * 60)


def woman(wrote: datetime) -> Person:
    return Person(channel="sms", phone_country="HKG", destination="HKG", destination_said=True, wrote_at=wrote)


def same(moment: datetime) -> datetime:
    return moment


def test_her_hours_are_in_her_own_time_zone_and_the_phone_in_her_hand_goes_before() -> None:
    case = Case(safe_from=18 * 60, safe_to=23 * 60)
    long_ago = woman(NOON - timedelta(hours=5))
    assert first_safe(case, long_ago, NOON, same) == NOON + timedelta(hours=6)
    evening = NOON + timedelta(hours=7)
    assert first_safe(case, long_ago, evening, same) == evening
    assert first_safe(case, woman(NOON - ACTIVE / 2), NOON, same) == NOON


def test_after_hide_nothing_comes_for_two_hours_and_then_in_her_hours() -> None:
    person = woman(NOON)
    person.hidden_at = NOON
    assert first_safe(Case(), person, NOON, same) == NOON + HIDDEN
    case = Case(safe_from=18 * 60, safe_to=23 * 60)
    assert first_safe(case, person, NOON, same) == NOON + timedelta(hours=6)
    person.wrote_at = NOON + timedelta(minutes=1)
    assert first_safe(Case(), person, person.wrote_at, same) == person.wrote_at, "she writes: the phone is in her hand"


def test_quiet_hours_of_her_country_hold_where_she_has_named_none() -> None:
    later = NOON + timedelta(hours=3)
    assert first_safe(Case(), woman(NOON - timedelta(days=1)), NOON, lambda _moment: later) == later
