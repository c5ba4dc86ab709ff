"""Makes an environment and fills it from a lock: with uv, else with venv and pip. Standard library only."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from failures import SetupFailure, explain, no_network, python_missing
from pythons import find_python

OLDEST_UV = (0, 5)
Say = Callable[[str], None]

# Of a tool's output only what shows that something moves.
_SHOWN = re.compile(r"^\s*(Downloading|Building|Prepared|Installed|Uninstalled|Collecting)\b")


def run(
    command: Sequence[str], environ: Dict[str, str], root: Path, say: Say, versions: Sequence[str] = ("3.12",)
) -> str:
    """Run a step, showing its progress; returns its output. Raises `SetupFailure` with a reason and what to do."""
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env=environ,
            cwd=str(root),
        )
    except OSError as error:
        raise SetupFailure(explain(str(error), root=root, versions=versions)) from None
    lines: List[str] = []
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.append(line)
            if _SHOWN.match(line):
                say(line.strip())
    if process.wait() != 0:
        output = "".join(lines)
        raise SetupFailure(explain(output, root=root, versions=versions), no_network(output))
    return "".join(lines)


def _uv_version(uv: str, environ: Dict[str, str]) -> Optional[tuple]:
    try:
        text = subprocess.run([uv, "--version"], capture_output=True, text=True, timeout=30, env=environ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"uv (\d+)\.(\d+)", text)
    return (int(match.group(1)), int(match.group(2))) if match else None


def find_uv(root: Path, environ: Dict[str, str], say: Say) -> Optional[str]:
    """Path of a usable uv: the machine's, the private one, or one that is installed now; None when none can be had."""
    private = root / ".tools" / "uv"
    for uv in (shutil.which("uv", path=environ.get("PATH")), str(private / "bin" / "uv")):
        version = _uv_version(uv, environ) if uv else None
        if uv and version and version >= OLDEST_UV:
            return uv
    say("installing uv for this project alone, in .tools/")
    lock = ["--quiet", "--no-deps", "--require-hashes", "-r", str(root / "requirements" / "uv.txt")]
    ways = [[sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--target", str(private), *lock]]
    other = find_python(("3.12", "3.13", "3.11", "3.10"), environ)
    if other and other.resolve() != Path(sys.executable).resolve():
        ways.append(
            [str(other), "-m", "pip", "install", "--disable-pip-version-check", "--target", str(private), *lock]
        )
    for command in ways:
        shutil.rmtree(str(private), ignore_errors=True)
        try:
            run(command, environ, root, say)
        except SetupFailure as failure:
            if failure.network:
                raise
            continue
        if _uv_version(str(private / "bin" / "uv"), environ):
            return str(private / "bin" / "uv")
    # A machine without pip may still be able to make an environment that has it.
    try:
        shutil.rmtree(str(private), ignore_errors=True)
        run([sys.executable, "-m", "venv", str(private)], environ, root, say)
        run([str(private / "bin" / "python"), "-m", "pip", "install", *lock], environ, root, say)
        return str(private / "bin" / "uv")
    except SetupFailure as failure:
        shutil.rmtree(str(private), ignore_errors=True)
        if failure.network:
            raise
        say("uv could not be had; going on with pip, which takes longer")
        return None


class Installer:
    """Makes environments of one checkout. `uv` is None where only pip is there."""

    def __init__(self, root: Path, uv: Optional[str], environ: Dict[str, str]) -> None:
        self.root, self.uv, self.environ = root, uv, environ

    def create(self, folder: Path, versions: Sequence[str], say: Say) -> None:
        """A new, empty environment in `folder` on the first of `versions` that can be had."""
        shutil.rmtree(str(folder), ignore_errors=True)
        if folder.exists():
            raise SetupFailure(
                "%s cannot be removed: is a program in it still running, or is it another user's? "
                "Stop it or delete the folder, then run the command again." % folder
            )
        python = find_python(versions, self.environ)
        if self.uv:
            wanted = str(python) if python else versions[0]
            say(
                "making the environment with "
                + ("Python " + self.version_of(python) if python else "Python %s, which uv downloads" % versions[0])
            )
            run(
                [self.uv, "venv", "--quiet", "--no-project", "--python", wanted, str(folder)],
                self.environ,
                self.root,
                say,
                versions,
            )
        elif python:
            say("making the environment with Python " + self.version_of(python))
            run([str(python), "-m", "venv", str(folder)], self.environ, self.root, say, versions)
        else:
            raise SetupFailure(python_missing(versions))

    def version_of(self, python: Path) -> str:
        """`3.12.1` for a Python's path."""
        command = [str(python), "-c", "import platform; print(platform.python_version())"]
        return subprocess.run(command, capture_output=True, text=True, env=self.environ).stdout.strip()

    def fill(self, folder: Path, lock: Path, say: Say, versions: Sequence[str]) -> None:
        """Exactly the packages of `lock` in `folder`; hashes are checked."""
        python = str(folder / "bin" / "python")
        say("installing the packages of " + lock.name)
        if self.uv:
            # `sync` takes the lock as it is; `install` would resolve it again and refuse the override of Rasa's regex.
            command = [
                self.uv,
                "pip",
                "sync",
                # As pip does. Where Python may not write into its own folder (a service's user, a container), it would else
                # compile every package at every start, for seconds.
                "--compile-bytecode",
                "--require-hashes",
                "--python",
                python,
                "--build-constraints",
                str(self.root / "requirements" / "build.txt"),
                str(lock),
            ]
        else:
            command = [
                python,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-deps",
                "--require-hashes",
                "-r",
                str(lock),
            ]
        run(command, self.environ, self.root, say, versions)

    def install_checkout(self, folder: Path, say: Say) -> None:
        """The checkout itself, editable, with its command. Needs no download: the build back end is in the lock."""
        python = str(folder / "bin" / "python")
        say("installing the checkout itself")
        if self.uv:
            command = [self.uv, "pip", "install", "--quiet", "--python", python]
        else:
            command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*command, "--no-deps", "--no-build-isolation", "--editable", str(self.root)], self.environ, self.root, say)


class Progress:
    """One short line per step, with the seconds since the start; several environments may speak at once."""

    def __init__(self, stream=None) -> None:
        self.stream = stream or sys.stderr
        self.start, self.lock = time.monotonic(), threading.Lock()

    def of(self, name: str) -> Say:
        """A function that says one line under `name`."""

        def say(text: str) -> None:
            with self.lock:
                self.stream.write("%6.1f s  %-9s %s\n" % (time.monotonic() - self.start, name, text))
                self.stream.flush()

        return say
