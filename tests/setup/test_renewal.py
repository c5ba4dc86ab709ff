"""Changed training data: the new model takes over while the old one answers."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import httpx
import pytest

from bot.language import LanguageModel
from bot.processes import DialogueServer
from bot.renewal import Renewal
from bot.training import language_path, model_path
from tests.setup.test_processes import LAUNCHER, QUICK

TRAIN = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bot.language import LanguageModel
from bot.training import language_path, model_path
model = model_path(Path("."), Path({home!r}))
model.parent.mkdir(parents=True, exist_ok=True)
LanguageModel.train([("en", "hello"), ("tl", "kumusta")]).save(language_path(model))
model.touch()
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout with training data and a stand-in for Rasa."""
    root = tmp_path / "checkout"
    (root / "rasa").mkdir(parents=True)
    (root / "rasa" / "__init__.py").touch()
    shutil.copy(Path(__file__).with_name("fake_rasa.py"), root / "rasa" / "__main__.py")
    (root / "data" / "nlu" / "en").mkdir(parents=True)
    (root / "data" / "nlu" / "en" / "greet.yml").write_text("one")
    for name in ("config.yml", "domain.yml"):
        (root / name).write_text("x: 1")
    return root


def _renewal(root: Path, command: list[str] | None = None) -> Renewal:
    home = root.parent / "home"
    code = TRAIN.format(root=str(ROOT), home=str(home))
    model = model_path(root, home)
    model.parent.mkdir(parents=True)
    model.touch()
    language = LanguageModel.train([("en", "hello")])
    language.save(language_path(model))

    def make(model: Path) -> DialogueServer:
        return DialogueServer(
            model, "http://127.0.0.1:1/", root=root, command=LAUNCHER, speedups="none", patience=QUICK
        )

    return Renewal(root, home, make, model, language, command=command or [sys.executable, "-c", code], grace=0)


async def test_a_changed_line_is_trained_and_put_in_service(place):
    renewal = _renewal(place)
    old = renewal.server
    await old.start()
    assert await old.ready(10)
    assert not renewal.outdated
    (place / "data" / "nlu" / "en" / "greet.yml").write_text("two")
    assert renewal.outdated
    try:
        assert await renewal.renew()
        assert not renewal.outdated
        assert renewal.server is not old and old.pid is None
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(renewal.server.url + "/")).status_code == 200
        assert renewal._language.languages == ["en", "tl"]
    finally:
        await renewal.server.stop()


@pytest.mark.parametrize("code", ["import sys; sys.exit('a line is wrong')", "raise SystemExit(0)"])
async def test_what_cannot_be_trained_leaves_the_old_model(place, code):
    renewal = _renewal(place, [sys.executable, "-c", code])
    old = renewal.server
    await old.start()
    (place / "data" / "nlu" / "en" / "greet.yml").write_text("two")
    try:
        await renewal.renew()
        assert renewal.server is old and await old.ready(10)
        assert renewal.outdated
    finally:
        await old.stop()
