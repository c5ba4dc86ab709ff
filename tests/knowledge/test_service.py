"""The knowledge in service: reloading, countries, phones, the first reply, sentences."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot import segments
from bot.knowledge import Knowledge, Route
from bot.knowledge.extracting import ALL, update
from bot.knowledge.phrases import PHRASES
from tests.knowledge.conftest import CONTENT, DAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The real content, to be changed."""
    target = tmp_path / "content"
    for part in ("countries", "corridors", "instruments", "partners", "locale"):
        shutil.copytree(CONTENT / part, target / part)
    return target


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edit_is_taken_in_a_broken_one_is_not(folder: Path) -> None:
    knowledge = Knowledge(folder, today=lambda: DAY)
    route, hkg = Route("PHL", "HKG"), folder / "countries" / "HKG.yml"
    assert not knowledge.reload_if_changed()
    edit(hkg, "value: 5100", "value: 5432")
    assert knowledge.reload_if_changed()
    assert "HKD 5,432" in knowledge.answer("ask_wages", route, "en").pages[0]
    edit(hkg, "value: 5432, currency", "value: 9999, curency")
    assert not knowledge.reload_if_changed()
    assert any("HKG.yml" in str(problem) and "curency" in str(problem) for problem in knowledge.problems)
    assert "HKD 5,432" in knowledge.answer("ask_wages", route, "en").pages[0]
    assert not knowledge.reload_if_changed()
    edit(hkg, "value: 9999, curency", "value: 6000, currency")
    assert knowledge.reload_if_changed()
    assert knowledge.problems == ()
    assert "HKD 6,000" in knowledge.answer("ask_wages", route, "en").pages[0]


def test_a_country_is_added_and_taken_away(folder: Path) -> None:
    knowledge = Knowledge(folder, today=lambda: DAY)
    assert not knowledge.is_origin("NGA")
    text = (
        (folder / "countries" / "PHL.yml").read_text().replace("country: PHL", "country: NGA").replace("[tl]", "[sw]")
    )
    (folder / "countries" / "NGA.yml").write_text(text)
    assert knowledge.reload_if_changed()
    assert knowledge.is_origin("NGA")
    assert knowledge.route_suggestion("HKG", "sw") == Route("NGA", "HKG")
    (folder / "countries" / "NGA.yml").unlink()
    assert knowledge.reload_if_changed()
    assert not knowledge.is_origin("NGA")


def test_a_broken_catalog_keeps_the_last_good_one(folder: Path) -> None:
    knowledge = Knowledge(folder, today=lambda: DAY)
    before = knowledge.phrase("thank", "es")
    path = folder / "locale" / "es" / "LC_MESSAGES" / "kasama.po"
    path.write_text(path.read_text(encoding="utf-8") + "\n<<<<<<< mine\n", encoding="utf-8")
    assert not knowledge.reload_if_changed()
    assert "es/LC_MESSAGES/kasama.po" in str(knowledge.problems[0])
    assert knowledge.phrase("thank", "es") == before


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+85221579537", "HKG"),
        ("+9779812345678", "NPL"),
        ("+639171234567", "PHL"),
        ("+96550012345", "KWT"),
        ("+390612345678", "ITA"),
        ("+50250123456", "GTM"),
        ("+37369123456", "MDA"),
        ("+40721234567", "ROU"),
        ("+79161234567", "RUS"),
        ("12345", None),
        ("", None),
    ],
)
def test_country_of_a_phone(knowledge: Knowledge, phone: str, country: str | None) -> None:
    assert knowledge.country_for_phone(phone) == country


@pytest.mark.parametrize(
    ("phone_country", "language", "route"),
    [
        ("HKG", "tl", Route("PHL", "HKG")),
        ("HKG", "en", Route(None, "HKG")),
        ("NPL", "ne", Route("NPL", None)),
        (None, "ne", Route("NPL", None)),
        ("GTM", "es", Route("GTM", None)),
        (None, "es", Route(None, None)),
        ("FRA", "en", Route(None, None)),
        ("MEX", "es", Route(None, "MEX")),
    ],
)
def test_a_route_is_suggested_only_where_the_content_says_so(
    knowledge: Knowledge, phone_country: str, language: str, route: Route
) -> None:
    assert knowledge.route_suggestion(phone_country, language) == route


@pytest.mark.parametrize(
    "kind", ["violence", "sexual", "confined", "trafficking", "selfharm", "medical", "threat", "help"]
)
@pytest.mark.parametrize("language", ["en", "tl", "ne", "es"])
def test_first_reply(knowledge: Knowledge, kind: str, language: str) -> None:
    text = knowledge.first_reply(kind, language, country="HKG", partner="Bahay Tulong")
    assert "999" in text
    assert "Bahay Tulong" in text
    assert "0" in text
    assert "!" not in text
    assert segments.count(segments.plain(text)).segments <= (3 if language in ("en", "tl", "es") else 5)
    unknown = knowledge.first_reply(kind, language, country=None, partner="Bahay Tulong")
    assert "999" not in unknown
    assert "{" not in unknown


def test_the_operator_is_named_in_her_language(knowledge: Knowledge) -> None:
    assert knowledge.operator.named("tl") in knowledge.first_reply(
        "help", "tl", country="HKG", partner=knowledge.operator.name
    )
    assert knowledge.operator.named("es") in knowledge.phrase("human_ask", "es", partner=knowledge.operator.name)


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("HKG", ("999",)),
        ("KWT", ("112",)),
        ("SAU", ("911", "999")),
        ("ITA", ("112",)),
        ("MEX", ("911",)),
        ("MDA", ("112",)),
    ],
)
def test_emergency_numbers_are_sent_though_not_yet_confirmed(
    knowledge: Knowledge, country: str, numbers: tuple[str, ...]
) -> None:
    assert tuple(phone for contact in knowledge.emergency(country) for phone in contact.phones) == numbers


@pytest.mark.parametrize(
    ("country", "kind", "numbers"),
    [
        ("LBN", "violence", ()),  # only the Red Cross ambulance is known, and it is no help against a man with a knife
        ("LBN", "medical", ("140",)),
        ("LBN", "selfharm", ("140",)),
        ("HKG", "selfharm", ("999",)),
    ],
)
def test_the_number_fits_the_danger(knowledge: Knowledge, country: str, kind: str, numbers: tuple[str, ...]) -> None:
    reply = knowledge.first_reply(kind, "en", country=country, partner="x")
    assert all(number in reply for number in numbers)
    assert numbers or "140" not in reply


def test_an_unknown_country_has_no_emergency_number(knowledge: Knowledge) -> None:
    assert knowledge.emergency("FRA") == ()
    assert knowledge.emergency(None) == ()


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("PHL", "es", "Filipinas"),
        ("HKG", "en", "Hong Kong"),
        ("KWT", "ne", "कुवेत"),
        ("FRA", "es", "Francia"),
        ("PHL", "tl", "Pilipinas"),
    ],
)
def test_country_names(knowledge: Knowledge, code: str, language: str, name: str) -> None:
    assert knowledge.country_name(code, language) == name


def test_every_phrase_can_be_said(knowledge: Knowledge) -> None:
    class Anything(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "x"

    for key in PHRASES:
        for language in knowledge.languages:
            assert knowledge.snapshot.catalogs.text(key, language, Anything())
    with pytest.raises(KeyError):
        knowledge.phrase("no_such_key", "en")


def test_a_plural_is_chosen(knowledge: Knowledge) -> None:
    speaker = knowledge.snapshot.speaker("en")
    assert speaker.t("unit_day", n=1) == "1 day"
    assert speaker.t("unit_day", n=2) == "2 days"


def test_a_fact_that_is_due_says_so(folder: Path) -> None:
    early = Knowledge(folder, today=lambda: date(2026, 8, 1)).answer("ask_wages", Route("PHL", "HKG"), "en")
    late = Knowledge(folder, today=lambda: date(2026, 10, 1)).answer("ask_wages", Route("PHL", "HKG"), "en")
    assert "may have changed" not in early.pages[0]
    assert "may have changed" in late.pages[0]


def test_merge_keeps_translations(folder: Path) -> None:
    path = folder / "locale" / "es" / "LC_MESSAGES" / "kasama.po"
    before = Knowledge(folder, today=lambda: DAY).phrase("thank", "es")
    update(folder)
    first = path.read_text(encoding="utf-8")
    update(folder)
    assert path.read_text(encoding="utf-8") == first
    assert Knowledge(folder, today=lambda: DAY).phrase("thank", "es") == before
    update(folder, "sw")
    assert "sw" in Knowledge(folder, today=lambda: DAY).languages
    assert Knowledge(folder, today=lambda: DAY).phrase("thank", "sw") == f"(Kiingereza) {ALL['thank']}"


def test_the_template_is_up_to_date(folder: Path) -> None:
    before = (folder / "locale" / "kasama.pot").read_text(encoding="utf-8")
    update(folder)
    after = (folder / "locale" / "kasama.pot").read_text(encoding="utf-8")
    assert before == after, "run: python -m bot.knowledge.extracting content"
