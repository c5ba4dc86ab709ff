"""The measurements of one subject: at a pace, as fast as it can, over one long conversation, over many conversations."""

from __future__ import annotations

import statistics
import time
from typing import Any

import aiohttp

from benchmarks.load import as_fast_as_it_can, at_a_pace
from benchmarks.subjects import Dialogue, Subject

PACES = (5, 20, 50, 100)
"""Messages a second."""

SENDERS = 16
"""Women who write at once where it is measured how much goes through."""

PATIENCE = 20.0
"""Seconds after the last message of a pace that answers are waited for."""

SAME = ("en", "how many hours may my employer make me work in a day")
"""Language and text of the message that a long conversation consists of."""

FRESH, EARLY, LATE = 5, 10, 50
"""Conversations whose first messages are measured, how many of each, and how many around the last of the long one."""


async def under_load(subject: Subject, seconds: float) -> dict[str, Any]:
    """Latencies at each pace, answers a second, processor time, memory.

    {"at": {pace: {"p50", "p95", "p99", "lost"} or None}, "per_second", "cpu" (ms a message), "memory" (MB)}. A pace is None
    when the one before was more than the subject could do.
    """
    found: dict[str, Any] = {"at": {}}
    async with subject.open() as send:
        await as_fast_as_it_can(send, SENDERS, min(3.0, seconds))  # caches and connections
        overloaded = False
        for pace in PACES:
            if overloaded:
                found["at"][pace] = None
                continue
            outcome = await at_a_pace(send, pace, seconds, PATIENCE)
            found["at"][pace] = {f"p{n}": outcome.share(n) for n in (50, 95, 99)} | {"lost": outcome.lost}
            overloaded = bool(outcome.lost) or outcome.share(50) > 2000
        before = sum(family.cpu() for family in subject.families)
        outcome = await as_fast_as_it_can(send, SENDERS, seconds)
        spent = sum(family.cpu() for family in subject.families) - before
    found["per_second"] = outcome.per_second
    found["cpu"] = spent * 1000 / max(1, len(outcome.seconds))
    found["memory"] = sum(family.memory() for family in subject.families)
    found["start"] = max(server.seconds_to_start for server in subject.servers)
    return found


async def long_conversation(subject: Dialogue, length: int) -> dict[str, float]:
    """What message 5 of a conversation costs, and message `length`: {"early", "late", "early_cpu", "late_cpu"}.

    Median milliseconds of waiting, and mean milliseconds of processor time, of the first messages of some conversations and
    of those around message `length` of one.
    """
    async with aiohttp.ClientSession() as session:

        async def one(sender: str) -> float:
            start = time.perf_counter()
            await subject.ask(session, sender, SAME)
            return (time.perf_counter() - start) * 1000

        def spent() -> float:
            return sum(family.cpu() for family in subject.families) * 1000

        for _ in range(EARLY):
            await one("bench-warm")
        before = spent()
        early = [await one(f"bench-early-{number}") for number in range(FRESH) for _ in range(EARLY)]
        early_cpu = (spent() - before) / len(early)
        for _ in range(max(0, length - LATE // 2)):
            await one("bench-long")
        before = spent()
        late = [await one("bench-long") for _ in range(LATE)]
        late_cpu = (spent() - before) / len(late)
    return {
        "early": statistics.median(early), "late": statistics.median(late), "early_cpu": early_cpu, "late_cpu": late_cpu
    }  # fmt: skip


async def growth(subject: Dialogue, conversations: int) -> list[tuple[int, float]]:
    """Megabytes of the Rasa server after so many conversations of one message: [(conversations, MB), ...]."""
    rasa, steps = subject.servers[-1].family, 10
    found = []
    async with subject.open() as send:
        await as_fast_as_it_can(send, SENDERS, 2.0)
        found.append((0, rasa.memory()))
        done = 0
        while done < conversations:
            outcome = await as_fast_as_it_can(send, SENDERS, 2.0)
            done += len(outcome.seconds) + outcome.lost
            if done >= conversations * len(found) / steps:
                found.append((done, rasa.memory()))
    return found


async def profiled(subject: Dialogue, seconds: float) -> int:
    """Keep a profiled server busy; returns how many messages it has had."""
    async with subject.open() as send:
        outcome = await as_fast_as_it_can(send, 4, seconds)
    return len(outcome.seconds) + outcome.lost
