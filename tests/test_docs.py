"""The docs name what exists, and all of it that people need."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings, environment_name

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_setting_is_on_the_operators_page_and_no_other() -> None:
    page = (ROOT / "docs/operators.md").read_text()
    wanted = {environment_name(field) for field in Settings.model_fields}
    named = set(re.findall(r"`((?:KASAMA|TWILIO|TELEGRAM|SMTP)_[A-Z_]+)`", page))
    assert wanted - named == set(), "docs/operators.md lacks these settings"
    assert named - wanted == set(), "docs/operators.md names settings that do not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which does not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"(?:^    |`)make ([a-z]+)", page.read_text(), re.MULTILINE))
    assert used <= targets


def test_the_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make run" in text and "make test" in text


def test_commands_in_the_docs_exist() -> None:
    second = (
        "check|preview|schema|status|confirm|new|list|show|ack|close|invite|reconcile|rotate|drop|purge|eval|benchmark"
        "|compare"
    )
    pattern = rf"(?:\.venv/bin/|`)kasama ([a-z]+(?: (?:{second}))?)"
    for page in PAGES:
        for words in set(re.findall(pattern, page.read_text())):
            result = CliRunner().invoke(app, [*words.split(), "--help"])
            assert result.exit_code == 0, f"{page.name}: kasama {words}"


def test_the_rooms_of_contributing_exist() -> None:
    rooms = re.findall(r"^\| `([a-z/]+)/`", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert rooms and all((ROOT / room).is_dir() for room in rooms)
