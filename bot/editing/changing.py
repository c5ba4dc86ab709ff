"""A change of one file of `content/`: tried on a copy of the folder, shown, saved at once or not at all.

Nothing is saved that the check calls an error, and nothing that somebody else has changed meanwhile is written over.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import shutil
import tempfile
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.editing.committing import Author, commit
from bot.knowledge.checking import check
from bot.knowledge.yamlfile import Problem

NAMES = re.compile(
    r"(?:countries|corridors|instruments|partners)/[A-Za-z0-9_-]{1,40}\.yml"
    r"|locale/[a-z]{2,3}(?:[-_][A-Za-z]{2,8})*/LC_MESSAGES/kasama\.po"
)
"""Files that can be changed, as named inside `content/`."""

_saving = threading.Lock()


class Changed(Exception):
    """Somebody else has saved the file since it was shown."""


class Refused(Exception):
    """The change would break something. `problems`: what the check says, in its words."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class File:
    """A file as it stands. name: inside `content/`. text: without a mark at its beginning, line breaks of one character.

    version: changes with every byte of it.
    """

    name: str
    path: Path
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Saved:
    """commit: the first letters of the commit's id; None where the folder is no checkout. trouble: why there is no commit."""

    commit: str | None
    trouble: str = ""


def find(content: Path, name: str) -> Path:
    """Where a file stands. Raises `KeyError` for what is not one of the files that can be changed, wherever it may lead."""
    path = content / name
    if not NAMES.fullmatch(name) or path.is_symlink() or not path.is_file():
        raise KeyError(name)
    if not path.resolve().is_relative_to(content.resolve()):
        raise KeyError(name)
    return path


def read(content: Path, name: str) -> File:
    """A file as it stands. Raises `KeyError`, also for one that is not UTF-8."""
    path = find(content, name)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise KeyError(name) from None
    return File(name, path, text, hashlib.sha256(data).hexdigest())


def difference(before: str, after: str) -> list[str]:
    """The lines of a unified difference, without the names of the files."""
    return list(difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=2))[2:]


def attempt(content: Path, file: File, text: str, today: date, *, pages: bool = True) -> list[Problem]:
    """What the check says of the file if this were its text: warnings. Raises `Refused` when there would be errors that
    are not there now. pages: whether the length of first pages is looked at, which takes seconds."""
    shown = f"{content.name}/{file.name}"
    with tempfile.TemporaryDirectory(prefix="kasama-") as folder:
        copy = Path(folder) / content.name
        shutil.copytree(content, copy, ignore=shutil.ignore_patterns(".git", ".*.new"))
        (copy / file.name).write_bytes(_bytes(file, text))
        found = check(copy, today, only=shown, pages=pages)
    errors = [problem for problem in found if problem.level == "error"]
    if errors:
        now = {(p.file, p.message) for p in check(content, today, only=shown, pages=False)}
        if broken := [problem for problem in errors if (problem.file, problem.message) not in now]:
            raise Refused(broken)
    return [problem for problem in found if problem.level != "error" and problem.file == shown]


def save(content: Path, file: File, text: str, today: date, *, author: Author | None, what: str) -> Saved:
    """Check, write the file in one step, and commit it where the folder is a checkout. what: the commit's subject.

    Raises `Refused`, `Changed`; then nothing is changed.
    """
    attempt(content, file, text, today, pages=False)
    with _saving:
        if read(content, file.name).version != file.version:
            raise Changed
        _write(file.path, _bytes(file, text))
        if author is None:
            return Saved(None)
        return Saved(*commit(file.path, author, what))


def _bytes(file: File, text: str) -> bytes:
    """In the form of the file: its line breaks, its mark at the beginning."""
    old = file.path.read_bytes()
    mark = b"\xef\xbb\xbf" if old.startswith(b"\xef\xbb\xbf") else b""
    return mark + (text.replace("\n", "\r\n") if b"\r\n" in old else text).encode()


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, also when the power goes. A name with a dot first is read by nobody."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(path, draft)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
