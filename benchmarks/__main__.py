"""`make bench`: stock Rasa, our dialogue server and the whole service, side by side in one run.

BENCH_SECONDS: of one measurement, 8 by default. BENCH_ONLY: `rasa` or `service`. BENCH_LENGTH: messages of the long
conversation, 500. BENCH_CONVERSATIONS: for the growth of memory, 5000. BENCH_WRITE=0 prints and leaves BENCHMARKS.md alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import measuring, profiling, tables
from benchmarks.processes import ROOT, Family, Server, action_server, rasa_server, service
from benchmarks.subjects import Dialogue, Provider, Subject, WholeService, describe, settings, stock_model
from bot.benchmarks import write
from tests.standins.postgres import Postgres

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
ONLY = os.environ.get("BENCH_ONLY", "")
LENGTH = int(os.environ.get("BENCH_LENGTH", "500"))
CONVERSATIONS = int(os.environ.get("BENCH_CONVERSATIONS", "5000"))

STOCK, OURS = "stock Rasa", "our dialogue server"
SECTION = "dialogue server and service"


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Servers, started, and ended whatever happens."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


@contextlib.contextmanager
def dialogue(name: str, folder: Path, profile: Path | None = None) -> Iterator[Dialogue]:
    """Rasa with the action server of rasa_sdk: as it comes, or ours."""
    stock, actions = name == STOCK, action_server()
    speedups = "none" if stock else "all"
    rasa = rasa_server(
        name, stock_model(), f"{actions.url}/webhook", speedups=speedups, stock=stock, folder=folder, profile=profile
    )
    with running(actions, rasa):
        yield Dialogue(name, rasa, [actions])


@contextlib.contextmanager
def on_sqlite(name: str, folder: Path) -> Iterator[WholeService]:
    """One service with its own Rasa, as `make run` has it."""
    with Provider() as provider:
        server = service(folder / "sqlite", settings(provider))
        with running(server):
            yield WholeService(name, [server], provider)


def on_postgres(replicas: int) -> Callable[[str, Path], contextlib.AbstractContextManager[WholeService]]:
    """So many services, each with its own Rasa, on one PostgreSQL."""

    @contextlib.contextmanager
    def made(name: str, folder: Path) -> Iterator[WholeService]:
        with Provider() as provider, Postgres() as postgres:
            given = settings(provider, KASAMA_DATABASE_URL=postgres.database())
            servers = [service(folder / f"postgres-{replicas}-{n}", given) for n in range(replicas)]
            with running(*servers):
                master = Path(postgres._folder, "data", "postmaster.pid").read_text().split()[0]
                yield WholeService(name, servers, provider, [Family(int(master))])

    return made


SUBJECTS: dict[str, Callable[[str, Path], contextlib.AbstractContextManager[Subject]]] = {
    STOCK: dialogue,
    OURS: dialogue,
    "service on SQLite": on_sqlite,
    "service on PostgreSQL": on_postgres(1),
    "2 services, 2 Rasa on PostgreSQL": on_postgres(2),
}


def profiles(folder: Path) -> str:
    """The table of where the time of a message goes, stock and ours."""
    found = {}
    for name in (STOCK, OURS):
        say(f"{name}: profile")
        with dialogue(name, folder, folder / "profile") as subject:
            outcome = asyncio.run(measuring.profiled(subject, SECONDS))
        found[name] = profiling.parts(folder / "profile", outcome)
    return profiling.markdown(found[STOCK], found[OURS])


def main() -> int:
    """Measure, print, and write BENCHMARKS.md; 1 when something could not be measured."""
    results: dict[str, dict[str, Any]] = {}
    lengths: dict[str, dict[str, Any]] = {}
    grown: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, made in SUBJECTS.items():
            if ONLY and (ONLY == "rasa") != (made is dialogue):
                continue
            say(f"{name}: starting")
            try:
                with made(name, Path(folder)) as subject:
                    say(f"{name}: under load")
                    results[name] = asyncio.run(measuring.under_load(subject, SECONDS))
                    say(f"{name}: {results[name]}")
                    if isinstance(subject, Dialogue):
                        say(f"{name}: one conversation of {LENGTH} messages")
                        lengths[name] = {**asyncio.run(measuring.long_conversation(subject, LENGTH)), "length": LENGTH}
                        say(f"{name}: {lengths[name]}")
                    if isinstance(subject, Dialogue) and name == OURS:
                        say(f"{name}: {CONVERSATIONS} conversations")
                        grown[name] = {"steps": asyncio.run(measuring.growth(subject, CONVERSATIONS))}
            except Exception as error:  # what cannot be measured here is told, and the rest is measured
                say(f"{name}: {error}")
                kind = results if name not in results else lengths if name not in lengths else grown
                kind[name] = describe(error)
        text = tables.markdown(results, lengths, grown, SECONDS)
        if ONLY != "service":
            try:
                text += "\n\n" + profiles(Path(folder))
            except Exception as error:
                results["the profiles"] = describe(error)
                say(f"the profiles: {error}")
    print(text)
    if os.environ.get("BENCH_WRITE", "1") != "0":
        tables.draw(ROOT, results)
        write(ROOT, SECTION, text)
    return int(any("failed" in found for kind in (results, lengths, grown) for found in kind.values()))


if __name__ == "__main__":
    sys.exit(main())
