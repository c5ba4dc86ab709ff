"""An editor's day with a running service: a wage changes, a file breaks, is mended, a country comes. Each within seconds."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.editing import skeletons
from tests.end_to_end.running import ROOT, Running

AT_MOST = 10.0
"""Seconds. Two are promised in docs/editors.md and printed here (`pytest -s`); a machine busy with other tests takes longer."""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    return folder


def _settings(content: Path) -> dict[str, str]:
    nowhere = {"KASAMA_RASA_URL": "http://127.0.0.1:9", "KASAMA_INTERNAL_TOKEN": "t" * 32}
    return {"KASAMA_CONTENT": str(content), **nowhere}


@pytest.fixture
def service(tmp_path: Path, content: Path) -> Iterator[Running]:
    """No dialogue model: content needs none."""
    running = Running(tmp_path / "home", _settings(content))
    try:
        running.start(model=False, seconds=180)
        yield running
    finally:
        running.stop()


def test_an_editors_day(service: Running, content: Path) -> None:
    def page(destination: str = "HKG") -> str:
        return httpx.get(
            f"{service.url}/preview", params={"topic": "ask_wages", "from": "PHL", "to": destination}, timeout=10
        ).text

    def ready() -> dict[str, Any]:
        return httpx.get(f"{service.url}/readyz", timeout=10).json()

    def soon(what: str, holds: Callable[[], bool]) -> None:
        begin = time.monotonic()
        while not holds():
            assert time.monotonic() - begin < AT_MOST, f"{what}: not in service after {AT_MOST} s"
            time.sleep(0.02)
        print(f"{what}: {time.monotonic() - begin:.2f} s")

    path = content / "countries" / "HKG.yml"
    good = path.read_text()
    assert "HKD 5,100" in page()
    assert ready()["content"] == []
    assert set(ready()["reviews"]) == {"expired", "soon"}

    path.write_text(good.replace("value: 5100", "value: 5300"))
    soon("a wage changes", lambda: "HKD 5,300" in page())

    path.write_text(good.replace("kind: minimum_wage", "kind: [minimum_wage"))
    soon("a file breaks", lambda: bool(ready()["content"]))
    (problem,) = ready()["content"]
    assert problem.startswith("content/countries/HKG.yml:")
    assert "HKD 5,300" in page(), "the last good version stays"
    assert "content/countries/HKG.yml:" in page()
    assert "content/countries/HKG.yml:" in service.log.read_text()

    path.write_text(good)
    soon("it is mended", lambda: not ready()["content"])
    assert "HKD 5,100" in page()

    assert 'value="GHA"' not in page()
    skeletons.make(content, "country", "GHA", "Ama", date.today())
    soon("a country comes", lambda: 'value="GHA"' in page())
