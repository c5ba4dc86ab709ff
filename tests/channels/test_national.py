"""National shift tables: what a gateway that uses them charges. Room is worked out by hand in the comments."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.national import _LOCKING, _SINGLE, count_national
from bot.segments import GSM_BASIC, GSM_EXTENSION, count, plain

ALL = frozenset({"tr", "es", "pt"})
# One table: header 1 + 3 octets, 136 left = 1088 bits = 155 septets; in parts 1 + 5 + 3, 131 left = 1048 bits = 149 septets.
# Two tables: 1 + 6, 133 left = 1064 bits = 152; in parts 12, 128 left = 1024 bits = 146.
COUNTS = [
    ("nothing", "", ALL, ("GSM-7", 0, 0)),
    ("plain text needs no table", "a" * 160, ALL, ("GSM-7", 1, 160)),
    ("Spanish: each accent is two", "á" + "a" * 153, {"es"}, ("GSM-7", 1, 155)),
    ("one too many", "á" + "a" * 154, {"es"}, ("GSM-7", 2, 156)),
    ("two full parts", "á" + "a" * 296, {"es"}, ("GSM-7", 2, 298)),
    ("three parts", "á" + "a" * 297, {"es"}, ("GSM-7", 3, 299)),
    ("an escape is not torn apart", "a" * 148 + "á" + "a" * 148, {"es"}, ("GSM-7", 3, 298)),
    ("Spanish letters that the default has cost one", "ñéü¿¡" + "í", {"es"}, ("GSM-7", 1, 7)),
    ("a short text costs one either way", "á" * 70, {"es"}, ("GSM-7", 1, 140)),
    ("no table for it", "á", {"tr"}, ("UCS-2", 1, 1)),
    ("Turkish locked: one each", "ğüşıöç" * 25, {"tr"}, ("GSM-7", 1, 150)),
    ("Turkish locked, full", "ğ" * 155, {"tr"}, ("GSM-7", 1, 155)),
    ("Turkish locked, parts", "ğ" * 156, {"tr"}, ("GSM-7", 2, 156)),
    ("Turkish locked, two full parts", "ğ" * 298, {"tr"}, ("GSM-7", 2, 298)),
    ("Turkish: è is only in the default, so ğ is single", "èğ", {"tr"}, ("GSM-7", 1, 3)),
    ("Portuguese locked", "ãõçâê" * 31, {"pt"}, ("GSM-7", 1, 155)),
    ("Portuguese locked and single: Φ needs the second", "ã" * 148 + "ΦΦ", {"pt"}, ("GSM-7", 1, 152)),
    ("and one more is two parts", "ã" * 149 + "ΦΦ", {"pt"}, ("GSM-7", 2, 153)),
    ("mixed languages fit no table", "ğá", ALL, ("UCS-2", 1, 2)),
    ("another script", "नमस्ते", ALL, ("UCS-2", 1, 6)),
    ("Romanian has none", "ș" * 71, ALL, ("UCS-2", 2, 71)),
]


@pytest.mark.parametrize(("text", "languages", "expected"), [c[1:] for c in COUNTS], ids=[c[0] for c in COUNTS])
def test_count(text: str, languages: set[str], expected: tuple[str, int, int]) -> None:
    counted = count_national(text, frozenset(languages))
    assert (counted.encoding, counted.segments, counted.units) == expected


def test_the_tables_are_whole() -> None:
    assert len(_LOCKING["pt"]) == 127 and len(_LOCKING["tr"]) == 127
    assert {language: len(table - GSM_EXTENSION) for language, table in _SINGLE.items()} == {"tr": 7, "es": 9, "pt": 27}
    assert all(table >= GSM_EXTENSION for table in _SINGLE.values())


_TEXT = st.text(alphabet=sorted(GSM_BASIC | _LOCKING["tr"] | _LOCKING["pt"] | _SINGLE["es"] | {"я"}), max_size=400)


@given(_TEXT)
def test_never_dearer_than_without(text: str) -> None:
    counted, without = count_national(text, ALL), count(text)
    assert counted.segments <= without.segments
    assert without.encoding == "UCS-2" or counted == without
    assert ("я" in text) <= (counted.encoding == "UCS-2")


LETTER = "Tu patrón no puede quitarte el pasaporte. Pídelo así: necesito mi pasaporte, es mío por ley. " * 2


def test_what_is_sent_keeps_its_accents_where_the_table_carries_them_and_it_costs_no_more() -> None:
    national = functools.partial(count_national, languages=frozenset({"es"}))
    assert count(LETTER).segments == 3 and national(LETTER).segments == 2
    assert plain(LETTER).startswith("Tu patron no") and plain(LETTER, national) == LETTER
    assert plain("«Pídelo» – así…", national) == '"Pídelo" - así...'
    # Where the accents cost a segment they go all the same.
    tight = "á" + "a" * 155
    assert national(tight).segments == 2 and plain(tight, national) == "a" * 156
