"""The measurements count what they say they count, and leave nothing running."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from benchmarks import profiling, tables
from benchmarks.__main__ import OURS, STOCK, running
from benchmarks.load import Outcome, as_fast_as_it_can, at_a_pace
from benchmarks.measuring import long_conversation
from benchmarks.processes import Server, ServerError, free_port
from benchmarks.subjects import Provider, questions, settings


def web(port: int, *command: str) -> Server:
    return Server("a server", command or [sys.executable, "-m", "http.server", str(port)], port, dict(os.environ), "/")


def test_servers_are_ended_also_when_one_does_not_start() -> None:
    good = web(free_port())
    bad = web(free_port(), sys.executable, "-c", "raise SystemExit('no such model')")
    with pytest.raises(ServerError, match="no such model"), running(good, bad):
        raise AssertionError("they did not all start")
    with pytest.raises(httpx.ConnectError):
        httpx.get(good.url, trust_env=False)


def test_what_a_server_takes_of_the_machine() -> None:
    server = web(free_port())
    with running(server):
        assert server.seconds_to_start > 0
        before = server.family.cpu()
        for _ in range(30):
            httpx.get(server.url, trust_env=False)
        assert server.family.cpu() >= before > 0
        assert server.family.memory() > 1


async def test_a_wait_counts_from_when_the_message_was_due() -> None:
    async def one_after_the_other() -> bool:
        async with lock:
            await asyncio.sleep(0.02)
        return True

    lock = asyncio.Lock()
    outcome = await at_a_pace(one_after_the_other, 200, 0.1, 10)
    assert len(outcome.seconds) == 20
    assert outcome.lost == 0
    assert outcome.share(99) > outcome.share(50) > 20  # each waits for all before it


async def test_what_is_not_answered_in_time_is_lost() -> None:
    async def never() -> bool:
        await asyncio.sleep(60)
        return True

    async def broken() -> bool:
        raise ConnectionResetError

    assert (await at_a_pace(never, 50, 0.1, 0.05)).lost == 5
    outcome = await at_a_pace(broken, 50, 0.1, 0.05)
    assert (outcome.lost, outcome.seconds, outcome.share(50)) == (5, [], float("inf"))


async def test_each_sender_waits_for_her_answer() -> None:
    busy, most = 0, 0

    async def send() -> bool:
        nonlocal busy, most
        busy, most = busy + 1, max(most, busy + 1)
        await asyncio.sleep(0.005)
        busy -= 1
        return True

    outcome = await as_fast_as_it_can(send, 3, 0.1)
    assert most == 3
    assert outcome.per_second == pytest.approx(len(outcome.seconds) / outcome.elapsed)


async def test_an_answer_is_noticed_when_the_provider_has_it() -> None:
    with Provider() as provider:
        path = f"{provider.url}/2010-04-01/Accounts/{provider.account_sid}/Messages.json"
        form = {"To": "+85251000000", "From": provider.number, "Body": "text"}
        with provider.expecting("+85251000000") as answered:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(path, data=form, auth=(provider.account_sid, "wrong"))
                assert not answered.is_set()
                await client.post(path, data=form, auth=(provider.account_sid, provider.auth_token))
            await asyncio.wait_for(answered.wait(), 5)
        assert settings(provider)["TWILIO_API_URL"] == provider.url


async def test_a_conversation_that_gets_slower_is_told() -> None:
    class Slower:
        families: ClassVar[list[Any]] = []
        had: ClassVar[Counter[str]] = Counter()

        async def ask(self, _session: Any, sender: str, _question: Any) -> bool:
            self.had[sender] += 1
            await asyncio.sleep(0.0002 * self.had[sender])
            return True

    subject = Slower()
    found = await long_conversation(subject, 100)  # type: ignore[arg-type]
    assert subject.had["bench-long"] == 125
    assert found["late"] > 3 * found["early"]


def test_the_questions_are_of_all_languages_and_always_the_same() -> None:
    assert questions() == questions()
    assert len({language for language, _ in questions()[:200]}) > 10


def test_tables_and_pictures(tmp_path: Path) -> None:
    at = {5: {"p50": 40, "p95": 50, "p99": 60, "lost": 0}, 20: {"p50": 900, "p95": 2000, "p99": 3000, "lost": 2}}
    stock = {"at": {**at, 50: None, 100: None}, "per_second": 20, "cpu": 40, "memory": 800, "start": 15}
    ours = {**stock, "per_second": 100}
    results = {STOCK: stock, OURS: ours, "service": {"failed": "it did not start"}}
    length = {"early": 40, "late": 80, "early_cpu": 30, "late_cpu": 60, "length": 500}
    text = tables.markdown(results, {STOCK: length}, {OURS: {"steps": [(0, 200.0), (100, 202.0)]}}, 8)
    assert "| our dialogue server | 100.0 | 5.0 x |" in text
    assert "900 / 2000 / 3000, 2 not in time | too much" in text
    assert "2.00 x" in text
    assert "(+1.0%)" in text
    assert "Not measured in this run: service: it did not start" in text
    (tmp_path / "docs").mkdir()
    tables.draw(tmp_path, results)
    for picture in (tables.LATENCY, tables.THROUGHPUT):
        drawn = (tmp_path / picture).read_text("utf-8")
        assert OURS in drawn
        assert "//kozea" not in drawn, "pictures load nothing from elsewhere"


def test_a_profile_counts_the_outermost_function(tmp_path: Path) -> None:
    import cProfile

    folder = tmp_path / "rasa_speed"
    folder.mkdir()
    (folder / "rules.py").write_text("def predict():\n    return sum(range(100_000))\n")
    sys.path.insert(0, str(folder))
    try:
        import rules  # type: ignore[import-not-found]

        profile = cProfile.Profile()
        profile.runcall(rules.predict)
        profile.dump_stats(tmp_path / "profile")
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("rules", None)
    found = profiling.parts(tmp_path / "profile", 1)
    assert found.keys() == {"predicting what comes next"}
    assert "| predicting what comes next |" in profiling.markdown(found, found)


def test_no_answer_has_no_rate() -> None:
    assert Outcome().per_second == 0.0
