"""Brings messages and notes how long each waits for its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

Send = Callable[[], Awaitable[bool]]
"""Sends one message and waits for its answer; whether it came."""


@dataclass(slots=True)
class Outcome:
    """seconds: that each answered message waited. lost: how many had no answer. elapsed: seconds of the whole."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0
    elapsed: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    def share(self, percent: float) -> float:
        """Milliseconds within which `percent` of the answers came."""
        found = sorted(self.seconds)
        return found[min(len(found) - 1, int(len(found) * percent / 100))] * 1000 if found else float("inf")


async def as_fast_as_it_can(send: Send, senders: int, seconds: float) -> Outcome:
    """So many women write, each again as soon as she has her answer."""
    outcome, start = Outcome(), time.perf_counter()

    async def one() -> None:
        while time.perf_counter() - start < seconds:
            await _note(send, outcome, time.perf_counter())

    await asyncio.gather(*(one() for _ in range(senders)))
    outcome.elapsed = time.perf_counter() - start
    return outcome


async def at_a_pace(send: Send, pace: float, seconds: float, patience: float) -> Outcome:
    """So many messages a second, whether earlier ones are answered or not; waiting counts from when a message was due.

    patience: seconds after the last message that answers are waited for.
    """
    outcome, start, tasks = Outcome(), time.perf_counter(), []
    for number in range(max(5, int(pace * seconds))):
        due = start + number / pace
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_note(send, outcome, due)))
    _, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        task.cancel()
    outcome.lost += len(late)
    outcome.elapsed = time.perf_counter() - start
    return outcome


async def _note(send: Send, outcome: Outcome, due: float) -> None:
    try:
        answered = await send()
    except (OSError, TimeoutError, aiohttp.ClientError):
        answered = False
    if answered:
        outcome.seconds.append(time.perf_counter() - due)
    else:
        outcome.lost += 1
