"""What must be found, what must not, and that nothing a sender can type breaks it or slows it down."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lexicon import LexiconError, read_lexicon
from bot.safety import KINDS, Safety
from bot.spelling import LONGEST, words
from bot.vocabulary import near

CONTENT = Path(__file__).parent.parent / "content" / "safety"
TABLES = Path(__file__).parent / "safety"
SAFETY = Safety(CONTENT)
LEVELS = {"case": {"case"}, "caught": {"case", "check"}, "not_case": {"none", "check"}, "nothing": {"none"}}


def rows() -> list[tuple[str, str, str]]:
    out = []
    for path in sorted(TABLES.glob("*.yml")):
        for expected, texts in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items():
            out += [(path.stem, expected, text) for text in texts]
    return out


@pytest.mark.parametrize(("language", "expected", "text"), rows())
def test_tables(language: str, expected: str, text: str) -> None:
    finding = SAFETY.check(text)
    assert finding.level in LEVELS[expected], f"tests/safety/{language}.yml: {text!r} gave {finding}"


def test_every_lexicon_is_sound_large_enough_and_has_a_table() -> None:
    assert SAFETY.problems == ()
    for language in SAFETY.languages:
        lexicon = read_lexicon(CONTENT / f"{language}.yml")
        assert len(lexicon.danger) >= 60, f"content/safety/{language}.yml: fewer than 60 phrases, add some"
        kinds = {danger.kind for danger in lexicon.danger}
        assert kinds == set(KINDS), f"content/safety/{language}.yml: nothing under {set(KINDS) - kinds}"
        assert (TABLES / f"{language}.yml").exists(), f"tests/safety/{language}.yml is missing: add messages to it"


def test_the_reason_is_the_entry_and_not_her_words() -> None:
    finding = SAFETY.check("Madam Aisha HIT me again, my name is Rosa")
    assert finding.level == "case"
    assert finding.kind == "violence"
    assert finding.language == "en"
    assert finding.phrase is not None and "Aisha" not in finding.phrase
    assert finding.phrase in (CONTENT / "en.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("he hits me and i want to die", "selfharm"),
        ("he hits me and i am bleeding", "medical"),
        ("he hit me and raped me", "sexual"),
        ("sos he hit me", "violence"),
        ("SOS", "help"),
    ],
)
def test_the_most_urgent_kind_is_named(text: str, kind: str) -> None:
    assert SAFETY.check(text).kind == kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HEEELP me", "help me"),
        ("h\u0435", "h\u0435"),
        ("ayúdenme", "ayudenme"),
        ("मालीक", "मालिक"),
        ("\u202ehit\u202c me", "hit me"),
        ("hit\u200b me", "hit me"),
        ("ｈｉｔ ｍｅ", "hit me"),
        ("don't", "dont"),
        ("१२", "12"),
        ("hit\tme", "hit me"),
        ("s.o.s", "s o s"),
    ],
)
def test_spellings_of_one_thing(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_sound() -> None:
    assert words("kutchha")[1] == words("kutxa")[1] == words("kutcha")[1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("locked", "lokced", True),
        ("locked", "locke", True),
        ("locked", "lockeds", True),
        ("locked", "lacked", True),
        ("locked", "lackid", False),
        ("a", "", True),
        ("", "", True),
        ("ab", "ba", True),
        ("abcd", "badc", False),
    ],
)
def test_near(one: str, other: str, same: bool) -> None:
    assert near(one, other) is same is near(other, one)


def test_nothing_to_read() -> None:
    for text in ("", " ", "\x00", "😀😀", "?!", "\ud800", "12345", "...", "<>"):
        assert SAFETY.check(text).level == "none"


def test_beginning_and_end_of_a_long_message_count() -> None:
    filling = "the weather is good today " * 2_000
    assert len(filling) > LONGEST
    assert SAFETY.check("he hit me " + filling).level == "case"
    assert SAFETY.check(filling + "he hit me").level == "case"


texts = st.text(st.characters(), max_size=2_000)  # broken surrogates, controls and unassigned ones included
vocabulary = st.lists(
    st.sampled_from(
        ["not", "hit", "me", "he", "sos", "killing", "what", "if", "...", "help", "malai", "kutyo", "ako", ".", "no",
         "मलाई", "कुट्छ", "\ud800", "2long", "phone", "died", "haha", "ตี", "^", "$", "#", "*"]
    ),
    max_size=400,
).map(" ".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(texts | vocabulary)
def test_any_text_is_taken_and_gives_the_same_answer_again(text: str) -> None:
    finding = SAFETY.check(text)
    assert finding.level in ("none", "check", "case")
    assert (finding.level == "none") == (finding.kind is None)
    assert SAFETY.check(text) == finding


WORST = (
    "he hit me ", "not ", "no hit me ", "what if ", "killing me ", "a ", "a", "ﷺ", "\ud800", ".", "ตี", "มา", "ना ",
    "x1", "h4 ", "locke ", "haha ", "i cant ", "\u0301", "aé", "kutchh ",
)  # fmt: skip


@pytest.mark.parametrize("part", WORST)
def test_time_grows_with_length_only(part: str) -> None:
    """Generous, because test machines are busy; `make bench` measures the 2 ms."""

    def best(size: int) -> float:
        text = (part * size)[:size]
        times = []
        for _ in range(5):
            start = time.perf_counter()
            SAFETY.check(text)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best(1_600) < 0.02
    assert best(1_000_000) < 0.2


GOOD = "language: en\ndanger:\n  help:\n    case:\n      - save me\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("language: en\ndanger:\n  help:\n    case:\n      - save me\n      - save me\n", 6, "already"),
        ("language: en\ndanger:\n  bites:\n    case:\n      - dog\n", 3, "possible"),
        ("language: en\ndanger:\n  help:\n    sure:\n      - dog\n", 4, "not a name"),
        ("language: en\ndanger:\n  help:\n    case:\n      - <hit> me\n", 5, "<hit>"),
        ("language: en\ndanger:\n  help:\n    case:\n      - hit ...\n", 5, "ends with"),
        ("language: en\ndanger:\n  help:\n    case:\n      - '!!'\n", 5, "letters"),
        ("language: en\ndanger:\n  help:\n    case:\n      -\n", 5, "empty"),
        ("language: en\ndanger: [\n", 3, "YAML"),
        ("language: fr\ndanger:\n  help:\n    case:\n      - save me\n", 1, "agree"),
        ("danger:\n  help:\n    case:\n      - save me\n", 1, "missing"),
        ("language: en\nwords:\n  a: [two words]\ndanger: {}\n", 3, "single words"),
        ("", 1, "empty"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = tmp_path / "en.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as raised:
        read_lexicon(path)
    first = raised.value.problems[0]
    assert first.line == line
    assert says in first.message
    assert str(first).startswith(f"{path}:{line}: ")


def test_not_text_at_all(tmp_path: Path) -> None:
    path = tmp_path / "en.yml"
    path.write_bytes(b"language: en\xff\xfe\n")
    with pytest.raises(LexiconError, match="UTF-8"):
        read_lexicon(path)


def test_a_broken_file_keeps_the_last_good_version(tmp_path: Path) -> None:
    shutil.copy(CONTENT / "es.yml", tmp_path)
    path = tmp_path / "en.yml"
    path.write_text(GOOD, encoding="utf-8")
    safety = Safety(tmp_path)
    assert safety.problems == ()
    path.write_text("language: en\ndanger: [", encoding="utf-8")
    assert safety.reload()[0].file == str(path)
    assert safety.check("save me").level == "case"
    path.write_text(GOOD.replace("save me", "come here"), encoding="utf-8")
    assert safety.reload() == ()
    assert safety.check("save me").level != "case"
    assert safety.check("come here").level == "case"


def test_a_start_with_a_mistake_uses_what_is_sound(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text(GOOD + "      - <nobody> me\n", encoding="utf-8")
    safety = Safety(tmp_path)
    assert len(safety.problems) == 1
    assert safety.check("save me").level == "case"


def test_an_empty_folder_is_reported_and_still_answers(tmp_path: Path) -> None:
    safety = Safety(tmp_path)
    assert "no usable lexicon" in safety.problems[0].message
    assert safety.check("save me").level == "none"


def test_a_folder_that_vanishes_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text(GOOD, encoding="utf-8")
    safety = Safety(tmp_path)
    (tmp_path / "en.yml").unlink()
    assert safety.reload()
    assert safety.check("save me").level == "case"
