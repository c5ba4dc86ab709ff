"""A commit of one file in the editor's name, where the folder is a checkout of git. Nothing else is committed or staged."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 20
"""Seconds for git."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes the change: name and e-mail address."""

    name: str
    email: str


def commit(path: Path, author: Author, what: str) -> tuple[str | None, str]:
    """Commit a file that has changed. what: the subject. Returns the first letters of the commit's id, or None, and why there
    is none; the reason is empty where the folder is no checkout or does not keep this file in git."""
    try:
        if _git(path, "ls-files", "--error-unmatch", "--", path.name).returncode:
            return None, ""
        who = ["-c", f"user.name={_plain(author.name)}", "-c", f"user.email={_plain(author.email)}"]
        who += ["-c", "commit.gpgsign=false"]
        done = _git(path, *who, "commit", "--quiet", "-m", _plain(what), "--", path.name)
        if done.returncode:
            return None, (done.stderr or done.stdout).strip()[-300:]
        return _git(path, "rev-parse", "--short", "HEAD").stdout.strip() or None, ""
    except FileNotFoundError:
        return None, ""  # no git here
    except subprocess.TimeoutExpired:
        return None, f"git has not answered for {PATIENCE} seconds"


def _git(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # What a surrounding git has set would lead into another repository.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(path.parent), *arguments],
        capture_output=True, text=True, errors="replace", timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False,
        env=clean | {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"},
    )  # fmt: skip


def _plain(text: str) -> str:
    """On one line and without what git keeps for itself."""
    return " ".join("".join(c for c in text if c not in "<>" and (c.isprintable() or c == " ")).split()) or "Kasama"
