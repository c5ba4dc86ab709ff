"""What went wrong while setting up, in sentences that say what to do. Standard library only."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Sequence

GIGABYTES_NEEDED = 5  # both environments, the downloads and one model

_DISK = re.compile(r"No space left on device|os error 28|ENOSPC|Disk quota exceeded", re.I)
_PYTHON = re.compile(
    r"No interpreter found|No download found for request|python-build-standalone|"
    r"Failed to (download|install).*cpython|ensurepip is not available|No module named (venv|ensurepip)",
    re.I,
)
_NETWORK = re.compile(
    r"dns error|failed to lookup|error sending request|Failed to fetch|connection (refused|reset)|"
    r"timed? ?out|Temporary failure in name resolution|Could not connect|tunnel|"
    r"Name or service not known|NewConnectionError|Network is unreachable|proxy",
    re.I,
)
_HASH = re.compile(r"hash(es)? mismatch|do not match the hashes|THESE PACKAGES DO NOT MATCH", re.I)
_PERMISSION = re.compile(r"Permission denied|os error 13|Read-only file system", re.I)
_COMPILER = re.compile(r"command '?\S*(gcc|cc|clang)\S*'? failed|Python\.h: No such file|unable to execute", re.I)

_NOISE = re.compile(
    r"\s*(Ignoring|Processing|Collecting|Using cached|Using Python|Downloading|Looking in|WARNING: (Retrying|Location))\b"
)


class SetupFailure(Exception):
    """Set-up cannot go on; the text is for the person at the keyboard.

    network: whether the reason is that nothing can be downloaded, so that another way would fail too.
    """

    def __init__(self, text: str, network: bool = False) -> None:
        super().__init__(text)
        self.network = network


def no_network(output: str) -> bool:
    """Whether a step failed because nothing can be downloaded."""
    others = (_DISK, _HASH, _PYTHON, _PERMISSION)
    return bool(_NETWORK.search(output)) and not any(pattern.search(output) for pattern in others)


def python_missing(versions: Sequence[str]) -> str:
    """What to say when none of `versions` is on the machine and none could be downloaded."""
    first = versions[0]
    return (
        "Python %s is not on this machine and could not be downloaded. Check the network and run the command again, or "
        "install it yourself: `pyenv install %s`, macOS `brew install python@%s`, Debian or Ubuntu a package "
        "`python%s` with `python%s-venv` where your release has one."
        % (" or ".join(versions), first, first, first, first)
    )


def explain(output: str, *, root: Path, versions: Sequence[str]) -> str:
    """One clear text for the output of a failed step. The raw last lines follow it, for a bug report."""
    if _DISK.search(output):
        free = shutil.disk_usage(root).free / 1e9
        reason = (
            "The disk is full: %.1f GB are free under %s, about %d GB are needed. Free some space (`uv cache clean` "
            "empties the download cache), then run the command again." % (free, root, GIGABYTES_NEEDED)
        )
    elif _HASH.search(output):
        reason = (
            "A downloaded package is not the one that this project was locked to, so it was not installed. Try again; "
            "if it stays so, your package mirror changes packages: ask who runs it."
        )
    elif _PYTHON.search(output):
        reason = python_missing(versions)
    elif _PERMISSION.search(output):
        reason = (
            "A file may not be written. Make sure that %s belongs to you (no root is needed), then run it again." % root
        )
    elif _NETWORK.search(output):
        reason = (
            "The packages could not be downloaded: the network or the package index did not answer. Check the connection "
            "(behind a proxy, set HTTPS_PROXY), then run the command again; what is already here is kept."
        )
    elif _COMPILER.search(output):
        reason = (
            "A package without a ready build for this machine failed to compile. Install a C compiler and Python's headers "
            "(Debian or Ubuntu: `apt install build-essential python3-dev`; macOS: `xcode-select --install`)."
        )
    else:
        reason = "A step of the set-up failed; the tool's own words are below."
    told = [line.rstrip()[:200] for line in output.splitlines() if line.strip() and not _NOISE.match(line)]
    return reason + "".join("\n    | " + line for line in told[-8:])
