"""Trains what understands messages, only when what it is made from has changed.

A model's name is the fingerprint of its data, its pipeline and the packages that it runs on, so a model that exists
is always the right one. Beside Rasa's model lies the language model of the same fingerprint.
"""

from __future__ import annotations

import ast
import collections
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.rasa_environment import rasa_environment

Progress = Callable[[str], None]

KEPT_MODELS = 2
"""The one in use, and the one before it for going back."""

SOURCES = ("config.yml", "domain.yml", "requirements/dialogue.txt")
DATA = "data"
CODE = ("bot/language.py", "bot/nlu")
"""Code that the model runs; the modules of `bot` that it imports count too."""

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_INTENT = re.compile(r"^- intent: *['\"]?([\w/]+)")
_COMPONENT = re.compile(r"Starting to train component '([^']+)'")


class TrainingError(Exception):
    """The model could not be trained; the text says why and what to do."""


def sources(root: Path) -> list[Path]:
    """Every file that the model depends on, in a fixed order."""
    found = {root / name for name in SOURCES if (root / name).is_file()}
    found |= {path for path in (root / DATA).rglob("*") if path.is_file() and not path.name.startswith(".")}
    waiting = [
        path for name in CODE for path in ([root / name] if name.endswith(".py") else (root / name).rglob("*.py"))
    ]
    while waiting:
        path = waiting.pop()
        if path not in found and path.is_file():
            found.add(path)
            waiting += _imported(root, path)
    return sorted(found)


def _imported(root: Path, path: Path) -> Iterator[Path]:
    """The checkout's own modules that a module imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] == "bot":
                base = root.joinpath(*name.split("."))
                yield from (base.with_suffix(".py"), base / "__init__.py")


def fingerprint(root: Path) -> str:
    """16 hex digits over the names and contents of `sources`; of code what it does, so that no comment costs a training."""
    digest = hashlib.sha256()
    for path in sources(root):
        content = path.read_bytes()
        if path.suffix == ".py":
            content = ast.dump(ast.parse(content)).encode()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def model_path(root: Path, home: Path) -> Path:
    """Where the model of the checkout's present data is, or would be."""
    return home / "models" / f"{fingerprint(root)}.tar.gz"


def language_path(model: Path) -> Path:
    """The language model that belongs to a Rasa model."""
    return model.with_name(f"language-{model.name.removesuffix('.tar.gz')}.json")


def ensure_model(
    root: Path, home: Path, progress: Progress = lambda _: None, *, command: Sequence[str] | None = None
) -> Path:
    """Path of the trained model, trained now if it is missing; its language model is at `language_path` of it.

    root: the checkout. home: folder of `KASAMA_HOME`. progress: gets short lines. command: what stands for
    `python -m rasa`, for tests. Raises `TrainingError`.
    """
    root, home = root.resolve(), home.resolve()
    model = model_path(root, home)
    if _complete(model):
        return model
    model.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(model.parent / ".lock", progress):
        if not _complete(model):  # another process may just have made it
            _train(root, model, progress, list(command or [str(root / ".venv-rasa/bin/python"), "-m", "rasa"]))
    _forget_old(model)
    return model


def _complete(model: Path) -> bool:
    return model.is_file() and language_path(model).is_file()


@contextmanager
def _only_one(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress("another process is training the model; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _train(root: Path, model: Path, progress: Progress, command: list[str]) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".training-", dir=model.parent) as folder:
        draft = Path(folder)
        progress("learning the languages")
        _train_language(root, draft / "language.json")
        progress("training the dialogue model; it takes a minute or two, and only after a change of its data")
        name = model.name.removesuffix(".tar.gz")
        arguments = ["train", "--config", "config.yml", "--domain", "domain.yml", "--data", "data/nlu", "data/rules"]
        # Rasa's own check of the files reads them all twice more; what matters of it is `_check_intents`.
        arguments += ["--skip-validation"]
        # --force: Rasa's own cache knows a component's code, but not the modules that it imports.
        arguments += ["--out", str(draft), "--fixed-model-name", name, "--force"]
        environment = rasa_environment({"RASA_CACHE_DIRECTORY": str(draft / "cache"), "RASA_MAX_CACHE_SIZE": "0"})
        _run(command + arguments, root, environment, progress)
        made = draft / f"{name}.tar.gz"
        if not made.is_file():
            raise TrainingError(
                "Rasa ended without a model. Check config.yml, domain.yml and data/ for what it skipped."
            )
        # The model goes last: where it is, all that belongs to it is there too.
        os.replace(draft / "language.json", language_path(model))
        os.replace(made, model)
    progress(f"the model is ready after {time.monotonic() - started:.0f} s")


def _train_language(root: Path, path: Path) -> None:
    from bot.language import train_from

    _check_intents(root)
    try:
        train_from(root / "data").save(path)
    except ValueError as error:
        raise TrainingError(f"The languages could not be learned. {error}") from None


def _check_intents(root: Path) -> None:
    """A training line for an intent that the domain does not have would be learned and then never be answered."""
    import yaml

    try:
        domain = yaml.safe_load((root / "domain.yml").read_text("utf-8"))
        known = {next(iter(item)) if isinstance(item, dict) else item for item in domain["intents"]}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise TrainingError(f"domain.yml cannot be read: {error}") from None
    for path in sorted((root / DATA / "nlu").glob("*/*.yml")):
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            if (match := _INTENT.match(text)) and match[1] not in known:
                where = f"{path.relative_to(root).as_posix()}:{line}"
                raise TrainingError(
                    f"{where}: the intent {match[1]} is not in domain.yml. Add it there, or correct its name."
                )


def _run(command: list[str], root: Path, environment: dict[str, str], progress: Progress) -> None:
    tail: collections.deque[str] = collections.deque(maxlen=400)
    try:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise TrainingError("The dialogue model's environment is missing. Run `make setup`.") from None
    ended = threading.Event()
    pulse = threading.Thread(target=_pulse, args=(ended, progress), daemon=True)
    pulse.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                tail.append(_ESCAPES.sub("", line))
                if match := _COMPONENT.search(line):
                    progress(f"training {match[1]}")
        if process.wait() != 0:
            raise TrainingError(_reason(tail, process.returncode, root))
    finally:
        ended.set()
        if process.poll() is None:  # Ctrl-C, or an error of our own
            process.terminate()
            process.wait()


def _pulse(ended: threading.Event, progress: Progress) -> None:
    started = time.monotonic()
    while not ended.wait(30):
        progress(f"still training, {time.monotonic() - started:.0f} s so far")


def _reason(lines: Sequence[str], code: int, root: Path) -> str:
    """Why a training failed, from the end of Rasa's output, without its progress bars and warnings."""
    text = "".join(lines)
    if "No space left on device" in text:
        free = shutil.disk_usage(root).free / 1e9
        return (
            f"The model could not be trained: the disk is full ({free:.1f} GB free). Free about 2 GB and start again."
        )
    if code in (-9, 137):
        return "The model could not be trained: the training was killed, most often for lack of memory (it needs about 2 GB)."
    told = [
        line.rstrip().split("\r")[-1]
        for line in lines
        if line.strip() and "%|" not in line and "Warning" not in line and not line.startswith("  ")
    ]
    return "The model could not be trained. Rasa said:\n" + "\n".join(f"    | {line[:300]}" for line in told[-8:])


def _forget_old(current: Path) -> None:
    """Remove all models but the newest `KEPT_MODELS`, and what interrupted trainings left."""
    models = [path for path in current.parent.glob("*.tar.gz") if path != current]
    models.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[KEPT_MODELS - 1 :]:
        path.unlink(missing_ok=True)
        language_path(path).unlink(missing_ok=True)
    for left in current.parent.glob(".training-*"):
        if time.time() - left.stat().st_mtime > 86_400:
            shutil.rmtree(left, ignore_errors=True)
