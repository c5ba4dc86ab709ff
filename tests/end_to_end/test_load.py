"""Messages arrive at a steady pace, whatever the answers take: none is lost, none doubled, and how long the provider waits.

`KASAMA_TEST_LOAD=50 KASAMA_TEST_LOAD_SECONDS=60` for the full measurement, which asserts its bar too; short by default, when
only what is lost or doubled counts.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter

import httpx
import pytest

from tests.end_to_end.conftest import Stage
from tests.end_to_end.running import wait_for

RATE = float(os.environ.get("KASAMA_TEST_LOAD", "20"))
SECONDS = float(os.environ.get("KASAMA_TEST_LOAD_SECONDS", "5"))
P99 = 0.060
"""Seconds that a provider waits for its 2xx, at most, in 99 of 100 calls."""


async def bring(stage: Stage, senders: list[str], pace: float) -> list[tuple[int, float]]:
    """Status and seconds of each call. A call starts when its time has come, even while earlier ones wait."""
    url = stage.service.url + "/webhooks/twilio/sms"
    calls = [
        stage.twilio.signed(
            url, stage.twilio.inbound(sender, "how many hours may I work?", f"SM{n:08x}{os.getpid():024x}")
        )
        for n, sender in enumerate(senders)
    ]
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=None)) as client:

        async def one(body: bytes, headers: dict[str, str]) -> tuple[int, float]:
            start = time.perf_counter()
            response = await client.post(url, content=body, headers=headers)
            return response.status_code, time.perf_counter() - start

        start, tasks = time.perf_counter(), []
        for n, (body, headers) in enumerate(calls):
            await asyncio.sleep(max(0.0, start + n / pace - time.perf_counter()))
            tasks.append(asyncio.create_task(one(body, headers)))
        return await asyncio.gather(*tasks)


def test_a_steady_pace(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    senders = [f"+85254{n:06}" for n in range(int(RATE * SECONDS))]
    start = time.monotonic()
    answers = asyncio.run(bring(stage, senders, RATE))
    arriving = time.monotonic() - start
    waited = sorted(seconds for _, seconds in answers)
    share = {p: waited[min(len(waited) - 1, int(len(waited) * p / 100))] * 1000 for p in (50, 95, 99)}
    to_her = lambda: Counter(m["to"] for m in stage.twilio.messages if m["to"].startswith("+85254"))  # noqa: E731
    answered = wait_for(lambda: len(to_her()) == len(senders), 60 + len(senders) / 5)
    with capsys.disabled():
        print(
            f"\n{len(senders)} messages at {RATE:g} a second, {arriving:.1f} s: p50 {share[50]:.0f} ms, p95 {share[95]:.0f} ms, "
            f"p99 {share[99]:.0f} ms, longest {waited[-1] * 1000:.0f} ms; all answered after {time.monotonic() - start:.1f} s"
        )
    assert {status for status, _ in answers} == {200}
    assert answered, f"{len(senders) - len(to_her())} of {len(senders)} were not answered"
    time.sleep(1)
    assert {sender: n for sender, n in to_her().items() if n != 1} == {}
    if RATE >= 50 and SECONDS >= 60:
        assert share[99] <= P99 * 1000
