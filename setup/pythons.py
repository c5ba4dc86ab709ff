"""Finds the Pythons of a machine, whatever installed them. Standard library only."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, Mapping, Optional, Sequence

# A Python that was built without one of these starts, but cannot run what is installed into it.
PROBE = (
    "import ctypes, sqlite3, ssl, struct, sys, zlib; print('%d.%d %d' % (*sys.version_info[:2], struct.calcsize('P')))"
)

# Settings of another environment that would leak into ours.
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "UV_PYTHON",
    "UV_PROJECT_ENVIRONMENT",
    "UV_SYSTEM_PYTHON",
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_CONSTRAINT",
    "__PYVENV_LAUNCHER__",
)


def clean_environment(environ: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """The environment for the programs that set-up starts, without another environment's settings."""
    source = os.environ if environ is None else environ
    return {name: value for name, value in source.items() if name not in FOREIGN}


def candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Files that may be a Python of `version` ("3.10"), best first; not all of them need to work."""
    home = Path(environ.get("HOME") or Path.home())
    name = "python" + version
    if "%d.%d" % sys.version_info[:2] == version:
        yield Path(sys.executable)
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder and (Path(folder) / name).is_file():
            yield Path(folder) / name
    collections = [
        Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        home / ".asdf" / "installs" / "python",
        home / ".local" / "share" / "mise" / "installs" / "python",
    ]
    for collection in collections:
        found = [Path(item) for item in glob.glob(str(collection / (version + ".*") / "bin" / name))]
        yield from sorted(found, key=lambda item: _patch(item.parent.parent.name), reverse=True)
    for folder in (
        "/usr/bin",
        "/usr/local/bin",
        "/opt/homebrew/opt/python@%s/bin" % version,
        "/usr/local/opt/python@%s/bin" % version,
        "/Library/Frameworks/Python.framework/Versions/%s/bin" % version,
    ):
        if (Path(folder) / name).is_file():
            yield Path(folder) / name


def _patch(name: str) -> int:
    last = name.rsplit(".", 1)[-1]
    return int(last) if last.isdigit() else -1


def works_as(python: Path, version: str, environ: Mapping[str, str]) -> bool:
    """Whether `python` starts, is of `version`, has 64 bits and the modules that we need."""
    try:
        result = subprocess.run(
            [str(python), "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=30,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and result.stdout.split() == [version, "8"]


def find_python(versions: Sequence[str], environ: Mapping[str, str]) -> Optional[Path]:
    """The first working Python of the first version that this machine has; None when it has none of them."""
    for version in versions:
        tried = set()
        for path in candidates(version, environ):
            real = path.resolve()
            if real in tried:
                continue
            tried.add(real)
            if works_as(path, version, environ):
                return path
    return None
