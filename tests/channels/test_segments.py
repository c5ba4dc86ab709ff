"""Counting, shortening and cutting of SMS."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.segments import GSM_BASIC, GSM_EXTENSION, count, plain, split, units
from tests.channels.junk import junk

ROOT = Path(__file__).resolve().parents[2]
PHONE = "+852 2157 9537"

COUNTS = [
    ("nothing", "", "GSM-7", 0, 0),
    ("one character", "a", "GSM-7", 1, 1),
    ("a full SMS", "a" * 160, "GSM-7", 1, 160),
    ("one too many", "a" * 161, "GSM-7", 2, 161),
    ("two full parts", "a" * 306, "GSM-7", 2, 306),
    ("three parts", "a" * 307, "GSM-7", 3, 307),
    ("ten parts", "a" * 1530, "GSM-7", 10, 1530),
    ("an extension character costs two", "{" + "2" * 158, "GSM-7", 1, 160),
    ("and may cost a part", "{" + "2" * 159, "GSM-7", 2, 161),
    ("all extension characters", "^{}\\[~]|€\f", "GSM-7", 1, 20),
    ("an extension character is not torn apart", "a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306),
    ("the same where it fits", "a" * 151 + "€" + "a" * 153, "GSM-7", 2, 306),
    ("eighty euros", "€" * 80, "GSM-7", 1, 160),
    ("eighty-one euros leave a septet free", "€" * 153, "GSM-7", 3, 306),
    ("Spanish in GSM-7", "¿Qué año? ¡Señorita!", "GSM-7", 1, 20),
    ("Spanish beyond", "Cuánto cobra la agencia", "UCS-2", 1, 23),
    ("a small c with cedilla is not in GSM-7", "ç", "UCS-2", 1, 1),
    ("a capital one is", "Ç", "GSM-7", 1, 1),
    ("a grave accent alone is not", "`", "UCS-2", 1, 1),
    ("a tabulator is not", "a\tb", "UCS-2", 1, 3),
    ("Greek capitals are", "ΔΦΓΛΩΠΨΣΘΞ", "GSM-7", 1, 10),
    ("a curly quote makes UCS-2", "It’s", "UCS-2", 1, 4),
    ("a full SMS of Cyrillic", "я" * 70, "UCS-2", 1, 70),
    ("one too many of Cyrillic", "я" * 71, "UCS-2", 2, 71),
    ("two full parts of Cyrillic", "я" * 134, "UCS-2", 2, 134),
    ("three parts of Cyrillic", "я" * 135, "UCS-2", 3, 135),
    ("an emoji is two units", "😜" + "2" * 68, "UCS-2", 1, 70),
    ("an emoji may cost a part", "😜" + "2" * 69, "UCS-2", 2, 71),
    ("an emoji is not torn apart", "я" * 66 + "😜" + "я" * 66, "UCS-2", 3, 134),
    ("a flag is four units", "🇵🇭", "UCS-2", 1, 4),
    ("a family", "👩‍👩‍👧", "UCS-2", 1, 8),
    ("Nepali", "मेरो पासपोर्ट मालिकले राख्यो", "UCS-2", 1, 28),
    ("Bengali", "আমার পাসপোর্ট", "UCS-2", 1, 13),
    ("Amharic", "እርዱኝ እባካችሁ", "UCS-2", 1, 10),
    ("Arabic", "ساعدوني من فضلكم", "UCS-2", 1, 16),
    ("Khmer", "ជួយខ្ញុំផង", "UCS-2", 1, 10),
    ("Thai", "ช่วยด้วย", "UCS-2", 1, 8),
    ("half an emoji", "\ud83d", "UCS-2", 1, 1),
    ("a letter is not torn from its vowel sign", "क" * 66 + "कि" + "क" * 66, "UCS-2", 3, 134),
    ("the same where it fits", "क" * 65 + "कि" + "क" * 67, "UCS-2", 2, 134),
    ("the letters of a conjunct are two", "क" * 65 + "क्ष" + "क" * 66, "UCS-2", 2, 134),
    ("a family is not torn apart", "я" * 60 + "👩‍👩‍👧" + "я" * 66, "UCS-2", 3, 134),
    ("a line break of two is two", "я" * 66 + "\r\n" + "я" * 66, "UCS-2", 2, 134),
    ("longer than a part and read as one", "e" + "\u0301" * 99, "UCS-2", 2, 100),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "size"), [c[1:] for c in COUNTS], ids=[c[0] for c in COUNTS])
def test_count(text: str, encoding: str, segments: int, size: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments, counted.units) == (encoding, segments, size)


def _table() -> list[tuple[str, str, int, str]]:
    rows = []
    for line in Path(__file__).with_name("segments.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, encoding, segments, text = line.split("\t")
            rows.append((language, encoding, int(segments), json.loads(text)))
    return rows


def test_two_hundred_texts_in_fourteen_languages_cost_what_twilio_says() -> None:
    rows = _table()
    assert len(rows) == len({text for *_, text in rows}) == 200 and len({language for language, *_ in rows}) == 14
    wrong = [(r, count(r[3])) for r in rows if (count(r[3]).encoding, count(r[3]).segments) != (r[1], r[2])]
    assert wrong == []


def test_what_twilio_replaces_we_replace() -> None:
    """Not the same only where that reads better: one space is one space, and a letter keeps no sign behind it for its accent."""
    listed = {}
    for line in (ROOT / "bot/smart_encoding.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, replacement, _ = line.split("\t")
            listed[chr(int(code, 16))] = json.loads(replacement)
    assert len(listed) == 271
    for character, replacement in listed.items():
        ours = plain(f"a{character}b")
        assert count(ours).encoding == "GSM-7" or unicodedata.combining(character), hex(ord(character))
        if ours != f"a{replacement}b":
            better = unicodedata.combining(character) or character.isspace() or character in "\u201a"
            assert better, (hex(ord(character)), ours)


def test_the_alphabet_is_complete() -> None:
    assert len(GSM_BASIC) == 127  # 128 places, one of which is the escape
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


PLAIN = [
    ("quotes", "“It’s ‘fine’,” she said", "\"It's 'fine',\" she said"),
    ("dashes and ellipsis", "9–10 — wait…", "9-10 - wait..."),
    ("spaces that do not break", "60\u00a0000\u202fKWD", "60 000 KWD"),
    ("bullets", "• passport\n• visa", "- passport\n- visa"),
    ("invisible marks", "a\u200bb\ufeffc\u200e", "abc"),
    ("currency signs", "₱60,000", "PHP 60,000"),
    ("line ends", "a\r\nb\rc\u2028d", "a\nb\nc\nd"),
    ("accents that GSM-7 has", "mañana, qué, über", "mañana, qué, über"),
    ("taken apart", "man\u0303ana", "mañana"),
    ("accents cost nothing in a short text", "Cuánto", "Cuánto"),
    ("accents cost a second SMS", "á" + "a" * 99, "a" * 100),
    ("Romanian, long", "Șefa țipă și mă bate. " * 5, "Sefa tipa si ma bate. " * 5),
    ("another script stays as it is", "“नमस्ते” — ठीक…", "“नमस्ते” — ठीक…"),
    ("an emoji stays", "“ok” 👍", "“ok” 👍"),
    ("half an emoji", "a\ud83db", "a\ufffdb"),
    ("an emoji in halves", "\ud83d\ude00", "😀"),
    ("NUL", "a\x00b", "ab"),
]


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in PLAIN], ids=[c[0] for c in PLAIN])
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(max_size=400))
def test_plain_never_costs_more_and_settles_at_once(text: str) -> None:
    short = plain(text)
    assert count(short).segments <= max(count(text).segments, count(text.replace("\x00", "")).segments)
    assert plain(short) == short


SPLITS = [
    ("short enough", "Hello there.", 20, ["Hello there."]),
    ("nothing", "", 20, [""]),
    ("at the line", "One line here\nand another one", 20, ["One line here", "and another one"]),
    ("at the sentence", "Ask for it. Keep a copy.", 20, ["Ask for it.", "Keep a copy."]),
    ("at a sentence in Nepali", "पासपोर्ट राख्नुहोस्। फोन गर्नुहोस्।", 25, ["पासपोर्ट राख्नुहोस्।", "फोन गर्नुहोस्।"]),
    ("at the word", "passport contract visa", 20, ["passport contract", "visa"]),
    ("no word to cut at", "x" * 45, 20, ["x" * 20, "x" * 20, "x" * 5]),
    ("not inside a phone number", f"Please call {PHONE}", 20, ["Please call", PHONE]),
    ("nor an amount", "They may not take 60,000.50", 22, ["They may not take", "60,000.50"]),
    ("nor an amount in Nepali digits", "शुल्क लिन पाइँदैन १०,०००", 20, ["शुल्क लिन पाइँदैन", "१०,०००"]),
    ("nor an emoji", "a" * 19 + "👩‍👩‍👧", 20, ["a" * 19, "👩‍👩‍👧"]),
    ("a number longer than the limit", "1" * 50, 20, ["1" * 20, "1" * 20, "1" * 10]),
    ("space exactly at the limit", "a" * 20 + " b", 20, ["a" * 20, "b"]),
]


@pytest.mark.parametrize(("text", "limit", "expected"), [c[1:] for c in SPLITS], ids=[c[0] for c in SPLITS])
def test_split(text: str, limit: int, expected: list[str]) -> None:
    assert split(text, limit) == expected


_WORDS = st.sampled_from(
    ["passport", "पासपोर्ट", "👩‍👩‍👧", "🇵🇭", PHONE, "60,000", "\n", "e\u0301", "ช่วยด้วย", "SOS!", "a b", "\u200f"]
)
_TEXTS = st.one_of(
    st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join), st.lists(_WORDS, max_size=60).map("".join)
)


@given(_TEXTS, st.integers(12, 90))
def test_parts_fit_and_together_are_the_text(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert parts
    assert all(units(part) <= limit for part in parts)
    blank = regex.compile(r"[\s\u200b]+")
    assert blank.sub("", "".join(parts)) == blank.sub("", text)


@given(st.lists(_WORDS, max_size=60).map(" ".join), st.integers(30, 90))
def test_no_cluster_and_no_phone_number_is_cut(text: str, limit: int) -> None:
    parts = split(text, limit)
    whole = [c for c in regex.findall(r"\X", text) if not c.isspace()]
    assert [c for part in parts for c in regex.findall(r"\X", part) if not c.isspace()] == whole
    # The same words next to each other may make one long number; between other words each stays in one piece.
    if f"{PHONE} {PHONE}" not in text and f"{PHONE} 60" not in text and f"60,000 {PHONE[:1]}" not in text:
        assert sum(part.count(PHONE) for part in parts) == text.count(PHONE)


def test_a_long_text_is_cut_quickly() -> None:
    assert len(split("ज्ञ " * 30_000)) > 50


@pytest.mark.parametrize("text", junk(200))
def test_junk(text: str) -> None:
    assert all(units(part) <= 1600 for part in split(plain(text)))
    assert count(plain(text)).segments >= 0


_PARTS = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@given(_TEXTS)
def test_a_text_costs_at_least_its_units_and_at_most_one_torn_character_more_a_part(text: str) -> None:
    counted = count(text)
    single, part = _PARTS[counted.encoding]
    longest = max((units(c) for c in regex.findall(r"\X", text)), default=1) + 1
    if counted.units <= single:
        assert counted.segments == (1 if text else 0)
    else:
        assert counted.segments >= -(-counted.units // part)
        assert longest > part or counted.segments <= -(-counted.units // (part - longest + 1))


@given(_TEXTS, _TEXTS)
def test_more_text_never_costs_less(one: str, more: str) -> None:
    assert count(one + more).segments >= count(one).segments or count(one + more).encoding != count(one).encoding
    assert count(one + more).encoding == "UCS-2" or count(one).encoding == count(more).encoding == "GSM-7"


@given(_TEXTS)
def test_the_parts_of_a_text_cost_no_less_than_the_whole(text: str) -> None:
    parts = split(text, 160)
    if len(parts) == 1:
        assert count(parts[0]).segments <= count(text).segments
    assert sum(count(p).units for p in parts if count(text).encoding == "GSM-7") <= count(text).units
