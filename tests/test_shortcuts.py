"""Names inside the dialogue model are no words of hers; a call for help behind a slash is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue import plain
from bot.safety import Safety
from bot.shortcuts import decide, is_words, means_nothing
from bot.store.models import Person

SAFETY = Safety(Path(__file__).resolve().parents[1] / "content" / "safety")


def decided(text: str, *, worry: bool) -> str | None:
    """What is done about a text without the model; None where the model is asked."""
    person = Person(channel="sms", choices=[], language="en")
    body = {"text": text, "payload": None, "media": []}
    found = decide(person, None, text, plain(text), None, body, worry=worry)
    return None if found is None else found[1].replies[0]["phrase"]


@pytest.mark.parametrize(
    "text", ["/distress_violence", " /distress_sexual ", "/distress_trafficking{}", "/emergency{}", "/help_request"]
)
def test_a_name_of_the_model_is_neither_looked_at_for_danger_nor_read_by_the_model(text: str) -> None:
    assert means_nothing(text)
    assert decided(text, worry=True) == decided(text, worry=False) == "clarify_again"
    assert not is_words({"text": text, "payload": None, "media": []}, Person(choices=[], language="en"))


@pytest.mark.parametrize("text", ["/ask_fees", "/delete_data"])
def test_its_other_names_do_not_reach_it_either(text: str) -> None:
    assert decided(text, worry=True) == decided(text, worry=False) == "clarify_again"


@pytest.mark.parametrize("text", ["/help me he is beating me", "/help_me", "/sos", "/he_is_beating_me", "/help"])
def test_a_call_for_help_behind_a_slash_is_one(text: str) -> None:
    assert not means_nothing(text) and SAFETY.check(text).level == "case"


@pytest.mark.parametrize("text", ["/what fee may they take", "/menu", "salary_slip is wrong"])
def test_other_words_are_the_models(text: str) -> None:
    assert decided(text, worry=False) is None
