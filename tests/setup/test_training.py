"""When the model is trained, and what is said when that fails. A small program stands for Rasa."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from bot.language import LanguageModel
from bot.training import TrainingError, ensure_model, fingerprint, language_path, sources

FAKE = """
import os, sys, time
arguments = sys.argv[1:]
assert arguments[0] == "train", arguments
open("calls", "a").write("x")
if os.path.exists("fail"):
    print("Epochs:  40%|####      | 4/10")
    print("/x.py:1: UserWarning: nothing")
    print("\\x1b[31mInvalidRule: rule 'greet' names an action that does not exist\\x1b[0m")
    sys.exit(1)
if os.path.exists("full"):
    print("OSError: [Errno 28] No space left on device")
    sys.exit(1)
print("2030-01-01 INFO rasa.engine  - Starting to train component 'Fake'.", flush=True)
time.sleep(0.2)
if not os.path.exists("empty"):
    name = arguments[arguments.index("--fixed-model-name") + 1]
    open(os.path.join(arguments[arguments.index("--out") + 1], name + ".tar.gz"), "w").write("a model")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two languages to learn and nothing else."""
    made = tmp_path / "checkout"
    for language, text in (("en", "how much is the fee"), ("tl", "magkano po ang bayad")):
        folder = made / "data" / "nlu" / language
        folder.mkdir(parents=True)
        (folder / "ask_fees.yml").write_text(
            f'version: "3.1"\nnlu:\n- intent: ask_fees\n  examples: |\n    - {text}\n    - {text} today\n'
        )
    (made / "bot" / "nlu").mkdir(parents=True)
    (made / "bot" / "nlu" / "component.py").write_text("from bot.words import count\nimport json\n")
    (made / "bot" / "words.py").write_text("count = 1\n")
    (made / "bot" / "other.py").write_text("")
    (made / "domain.yml").write_text("intents:\n- ask_fees:\n    use_entities: false\n- greet\n")
    (made / "config.yml").write_text("pipeline: []\n")
    (made / "rasa.py").write_text(FAKE)
    return made


@pytest.fixture
def command(root: Path) -> list[str]:
    return [sys.executable, str(root / "rasa.py")]


def calls(root: Path) -> int:
    return len((root / "calls").read_text()) if (root / "calls").exists() else 0


def test_trains_once_and_again_only_when_the_data_changes(root: Path, tmp_path: Path, command: list[str]) -> None:
    told: list[str] = []
    first = ensure_model(root, tmp_path / "home", told.append, command=command)
    assert first.read_text() == "a model" and first.name == f"{fingerprint(root)}.tar.gz"
    assert LanguageModel.load(language_path(first)).identify("magkano ang bayad")[0][0] == "tl"
    assert "training Fake" in told
    assert ensure_model(root, tmp_path / "home", command=command) == first
    assert calls(root) == 1
    (root / "data" / "rules.yml").write_text("rules: []\n")
    assert ensure_model(root, tmp_path / "home", command=command) != first
    assert calls(root) == 2
    assert not list((tmp_path / "home" / "models").glob(".training-*"))


def test_a_module_that_the_model_imports_counts_and_others_do_not(root: Path) -> None:
    names = {path.relative_to(root).as_posix() for path in sources(root)}
    assert {"bot/nlu/component.py", "bot/words.py", "config.yml", "data/nlu/tl/ask_fees.yml"} <= names
    assert "bot/other.py" not in names
    before = fingerprint(root)
    (root / "bot" / "other.py").write_text("x = 1\n")
    assert fingerprint(root) == before
    (root / "bot" / "words.py").write_text("count = 2\n")
    assert fingerprint(root) != before


def test_a_lost_language_model_is_made_again(root: Path, tmp_path: Path, command: list[str]) -> None:
    model = ensure_model(root, tmp_path / "home", command=command)
    language_path(model).unlink()
    assert language_path(ensure_model(root, tmp_path / "home", command=command)).is_file()


def test_two_at_once_train_once(root: Path, tmp_path: Path, command: list[str]) -> None:
    made: list[Path] = []
    threads = [
        threading.Thread(target=lambda: made.append(ensure_model(root, tmp_path / "home", command=command)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2 and made[0] == made[1] and calls(root) == 1


def test_the_newest_two_models_are_kept(root: Path, tmp_path: Path, command: list[str]) -> None:
    made = []
    for number in range(4):
        (root / "config.yml").write_text(f"pipeline: [{number}]\n")
        made.append(ensure_model(root, tmp_path / "home", command=command))
        os.utime(made[-1], (1_000_000 + number, 1_000_000 + number))
    assert [path.exists() for path in made] == [False, False, True, True]
    assert [language_path(path).exists() for path in made] == [False, False, True, True]


def test_a_failed_training_says_what_rasa_said_and_leaves_nothing(
    root: Path, tmp_path: Path, command: list[str]
) -> None:
    (root / "fail").touch()
    with pytest.raises(TrainingError) as error:
        ensure_model(root, tmp_path / "home", command=command)
    text = str(error.value)
    assert "rule 'greet' names an action that does not exist" in text
    assert "\x1b" not in text and "%|" not in text and "UserWarning" not in text
    assert [path.name for path in (tmp_path / "home" / "models").iterdir()] == [".lock"]


@pytest.mark.parametrize(("order", "words"), [("full", "the disk is full"), ("empty", "ended without a model")])
def test_other_failures_are_plain_too(root: Path, tmp_path: Path, command: list[str], order: str, words: str) -> None:
    (root / order).touch()
    with pytest.raises(TrainingError, match=words):
        ensure_model(root, tmp_path / "home", command=command)


def test_a_missing_environment_names_the_command_that_makes_it(root: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="make setup"):
        ensure_model(root, tmp_path / "home")


def test_a_broken_data_file_is_named(root: Path, tmp_path: Path, command: list[str]) -> None:
    (root / "data" / "nlu" / "en" / "greet.yml").write_text("nlu: [")
    with pytest.raises(TrainingError, match=r"greet\.yml"):
        ensure_model(root, tmp_path / "home", command=command)


def test_an_intent_that_the_domain_does_not_have_is_named_with_its_line(
    root: Path, tmp_path: Path, command: list[str]
) -> None:
    (root / "data" / "nlu" / "en" / "odd.yml").write_text("nlu:\n- intent: ask_feees\n  examples: |\n    - how much\n")
    with pytest.raises(TrainingError, match=r"odd\.yml:2: the intent ask_feees"):
        ensure_model(root, tmp_path / "home", command=command)
    assert calls(root) == 0
