"""Servers that are measured, each a process of its own that is ended afterwards, and what they take of the machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from bot.rasa_environment import rasa_environment

ROOT = Path(__file__).resolve().parents[1]

STOCK_ENDPOINTS = "action_endpoint:\n  url: ${KASAMA_ACTIONS_URL}\n"
"""As Rasa's own documentation has it: actions over HTTP, conversations in memory."""


class ServerError(Exception):
    """A server did not start; the text is the end of what it wrote."""


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Family:
    """A process and all that it started. pid: of the process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(sum(map(int, stat[11:13])) for stat in map(_stat, self._all()) if stat) / ticks

    def memory(self) -> float:
        """Megabytes of memory, what they share counted once."""
        return sum(_memory(pid) for pid in self._all())

    def _all(self) -> list[int]:
        parents = {int(path.name): _stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
        family = [self._pid]
        for pid in family:
            family += [child for child, stat in parents.items() if stat and int(stat[1]) == pid]
        return family


class Server:
    """A process that answers HTTP.

    ready: path that answers 200 when it serves. url: where it listens.
    """

    def __init__(
        self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str], ready: str
    ) -> None:
        self.name, self.port, self.url = name, port, f"http://127.0.0.1:{port}"
        self._command, self._environment, self._ready = command, environment, ready
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the server
        self._process: subprocess.Popen[bytes] | None = None
        self.seconds_to_start = 0.0

    def start(self, seconds: float = 300) -> Server:
        """Start it and wait until it serves. Raises `ServerError`."""
        began = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,  # Rasa's process ends when this pipe closes
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        while time.monotonic() - began < seconds:
            if self._process.poll() is not None:
                raise ServerError(f"{self.name} ended at once:\n{self._tail()}")
            with suppress(httpx.HTTPError):
                if httpx.get(self.url + self._ready, timeout=2, trust_env=False).status_code == 200:
                    self.seconds_to_start = time.monotonic() - began
                    return self
            time.sleep(0.05)
        self.stop()
        raise ServerError(f"{self.name} did not get ready in {seconds:g} s:\n{self._tail()}")

    def stop(self) -> None:
        """End it and all that it started."""
        if self._process is None:
            return
        for sign, seconds in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)):
            if self._process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, sign)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()

    @property
    def family(self) -> Family:
        """The process with its children."""
        assert self._process is not None
        return Family(self._process.pid)

    def _tail(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from the state on: 0 state, 1 parent, 11 user ticks, 12 system ticks; none when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _memory(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def action_server() -> Server:
    """Our actions behind rasa_sdk's own server."""
    port = free_port()
    command = [str(ROOT / ".venv/bin/python"), "-m", "benchmarks.action_server", str(port)]
    return Server("the action server of rasa_sdk", command, port, dict(os.environ), "/health")


def rasa_server(
    name: str, model: Path, actions: str, *, speedups: str, stock: bool, folder: Path, profile: Path | None = None
) -> Server:
    """Rasa with our model. actions: address of the actions. stock: as Rasa comes, with its own memory of conversations.

    speedups: value of `KASAMA_RASA_SPEEDUPS`. folder: for files that it needs. profile: file to write a profile into at its end.
    """
    endpoints = ROOT / "endpoints.yml"
    if stock:
        endpoints = folder / "stock-endpoints.yml"
        endpoints.write_text(STOCK_ENDPOINTS)
    port, script = free_port(), "benchmarks/profiled_rasa.py" if profile else "bot/rasa_process.py"
    command = [
        str(ROOT / ".venv-rasa/bin/python"), str(ROOT / script), "run", "--interface", "127.0.0.1",
        "--port", str(port), "--model", str(model), "--endpoints", str(endpoints), "--credentials", "credentials.yml", "--quiet",
    ]  # fmt: skip
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    environment = {"KASAMA_ACTIONS_URL": actions, "LOG_LEVEL": "WARNING", "KASAMA_RASA_SPEEDUPS": speedups, **threads}
    if profile:
        environment["BENCH_PROFILE"] = str(profile)
    return Server(name, command, port, rasa_environment(environment), "/")


def service(home: Path, settings: Mapping[str, str]) -> Server:
    """The whole service, as `kasama run` starts it, in a home folder of its own. settings: environment variables."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(ROOT / "var" / "models")
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KASAMA_", "TWILIO_", "TELEGRAM_", "SMTP_"))}
    environment = {**kept, "KASAMA_HOME": str(home), "KASAMA_PORT": str(port), **settings}
    command = [str(ROOT / ".venv/bin/python"), "-m", "bot", "run", "--no-chat"]
    return Server("the service", command, port, environment, "/readyz")
