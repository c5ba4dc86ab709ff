"""The secrets that everything sealed depends on: where they come from, and how a new one is added while the service runs.

The newest seals, all of them open. They stand in the settings, or in a file of the home folder, newest first, one a line. The
file is looked at before each use, so that every process of this machine knows a new key before anything is sealed with it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

FILE = "secret.key"


class Keys:
    """The secrets, newest first. file: where they are read from; None when they are given."""

    def __init__(self, given: tuple[str, ...] = (), file: Path | None = None) -> None:
        self._given, self.file = given, file
        self._stamp: tuple[int, int, int] | None = None

    def current(self) -> tuple[str, ...]:
        """The secrets as they are now; the same object as long as nothing changed."""
        if self.file is None:
            return self._given
        status = self.file.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp != self._stamp:
            lines = (line.strip() for line in self.file.read_text().splitlines())
            self._given, self._stamp = tuple(line for line in lines if line), stamp
        return self._given

    @property
    def since(self) -> datetime | None:
        """When the newest secret was added to one before it, UTC; None when there is one only, or where nobody can tell."""
        if self.file is None or len(self.current()) < 2:
            return None
        return datetime.fromtimestamp(self.file.stat().st_mtime, UTC)

    def add(self) -> None:
        """Put a new secret before the others; in use by every process of this machine when this returns."""
        self._write((secrets.token_urlsafe(48), *self.current()))

    def keep(self, count: int) -> None:
        """Drop all but the `count` newest."""
        self._write(self.current()[:count])

    def _write(self, lines: tuple[str, ...]) -> None:
        assert self.file is not None, "keys that stand in the settings are changed there"
        draft = _draft(self.file, lines)
        draft.replace(self.file)


def keys_of(home: Path, configured: str, older: tuple[str, ...] = ()) -> Keys:
    """The configured secrets, or those in the home folder; one is made there at the first start, readable by the owner only."""
    if configured:
        return Keys((configured, *older))
    path = home / FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, (secrets.token_urlsafe(48),))
        # A link fails when another process was first; both then read the same key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return Keys(file=path)


def _draft(path: Path, lines: tuple[str, ...]) -> Path:
    """A file beside `path`, on disk and readable by the owner only, to take its place."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    return draft
