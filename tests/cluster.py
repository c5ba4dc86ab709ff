"""An installation on several machines, from plain processes on this one: PostgreSQL, replicas, dialogue models, a balancer.

To try things out:  .venv/bin/python -m tests.cluster --replicas 2 --rasa 2    (PostgreSQL from Debian's package)
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import httpx

from tests.end_to_end.running import ROOT, Running, free_port
from tests.standins.balancer import Balancer
from tests.standins.postgres import Postgres


class Cluster:
    """All of it, started when entered and gone afterwards. folder: for homes and logs. settings: further environment."""

    def __init__(self, folder: Path, replicas: int, rasa: int, settings: Mapping[str, str]) -> None:
        self._stack = ExitStack()
        self._folder, self._settings, self._replicas = folder, dict(settings), replicas
        self._rasa_ports = [free_port() for _ in range(rasa)]
        self.services: list[Running] = []
        self.rasas: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Cluster:
        with self._stack as stack:
            postgres = stack.enter_context(Postgres())
            self.balancer = stack.enter_context(Balancer([]))
            shared = {
                **self._settings,
                "KASAMA_DATABASE_URL": postgres.database(),
                "KASAMA_SECRET_KEY": "a key for trials on one machine only",
                "KASAMA_INTERNAL_TOKEN": "trials" * 6,
                "KASAMA_SERVICE_URL": self.balancer.url,
                "KASAMA_RASA_URL": ",".join(f"http://127.0.0.1:{port}" for port in self._rasa_ports),
            }
            self.services = [Running(self._folder / f"service-{n}", shared) for n in range(self._replicas)]
            self.balancer.ports[:] = [service.port for service in self.services]
            for number, port in enumerate(self._rasa_ports):
                self.rasas.append(self._start_rasa(number, port))
                stack.callback(_end, self.rasas[-1])
            for service in self.services:
                stack.callback(service.stop)
                service.start(model=False, seconds=240)
            self._wait(180)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _start_rasa(self, number: int, port: int) -> subprocess.Popen[bytes]:
        with (self._folder / f"rasa-{number}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "rasa", "--port", str(port)],
                cwd=ROOT,
                env=self.services[0].environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait(self, seconds: float) -> None:
        """Until every dialogue model answers."""
        end = time.monotonic() + seconds
        for number, port in enumerate(self._rasa_ports):
            while True:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                log = self._folder / f"rasa-{number}.log"
                assert time.monotonic() < end, f"a dialogue model did not start:\n{log.read_text()[-2000:]}"
                time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    """Run one until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--rasa", type=int, default=2)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kasama-cluster-") as folder,
        Cluster(Path(folder), options.replicas, options.rasa, {}) as cluster,
    ):
        print(f"Balancer: {cluster.balancer.url}/try, replicas: {[s.url for s in cluster.services]}, logs: {folder}")
        print("Ctrl-C ends it and throws everything away.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print("Ending.")


if __name__ == "__main__":
    main()
