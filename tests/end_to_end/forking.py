"""Starts the real service again and again by forking, so that a start takes a moment: content, lexicons and the language model,
which take seconds of computing, are read once. Each is a process of its own with its own web server, database and outbox.

Run as a program: for each line on standard input it starts a service and writes its pid.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.end_to_end.running import ROOT, Running


class Forking(Running):
    """See `Running`; `start` and `kill` are quick, and the service may be started while it is looked at."""

    def __init__(self, home: Path, settings: dict[str, str], log: Path) -> None:
        super().__init__(home, settings)
        self.log, self.pid = log, 0
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.forking"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
            text=True,
        )

    def fork(self) -> None:
        """Start a service; returns when its process is there."""
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.write("start\n")
        self._parent.stdin.flush()
        self.pid = int(self._parent.stdout.readline())

    def alive(self) -> bool:
        """Whether its process is there."""
        return bool(self.pid) and Path(f"/proc/{self.pid}").exists()

    def answers(self) -> bool:
        """Whether it takes messages."""
        try:
            return self.client.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As a power cut would."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it and what starts it."""
        self.kill()
        self._parent.kill()
        self._parent.communicate()


def main() -> None:
    """See the module."""
    from bot import service
    from bot.logs import configure_logs
    from bot.service_errors import ListenError
    from bot.settings import load_settings

    settings = load_settings()
    once: Any = functools.cache
    for name in ("Knowledge", "Safety", "ensure_model"):
        setattr(service, name, _once(getattr(service, name)))
    service.LanguageModel.load = once(service.LanguageModel.load)  # type: ignore[method-assign]
    knowledge = service.Knowledge(settings.content)
    service.Safety(settings.content / "safety")
    service.LanguageModel.load(service.language_path(service.ensure_model(service.ROOT, settings.home, print)))
    assert knowledge.languages
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for _ in sys.stdin:
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        configure_logs(stream=sys.stderr, json=True)
        try:
            asyncio.run(service.Service(settings).run())
        except ListenError:
            os._exit(1)
        finally:
            os._exit(0)


def _once(make: Any) -> Any:
    """The same thing each time, whatever it is asked for with."""
    made: list[Any] = []

    def again(*arguments: Any) -> Any:
        if not made:
            made.append(make(*arguments))
        return made[0]

    return again


if __name__ == "__main__":
    main()
