"""Seeded mistakes in content files, catalogs, partners and lexicons.

Each is found with its file, its line and a remedy, and none ends in a traceback.

The first line of a fixture says where the file belongs, the line to be named and words of the message: `#
countries/PHL.yml | 5 | words`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.knowledge import ContentError, Knowledge
from bot.knowledge.checking import check
from bot.knowledge.yamlfile import Problem
from tests.knowledge.conftest import CONTENT, DAY

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.*"))
WARNINGS = {path.stem for path in BROKEN if path.stem.startswith("warns_")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content folder without mistakes."""
    content = tmp_path / "content"
    for part in ("countries", "corridors", "instruments", "partners", "safety"):
        (content / part).mkdir(parents=True)
    shutil.copy(CONTENT / "partners" / "operator.yml", content / "partners")
    for code in ("HKG", "PHL"):
        shutil.copy(CONTENT / "countries" / f"{code}.yml", content / "countries")
    (content / "safety" / "en.yml").write_text("language: en\nspelling: letters\ndanger: {help: {case: [sos]}}\n")
    (content / "corridors" / "PHL-HKG.yml").write_text("origin: PHL\ndestination: HKG\n")
    return content


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_is_found_with_line_and_remedy(path: Path, folder: Path) -> None:
    first = path.read_bytes().splitlines()[0].decode()
    target, line, words = (part.strip() for part in first.lstrip("# ").split("|"))
    (folder / target).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder / target)
    problems = check(folder, DAY)
    found = [p for p in problems if p.file == f"content/{target}" and words in p.message]
    assert found, f"not found in {[str(p) for p in problems]}"
    assert found[0].line == int(line), str(found[0])
    assert "Traceback" not in str(found[0]) and "Error" not in found[0].message
    assert path.stem not in WARNINGS or found[0].level == "warning"
    assert re.match(r"content/\S+:\d+: \S", str(found[0]))


def test_there_are_many() -> None:
    kinds = [path.read_bytes().split(b"/")[0].lstrip(b"# ").decode() for path in BROKEN]
    assert len(BROKEN) >= 70
    assert kinds.count("locale") >= 15 and kinds.count("partners") >= 6 and kinds.count("safety") >= 4


def test_a_start_leaves_broken_files_out_and_says_why(folder: Path) -> None:
    shutil.copy(Path(__file__).parent / "broken" / "no_source.yml", folder / "countries" / "PHL.yml")
    knowledge = Knowledge(folder)
    assert any(
        re.search(r"countries/PHL\.yml:\d+: 'fee' has no source", str(problem)) for problem in knowledge.problems
    )
    assert not knowledge.is_origin("PHL") and knowledge.is_destination("HKG")


def test_operator_is_needed(folder: Path) -> None:
    (folder / "partners" / "operator.yml").unlink()
    assert any("operator.yml:1: is missing" in str(problem) for problem in check(folder, DAY))
    with pytest.raises(ContentError, match="operator"):
        Knowledge(folder)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no such folder"):
        Knowledge(tmp_path / "nowhere")


def test_not_utf8(folder: Path) -> None:
    (folder / "countries" / "PHL.yml").write_bytes(b"country: PHL\nnames: {en: \xff\xfe}\n")
    assert [str(p) for p in check(folder, DAY) if "UTF-8" in p.message] == [
        "content/countries/PHL.yml:2: this line is not UTF-8 text; save the file as UTF-8 in your editor"
    ]


def test_a_file_that_nobody_reads(folder: Path) -> None:
    (folder / "countries" / "PHL.yaml").write_text("country: PHL\n")
    assert any(p.level == "warning" and "does not end in .yml" in p.message for p in check(folder, DAY))


CATALOG = 'msgid ""\nmsgstr ""\n"Language: tl\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            'msgctxt "fee_max_home"\nmsgid "Your agency in {country} may take at most {amount}."\nmsgstr "Sa {country} lang"\n',
            "{amount} is missing",
        ),
        (
            'msgctxt "fee_max_home"\nmsgid "x"\nmsgstr "{country} {amount} {bayad}"\n',
            "{bayad} is not in the English text",
        ),
        ('msgctxt "fee_max_home"\nmsgid "x"\nmsgstr "{country} {amount"\n', "a brace is alone"),
        ('msgctxt "fee_max_home"\nmsgid "x\nmsgstr "y"\n', "is not a valid catalog"),
    ],
)
def test_catalogs(folder: Path, entry: str, words: str) -> None:
    path = folder / "locale" / "tl" / "LC_MESSAGES" / "kasama.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOG + entry)
    found: list[Problem] = [p for p in check(folder, DAY) if words in p.message]
    assert found
    assert found[0].file == "content/locale/tl/LC_MESSAGES/kasama.po"
    assert found[0].line >= 5


def test_the_real_content_has_no_errors() -> None:
    errors = [str(p) for p in check(CONTENT, DAY) if p.level == "error" and "/locale/" not in p.file]
    assert not errors
