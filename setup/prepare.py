#!/usr/bin/env python3
"""Prepares both environments of this checkout. Runs on any Python >= 3.8 with nothing installed.

    python3 setup/prepare.py [--test] [--only service|dialogue]

Quick when nothing changed: each environment carries a stamp of what it was made from. An environment without a
stamp was interrupted or made by hand and is made anew; the download cache keeps that short.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Dict, List, Optional, Tuple

if sys.version_info < (3, 8):
    sys.exit(
        "Python 3.8 or newer is needed to set this up; this is %s. Install a current Python." % sys.version.split()[0]
    )

ROOT = Path(__file__).resolve().parent.parent
STAMP = "kasama-stamp.json"
SERVICE_PYTHONS = ("3.12", "3.13", "3.11", "3.14")
DIALOGUE_PYTHONS = ("3.10",)  # Rasa 3.6 runs on no newer one


class Environment:
    """One environment: where it is, which lock fills it and which Pythons it may have."""

    def __init__(self, root: Path, name: str, folder: str, lock: str, pythons: Tuple[str, ...]) -> None:
        self.root, self.name, self.folder, self.lock, self.pythons = root, name, root / folder, lock, pythons

    def wanted(self, lock: str) -> Dict[str, str]:
        """The stamp that a finished environment of `lock` has."""
        digest = hashlib.sha256()
        names = ["requirements/%s.txt" % lock, "requirements/build.txt"]
        if lock != "dialogue":
            names.append("pyproject.toml")  # holds the command that gets installed
        for name in names:
            digest.update((self.root / name).read_bytes())
        # The folder is in it because an environment cannot be moved: its programs name their place.
        return {"lock": lock, "digest": digest.hexdigest(), "folder": str(self.folder)}

    def stamp(self) -> Optional[Dict[str, str]]:
        """What the environment says that it was made from; None when it is absent, broken or unfinished."""
        try:
            found = json.loads((self.folder / STAMP).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        # A link to a Python that was since removed does not exist.
        return found if isinstance(found, dict) and (self.folder / "bin" / "python").exists() else None

    def target(self) -> str:
        """The lock to fill it from: once it has the tests' packages it keeps them."""
        found = self.stamp()
        return "test" if self.lock == "service" and found and found.get("lock") == "test" else self.lock

    def ready(self) -> bool:
        """Whether there is nothing to do."""
        return self.stamp() == self.wanted(self.target())


def environments(root: Path, with_tests: bool) -> List[Environment]:
    """Both environments of the checkout in `root`."""
    return [
        Environment(root, "service", ".venv", "test" if with_tests else "service", SERVICE_PYTHONS),
        Environment(root, "dialogue", ".venv-rasa", "dialogue", DIALOGUE_PYTHONS),
    ]


def prepare(environment: Environment, installer, say) -> None:
    """Bring one environment to its lock; raises `SetupFailure`."""
    lock, found = environment.target(), environment.stamp()
    wanted = environment.wanted(lock)
    path = environment.folder / STAMP
    # pip cannot remove what a lock no longer has; uv can, but not in an environment that is half made or was moved.
    if found is None or found.get("folder") != wanted["folder"] or not installer.uv:
        if environment.folder.exists():
            say("the environment is incomplete or was moved; making it anew")
        installer.create(environment.folder, environment.pythons, say)
    else:
        path.unlink()
    installer.fill(environment.folder, environment.root / "requirements" / (lock + ".txt"), say, environment.pythons)
    if environment.name == "service":
        installer.install_checkout(environment.folder, say)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(wanted), "utf-8")
    os.replace(str(temporary), str(path))
    say("ready")


def _one_at_a_time(root: Path, say):
    """Holds a lock for as long as the returned file is open, so that two set-ups do not undo each other."""
    import fcntl

    (root / ".tools").mkdir(exist_ok=True)
    held = open(str(root / ".tools" / "setup.lock"), "w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("waiting for another set-up of this checkout to finish")
        fcntl.flock(held, fcntl.LOCK_EX)
    return held


def main(arguments: Optional[List[str]] = None, root: Path = ROOT) -> int:
    """Prepare what is not ready; returns the exit code."""
    parser = argparse.ArgumentParser(description="Prepare the environments of this checkout.")
    parser.add_argument("--test", action="store_true", help="with the packages that the tests need")
    parser.add_argument("--only", choices=["service", "dialogue"], help="only this environment")
    options = parser.parse_args(arguments)

    def waiting() -> List[Environment]:
        every = environments(root, options.test)
        return [item for item in every if options.only in (None, item.name) and not item.ready()]

    if not waiting():
        return 0
    # Only now what costs time to load.
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from failures import SetupFailure, explain
    from installer import Installer, Progress, find_uv
    from pythons import clean_environment

    progress, environ = Progress(), clean_environment()
    problems: List[str] = []
    try:
        held = _one_at_a_time(root, progress.of("setup"))
        todo = waiting()
        installer = Installer(root, find_uv(root, environ, progress.of("setup")), environ)
    except (SetupFailure, OSError) as error:
        text = (
            str(error) if isinstance(error, SetupFailure) else explain(str(error), root=root, versions=SERVICE_PYTHONS)
        )
        sys.stderr.write("\n%s\n" % text)
        return 1

    def work(environment: Environment) -> None:
        try:
            prepare(environment, installer, progress.of(environment.name))
        except SetupFailure as error:
            problems.append("%s: %s" % (environment.name, error))
        except OSError as error:
            problems.append("%s: %s" % (environment.name, explain(str(error), root=root, versions=environment.pythons)))

    threads = [threading.Thread(target=work, args=(item,), daemon=True) for item in todo]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Run the same command again to go on.\n")
        return 130
    finally:
        held.close()
    for problem in problems:
        sys.stderr.write("\n%s\n" % problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
