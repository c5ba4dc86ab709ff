"""The first reply to a call for help keeps its rules, in every language and for every kind of danger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.knowledge.contacts import instead
from bot.safety import KINDS
from bot.segments import count, plain
from tests.privacy.worlds import KNOWLEDGE, ROOT

COUNTRIES = ("HKG", "KWT", "SAU", "LBN", "SGP", None)


def reply(kind: str, language: str, country: str | None = "HKG") -> str:
    return KNOWLEDGE.first_reply(kind, language, country=country, partner=KNOWLEDGE.operator.name)


@pytest.mark.parametrize("language", KNOWLEDGE.languages)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_says_what_it_must(kind: str, language: str) -> None:
    s = KNOWLEDGE.snapshot.speaker(language)
    text = reply(kind, language)
    opening = {"selfharm": "first_selfharm", "medical": "first_medical"}.get(kind, "first_believe")
    order = [s.t(key) for key in (opening, "first_next", "first_safe_question", "first_choice", "first_hide")]
    places = [text.index(sentence) for sentence in order]
    assert places == sorted(places)
    assert KNOWLEDGE.operator.named(language) in text
    asked = sum(text.count(mark) for mark in "?؟፧")
    assert asked <= 1, "one question: whether she is safe now"
    assert "!" not in text and "{" not in text


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_number_is_there_where_it_is_known_and_it_is_her_choice(kind: str, country: str | None) -> None:
    text = reply(kind, "en", country)
    named = any(c.isdigit() and c != "0" for c in text)
    assert named or country in (None, "LBN"), "Lebanon has no number for every danger in the content"
    assert not (named and country is None)
    assert ("your choice" in text) == named
    assert "police" not in text.lower()


@pytest.mark.parametrize("language", KNOWLEDGE.languages)
def test_where_no_number_is_known_she_is_told_so_and_whom_there_is(language: str) -> None:
    text = reply("violence", language, "LBN")
    s = KNOWLEDGE.snapshot.speaker(language)
    assert s.t("first_emergency_unknown") in text
    assert "armlebanon.org" in text, "a sourced organisation that may be sent"
    assert "1740" not in text and "+961" not in text, "numbers that nobody has verified are not sent"
    assert count(plain(text)).segments <= 5


def test_a_mission_that_serves_other_women_is_not_named() -> None:
    found = KNOWLEDGE.snapshot.contacts["LBN"]
    mission = next(h for h in found if h.contact.serves == ("PHL",))
    verified = replace(mission, contact=mission.contact.model_copy(update={"verify_before_publishing": False}))
    snapshot = replace(KNOWLEDGE.snapshot, contacts={"LBN": [verified, *found]})
    hers = instead(snapshot, "LBN", "PHL")
    assert hers is not None and hers.contact.name == mission.contact.name, "who can be called comes before a web page"
    other = instead(snapshot, "LBN", "ETH")
    assert other is not None and other.contact.kind == "ngo"
    assert instead(snapshot, None, "PHL") is None


def test_the_page_names_every_sentence_and_no_other() -> None:
    from bot.knowledge.says.first import SENTENCES

    page = (ROOT / "docs/first-reply.md").read_text()
    assert [key for key in SENTENCES if f"`{key}`" not in page] == []


@pytest.mark.parametrize("language", KNOWLEDGE.languages)
def test_it_stays_short(language: str) -> None:
    assert count(plain(reply("violence", language))).segments <= 4
