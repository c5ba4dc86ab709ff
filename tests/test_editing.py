"""The tools of editors, on a copy of the real content."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from bot.editing import confirming, coverage, schemas, skeletons
from bot.knowledge import Knowledge, Route
from bot.topics import TOPICS


class Loader(yaml.SafeLoader):
    """As editors read YAML 1.2: `off` is a word, no truth value."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 25)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    return folder


def test_status_counts_what_is_sent_and_what_waits(content: Path) -> None:
    report = coverage.status(Knowledge(content, today=lambda: TODAY), TODAY)
    assert set(report["countries"]) >= {"PHL", "HKG"}
    assert set(report["corridors"]["PHL-HKG"]) == set(TOPICS)
    kinds = [item["kind"] for item in report["waiting"]]
    assert kinds.index("emergency") == 0 or "emergency" not in kinds
    assert report["languages"]["tl"]["missing"] == 0
    text = coverage.as_text(report)
    assert report["sms"]["ARE"] == {
        "two_way": False, "no_links_or_numbers": True, "quiet": "21:00 to 07:00", "sender_overwritten": False,
    }  # fmt: skip
    assert re.search(r"ARE +women cannot text back .*left out; quiet 21:00 to 07:00", text)
    assert "PHL-HKG" in text and "waits for a partner" in text
    picture = ElementTree.fromstring(coverage.heat_map(report))
    boxes = [part for part in picture if part.tag.endswith("rect") and len(part)]
    assert len(boxes) == len(TOPICS) * len(report["corridors"])


def test_a_confirmed_number_is_sent(content: Path) -> None:
    knowledge = Knowledge(content)
    number = "+965 2221 5150"
    route = Route("PHL", "KWT")
    assert number not in " ".join(knowledge.answer("ask_contacts", route, "en").pages)
    before = (content / "countries" / "KWT.yml").read_text()
    path = confirming.confirm(content, "KWT.kshr", "operator", TODAY)
    after = path.read_text()
    assert "# Announced in several languages" in after  # comments stay
    assert len(before.splitlines()) <= len(after.splitlines())
    knowledge = Knowledge(content)
    contact = knowledge.snapshot.content.contacts["KWT.kshr"]
    assert contact.state == "reviewed" and not contact.verify_before_publishing
    assert contact.review_by == "2027-11-25"
    assert any(number in " ".join(knowledge.answer("ask_contacts", route, lang).pages) for lang in ("en", "tl"))


@pytest.mark.parametrize(
    ("entry", "by", "said"),
    [
        ("KWT.kshr", "nobody", "there is no partner nobody"),
        ("KWT.nothing", "operator", "nothing with the id"),
    ],
)
def test_what_cannot_be_confirmed_changes_nothing(content: Path, entry: str, by: str, said: str) -> None:
    before = (content / "countries" / "KWT.yml").read_text()
    with pytest.raises(confirming.ConfirmError, match=said):
        confirming.confirm(content, entry, by, TODAY)
    assert (content / "countries" / "KWT.yml").read_text() == before


def test_a_new_country_and_corridor_are_taken_in(content: Path) -> None:
    skeletons.make(content, "country", "GHA", "Ama", TODAY)
    skeletons.make(content, "corridor", "GHA-KWT", "Ama", TODAY)
    skeletons.make(content, "partner", "mission_hk", "Ama", TODAY)
    knowledge = Knowledge(content)
    assert knowledge.problems == ()
    assert ("GHA", "KWT") in knowledge.snapshot.content.corridors
    assert "mission_hk" in knowledge.snapshot.content.partners


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("country", "Kenya", "three capital letters"),
        ("country", "XXX", "no country code"),
        ("country", "HKG", "is there already"),
        ("corridor", "PHL", "two countries"),
        ("corridor", "GHA-KWT", "no file for GHA"),
        ("partner", "Mission HK", "small letters"),
        ("planet", "MAR", "no kind planet"),
    ],
)
def test_a_skeleton_that_cannot_be_made_says_why(content: Path, kind: str, name: str, said: str) -> None:
    with pytest.raises(skeletons.SkeletonError, match=said):
        skeletons.make(content, kind, name, "Ama", TODAY)


def test_the_schemas_fit_the_files_and_refuse_mistakes(content: Path) -> None:
    written = {path.stem: json.loads(path.read_text()) for path in schemas.write(content)}
    assert set(written) == {"countries", "corridors", "instruments", "partners"}
    for folder, schema in written.items():
        checker = jsonschema.Draft202012Validator(schema)
        for path in sorted((content / folder).glob("*.yml")):
            data = json.loads(json.dumps(yaml.load(path.read_text(), Loader), default=str))
            assert not list(checker.iter_errors(data)), path
    data = yaml.load((content / "countries" / "KWT.yml").read_text(), Loader)
    data["facts"][0]["kinnd"] = "x"
    assert list(
        jsonschema.Draft202012Validator(written["countries"]).iter_errors(json.loads(json.dumps(data, default=str)))
    )


def test_the_schemas_in_the_checkout_are_of_today(content: Path) -> None:
    for path in schemas.write(content):
        kept = ROOT / "content" / "schema" / path.name
        assert kept.read_text() == path.read_text(), "run `kasama content schema`"


def test_every_file_names_its_schema() -> None:
    for folder in ("countries", "corridors", "instruments", "partners"):
        for path in sorted((ROOT / "content" / folder).glob("*.yml")):
            first = path.read_text().split("\n", 1)[0]
            assert first == f"# yaml-language-server: $schema=../schema/{folder}.json", path


def test_a_sentence_without_translation_says_that_it_is_english(content: Path) -> None:
    path = content / "locale" / "es" / "LC_MESSAGES" / "kasama.po"
    text = path.read_text()
    start = text.index('msgctxt "goodbye"')
    end = text.index("\n\n", start)
    path.write_text(text[:start] + text[start:end].split("msgstr")[0] + 'msgstr ""' + text[end:])
    knowledge = Knowledge(content)
    assert knowledge.problems == ()
    assert knowledge.phrase("goodbye", "es") == "(inglés) " + knowledge.phrase("goodbye", "en")
    assert coverage.status(knowledge, TODAY)["languages"]["es"]["missing"] == 1
