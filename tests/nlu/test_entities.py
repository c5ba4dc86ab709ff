"""Countries with roles, money and languages, against a development set and against single cases."""

from __future__ import annotations

import json

import pytest

from bot.nlu.country import countries
from bot.nlu.extract import extract
from bot.nlu.lookup import languages, load
from bot.nlu.money import money
from bot.nlu.tongue import tongues
from tests.nlu.training_lines import LANGUAGES, ROOT


def _development() -> list[dict]:
    path = ROOT / "tests" / "nlu" / "entities.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _found(line: dict) -> set[tuple]:
    places, sums = extract(line["text"], line["lang"], line.get("route", ()))
    return {("country", p.code, p.role) for p in places} | {("money", float(m.amount), m.currency) for m in sums}


def _wanted(line: dict) -> set[tuple]:
    wanted: set[tuple] = set()
    for entity in line["entities"]:
        if entity["entity"] == "country":
            wanted.add(("country", entity["value"], entity.get("role")))
        elif entity["entity"] == "money":
            wanted.add(("money", float(entity["value"]["amount"]), entity["value"].get("currency")))
    return wanted


FAMILIES = {
    "all": LANGUAGES,
    "Germanic": ["en"],
    "Austronesian": ["tl", "id"],
    "Indo-Aryan": ["ne", "bn"],
    "Semitic": ["am", "ar"],
    "Romance": ["es", "ro", "fr"],
    "Slavic": ["ru"],
    "Khmer": ["km"],
    "Tai": ["th", "lo"],
}


@pytest.mark.parametrize("kind", ["country", "money"])
@pytest.mark.parametrize("family", FAMILIES)
def test_development_lines(kind, family):
    right = wrong = 0
    lines = [line for line in _development() if line["lang"] in FAMILIES[family]]
    assert len(lines) >= 40
    for line in lines:
        found = {e for e in _found(line) if e[0] == kind}
        wanted = {e for e in _wanted(line) if e[0] == kind}
        right, wrong = right + len(found & wanted), wrong + len(found ^ wanted)
    assert 2 * right / (2 * right + wrong) >= 0.95


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "SOS si Juana po i2sa hk. gus2 ko na umuwi sa pinas.pls help.",
            "tl",
            [("HKG", "destination"), ("PHL", "origin")],
        ),
        ("galing po ako sa Cebu papuntang KSA", "tl", [("PHL", "origin"), ("SAU", "destination")]),
        ("mula Dubai papuntang London", "tl", [("ARE", "origin"), ("GBR", "destination")]),
        ("mali po yan", "tl", []),
        ("म नेपालबाट, कुवेतमा काम गर्छु", "ne", [("NPL", "origin"), ("KWT", "destination")]),
        ("nepal dekhi dubai aako 2 barsa vo", "ne", [("NPL", "origin"), ("ARE", "destination")]),
        ("kuwetma xu", "ne", [("KWT", "destination")]),
        ("De Guatemala a México", "es", [("GTM", "origin"), ("MEX", "destination")]),
        ("soy hondureña, vivo en Tapachula", "es", [("HND", "origin"), ("MEX", "destination")]),
        ("texting from Dubai", "en", [("ARE", "destination")]),
        ("I am in U.A.E., my friend is in suadi", "en", [("ARE", "destination"), ("SAU", "destination")]),
        ("tell us what to do", "en", []),
        ("from Moldova to Italy", "en", [("MDA", "origin"), ("ITA", "destination")]),
    ],
)
def test_countries(text, language, expected):
    assert [(place.code, place.role) for place in countries(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "language", "route", "expected"),
    [
        ("agency asks 60,000 pesos placement fee", "en", ["PHL", "HKG"], [(60000, "PHP")]),
        ("agency asks 60,000 pesos", "en", [], [(60000, None)]),
        ("80,000 rupees", "en", ["NPL", "KWT"], [(80000, "NPR")]),
        ("80k po ang hinihingi", "tl", [], [(80000, None)]),
        ("60,000 pesos po", "tl", [], [(60000, "PHP")]),
        ("limampung libong piso", "tl", [], [(50000, "PHP")]),
        ("P60,000 daw", "tl", [], [(60000, "PHP")]),
        ("1.5 lakh magyo", "ne", [], [(150000, None)]),
        ("1 lakh 20 hajar rupaiya", "ne", [], [(120000, "NPR")]),
        ("८०,००० रुपैयाँ", "ne", [], [(80000, "NPR")]),
        ("एक लाख पचास हजार रुपैयाँ", "ne", [], [(150000, "NPR")]),
        ("me cobran 60 mil pesos", "es", ["GTM", "MEX"], [(60000, "MXN")]),
        ("60 mil pesos", "es", [], [(60000, None)]),
        ("mil quinientos quetzales", "es", [], [(1500, "GTQ")]),
        ("Q1,500.50", "es", [], [(1500.5, "GTQ")]),
        ("1.200,50 euros", "es", [], [(1200.5, "EUR")]),
        ("HK$4,870 a month", "en", [], [(4870, "HKD")]),
        ("$500", "en", ["PHL", "HKG"], [(500, "HKD")]),
        ("1500 riyals", "en", ["PHL", "SAU"], [(1500, "SAR")]),
        ("2 years contract, 15 days leave, law 2019, call 1343 or +97144000000", "en", [], []),
        ("my number is 09171234567", "en", [], []),
        ("vivo con mil cosas", "es", [], []),
        ("wake 4.30 sleep 11", "en", [], []),
    ],
)
def test_money(text, language, route, expected):
    assert [(sum_.amount, sum_.currency) for sum_ in money(text, language, route)] == expected


def test_a_word_that_several_currencies_share_says_which_they_are():
    [pesos] = money("agency asks 60,000 pesos", "en")
    assert pesos.currency is None and {"PHP", "MXN"} <= set(pesos.may_be) and "HKD" not in pesos.may_be
    assert [sum_.may_be for sum_ in money("agency asks 60,000 pesos", "en", ["PHL"])] == [()]
    assert [sum_.may_be for sum_ in money("they want 60000", "en")] == [()]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("english please", "en", ["en"]),
        ("tagalog po", "tl", ["tl"]),
        ("nepali ma", "ne", ["ne"]),
        ("नेपालीमा", "ne", ["ne"]),
        ("español por favor", "es", ["es"]),
        ("en inglés", "es", ["en"]),
        ("may bisaya ba", "tl", ["ceb"]),
        ("hello", "en", []),
    ],
)
def test_tongues(text, language, expected):
    assert [tongue.code for tongue in tongues(text, language)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\ud800",
        "🙂" * 500,
        "1" * 5000,
        "१" * 300,
        ",.,.,.",
        "1.1.1.1.1",
        "9" * 400 + " lakh",
        "$" * 50,
        "²³ ½ ٣",
    ],
)
def test_anything_is_survived(text):
    assert isinstance(countries(text, "ne"), list)
    assert isinstance(money(text, "xx"), list)
    assert isinstance(tongues(text, "xx"), list)


def test_places_are_where_they_say():
    text = "तलब ८०,००० रुपैयाँ, कुवेतमा"
    (sum_,) = money(text, "ne")
    assert text[sum_.start : sum_.end] == "८०,००० रुपैयाँ"
    (place,) = countries(text, "ne")
    assert text[place.start : place.end] == "कुवेतमा"


def test_every_language_has_a_file():
    missing = set(LANGUAGES) - set(languages())
    assert not missing, f"write data/lookup/<language>.yml for {sorted(missing)}; en.yml shows how"


def test_a_wrong_file_is_named(tmp_path):
    (tmp_path / "common.yml").write_text(
        (ROOT / "data" / "lookup" / "common.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "en.yml").write_text(
        (ROOT / "data" / "lookup" / "en.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "xx.yml").write_text("home: []\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"xx\.yml"):
        load("xx", tmp_path)
