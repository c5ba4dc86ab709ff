"""Every way in which women answer a numbered list, and what must not be taken for an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.choices import VALID_FOR, number_in, pick
from bot.knowledge import Knowledge
from bot.store.models import Person, now
from bot.turn import Step
from tests.town import Town, town_in

ROOT = Path(__file__).resolve().parents[1]
LIST = [
    ["Fees", "ask_fees"],
    ["Pay", "ask_wages"],
    ["Hours and days off", "ask_working_time"],
    ["Something else", "menu"],
]
LANGUAGES = ("en", "tl", "id", "ne", "bn", "am", "ar", "es", "ro", "ru", "fr", "km", "lo", "th")

ONE = [
    *("1", "1.", "1)", "#1", "(1)", "[1]", "1:", " 1 ", "1 .", "# 1", "01", "1-", "1។", "1।"),
    *("１", "१", "১", "١", "۱", "១", "໑", "๑", "၁", "፩", "①", "𝟏", "1️⃣", "\u200f١\u200f", "１．", "１）", "१।", "¹"),
    *("one", "One", "ONE.", "first", "Fees", "fees", " FEES! ", "f e e s", "1 Fees", "1. fees", "1) FEES", "١ fees"),
]


@pytest.mark.parametrize("text", ONE)
def test_one(text: str) -> None:
    assert pick(text, LIST) == "ask_fees"


OTHERS: list[tuple[str, str | None]] = [
    ("2", "ask_wages"),
    ("٢", "ask_wages"),
    ("pay", "ask_wages"),
    ("hours and days off", "ask_working_time"),
    ("hours and day off", "ask_working_time"),
    ("huors and days off", "ask_working_time"),
    ("Hours and days of", "ask_working_time"),
    ("houurs and days off", "ask_working_time"),
    ("somethink else", "menu"),
    ("0", "hide"),
    ("٠", "hide"),
    ("0.", "hide"),
    ("#0", "hide"),
    # No choice
    ("5", None),
    ("99", None),
    ("1 2", None),
    ("1,2", None),
    ("12", None),
    ("100", None),
    ("1 or 2", None),
    ("2 fees", None),
    ("9 fees", None),
    ("1 month salary not paid", None),
    ("pau", None),
    ("feez", None),
    ("hours days off", None),
    ("hours", None),
    ("fees?? how much", None),
    ("and", None),
    ("si", None),
    ("", None),
    (".", None),
    ("#", None),
    ("🙏", None),
    ("-1", None),
    ("½", None),
    ("no", None),
]


@pytest.mark.parametrize(("text", "expected"), OTHERS)
def test_others(text: str, expected: str | None) -> None:
    assert pick(text, LIST) == expected


WORDS = yaml.safe_load((ROOT / "bot/number_words.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_in_her_language(language: str) -> None:
    assert set(WORDS) == set(LANGUAGES) and len(WORDS[language]) == 4
    for (_, payload), words in zip(LIST, WORDS[language], strict=True):
        for word in words:
            assert pick(word, LIST, language=language) == payload
            assert pick(f" {word.upper()}. ", LIST, language=language) == payload
    assert pick("two", LIST, language=language) == "ask_wages"


def test_a_word_is_a_number_in_her_own_language_only() -> None:
    """`si` is four in Thai and yes in Spanish; `and` is one in Amharic."""
    assert pick("si", LIST, language="th") == "menu" and pick("si", LIST, language="es") is None
    assert pick("and", LIST, language="am") == "ask_fees" and pick("and", LIST, language="en") is None


SAFE = [["I am safe now", "safe"], ["I am not safe", "unsafe"], ["Do not contact me", "no_contact"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i am safe now", "safe"),
        ("I am not safe!", "unsafe"),
        ("i am nt safe", "unsafe"),
        ("do not contct me", "no_contact"),
        ("i am safe", None),
        ("not safe", None),
        ("contact me", None),
        ("do contact me", None),
    ],
)
def test_never_the_opposite(text: str, expected: str | None) -> None:
    assert pick(text, SAFE) == expected


def test_labels_that_are_nearly_the_same_must_be_written_as_they_are() -> None:
    pair = [["I am safe", "safe"], ["I am unsafe", "unsafe"]]
    assert pick("i am unsafe", pair) == "unsafe"
    assert pick("i am nsafe", pair) is None and pick("i am saf", pair) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choices_of_a_call_for_help_in_every_language(language: str) -> None:
    knowledge = KNOWLEDGE
    keys = ("choice_safe", "choice_not_safe", "choice_no_contact")
    offered = [[knowledge.phrase(key, language), key] for key in keys]
    for label, key in offered:
        assert pick(label, offered, language=language) == key
        assert pick(label.upper() + " ", offered, language=language) == key
        for gone in range(len(label)):  # one letter missing: the same, or nothing, never another
            assert pick(label[:gone] + label[gone + 1 :], offered, language=language) in (key, None)


KNOWLEDGE = Knowledge(ROOT / "content")


def test_old_choices_are_no_choices_but_hide_is() -> None:
    old, fresh = now() - VALID_FOR - timedelta(minutes=1), now() - VALID_FOR + timedelta(minutes=1)
    for text in ("1", "one", "fees"):
        assert pick(text, LIST, offered_at=old) is None and pick(text, LIST, offered_at=fresh) == "ask_fees"
    assert pick("0", LIST, offered_at=old) == "hide" and pick("0", []) == "hide" and pick("1", []) is None


NUMBERS: list[tuple[str, int | None]] = [
    ("1", 1),
    ("१२", 12),
    ("#3)", 3),
    ("፬", 4),
    ("one", None),
    ("100", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_number_in(text: str, expected: int | None) -> None:
    assert number_in(text) == expected


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=20), st.sampled_from("abcd")).map(list), max_size=4))
def test_whatever_she_writes(text: str, offered: list[list[str]]) -> None:
    assert pick(text, offered) in {None, "hide", *(payload for _, payload in offered)}


@given(st.integers(0, 99), st.sampled_from("0٠۰०০០໐๐၀０"))
def test_digits_of_any_script(number: int, zero: str) -> None:
    assert number_in("".join(chr(ord(zero) + int(digit)) for digit in str(number))) == number


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_in(tmp_path) as made:
        yield made


OLD = "That list is old"


async def test_a_number_picks_from_the_last_list_for_a_day_and_is_never_guessed(town: Town) -> None:
    town.model.steps["menu please"] = Step().say("menu").offer(("topic_fees", "ask_fees"), ("topic_wages", "ask_wages"))
    town.model.steps["/ask_wages"] = Step().say("thank")
    await town.write("1")
    assert town.sms.sent[-1][1].startswith(OLD), "nothing was offered yet"
    await town.write("menu please")
    await town.write("２")
    assert "welcome" in town.sms.sent[-1][1]
    await town.write("#1.")
    assert town.sms.sent[-1][1].startswith(OLD), "an answer without choices came in between"
    await town.write("menu please")
    async with town.database.write() as session:
        await session.execute(update(Person).values(choices_at=now() - VALID_FOR - timedelta(hours=1)))
    await town.write("1")
    assert town.sms.sent[-1][1].startswith(OLD), "a day has passed"
