"""A changed file is in service within two seconds, a broken one takes nothing down: with the watcher that the service runs."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.editing import skeletons
from bot.knowledge import Knowledge, Route
from bot.knowledge.watching import watch
from bot.safety import Safety
from tests.knowledge.conftest import DAY

ROOT = Path(__file__).resolve().parents[2]
WAGES = Route("PHL", "HKG")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    return folder


@pytest.fixture
async def knowledge(content: Path) -> AsyncIterator[Knowledge]:
    found = Knowledge(content, today=lambda: DAY)
    watching = asyncio.create_task(watch(content, found, Safety(content / "safety")))
    await asyncio.sleep(0.5)  # the watcher has to be there before the change
    yield found
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def seconds_until(holds: Callable[[], bool]) -> float:
    begin = time.monotonic()
    while not holds():
        assert time.monotonic() - begin < 10, "the change was not taken in"
        await asyncio.sleep(0.02)
    return time.monotonic() - begin


async def test_an_editors_day(content: Path, knowledge: Knowledge) -> None:
    path = content / "countries" / "HKG.yml"
    good = path.read_text()
    assert "HKD 5,100" in knowledge.answer("ask_wages", WAGES, "en").pages[0]
    # A wage changes.
    path.write_text(good.replace("value: 5100", "value: 5300"))
    assert await seconds_until(lambda: "HKD 5,300" in knowledge.answer("ask_wages", WAGES, "en").pages[0]) < 4
    # The file is broken: the last good version answers, and it is said what is wrong.
    path.write_text(good.replace("kind: minimum_wage", "kind: [minimum_wage"))
    assert await seconds_until(lambda: bool(knowledge.problems)) < 4
    assert "HKG.yml" in str(knowledge.problems[0])
    assert "HKD 5,300" in knowledge.answer("ask_wages", WAGES, "en").pages[0]
    # It is mended.
    path.write_text(good)
    assert await seconds_until(lambda: not knowledge.problems) < 4
    assert "HKD 5,100" in knowledge.answer("ask_wages", WAGES, "en").pages[0]
    # A country is added.
    skeletons.make(content, "country", "GHA", "Ama", DAY)
    assert await seconds_until(lambda: knowledge.is_destination("GHA")) < 4


async def test_a_phrase_that_means_danger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the folder may be given relative to where the service was started
    folder = Path("content")
    shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns("*.yml"))
    shutil.copytree(ROOT / "content" / "partners", folder / "partners", dirs_exist_ok=True)
    lexicon = folder / "safety" / "es.yml"
    shutil.copy(ROOT / "content" / "safety" / "es.yml", lexicon)
    safety = Safety(folder / "safety")
    watching = asyncio.create_task(watch(folder, Knowledge(folder), safety))
    await asyncio.sleep(0.5)
    assert safety.check("me quieren cocinar en zumo").level == "none"
    change = "  help:\n    case:\n", "  help:\n    case:\n      - me quieren cocinar en zumo\n"
    assert lexicon.read_text().count(change[0]) == 1
    lexicon.write_text(lexicon.read_text().replace(*change))
    await seconds_until(lambda: safety.check("me quieren cocinar en zumo").level == "case")
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
