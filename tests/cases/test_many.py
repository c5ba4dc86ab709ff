"""Many cases on two replicas of which one dies in the middle: every step of every ladder is done, once.

`KASAMA_TEST_CASES=500` for the full measurement.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from bot import outbox
from bot.messages import Inbound
from bot.store.models import Case, Delivery, LadderStep
from bot.world import World
from tests.cases.town import OPERATOR_SMS, SOS, Town, until

CASES = int(os.environ.get("KASAMA_TEST_CASES", "40"))
PROMISE = 0.05
"""Minutes: 3 seconds."""

CASE = re.compile(r"\b\d{6}\b")
RUNGS = {"operator:0", "operator:1", "operator again: 1"}
"""What is waited for: told by mail, by SMS, and by both again."""


def die(world: World) -> None:
    """As a kill would: nothing is finished, nothing is handed over."""
    for task in [*world._jobs, *world.outbox._under_way, *world.conversation._tasks]:
        task.cancel()


def perhaps_twice() -> float:
    names = ("email", "sms")
    found = (REGISTRY.get_sample_value("kasama_possible_duplicates_total", {"channel": name}) for name in names)
    return sum(value or 0.0 for value in found)


def told(town: Town) -> list[int]:
    """How many cases the operator has by mail, then by SMS, then once more by each."""
    mails = [m.subject for m in town.channels["email"].to("duty@operator.example")]
    texts = town.channels["sms"].texts(OPERATOR_SMS)
    kinds = (mails, "Call"), (texts, "REPEAT 1:"), (mails, "REPEAT 2:"), (texts, "REPEAT 2:")
    return [len({CASE.findall(s)[0] for s in said if s.startswith(begins)}) for said, begins in kinds]


async def test_one_of_two_replicas_dies_among_many_cases(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What the dead one was sending is taken over when its time is over: not a minute here.
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=5))
    women = [f"+852917{n:05}" for n in range(CASES)]
    town, before, begun = Town(tmp_path, promise=PROMISE, database=database), perhaps_twice(), time.monotonic()
    async with town:
        other = town.replica()
        await other.start()
        try:
            for n, number in enumerate(women):
                if n == CASES // 2:
                    die(other)
                replica = other if n % 2 and n < CASES // 2 else town.world
                await replica.receive(Inbound("sms", number, SOS, f"many-{n}"))
            stored = time.monotonic() - begun

            async def done() -> Counter[tuple[int, str]]:
                steps = select(LadderStep).where(LadderStep.kind == "notify", LadderStep.state == "done")
                async with town.world.database.read() as session:
                    return Counter((s.case_id, s.rung) for s in (await session.execute(steps)).scalars())

            deadline = time.monotonic() + 60 + CASES
            while sum(rung in RUNGS for _, rung in await done()) < len(RUNGS) * CASES:
                assert time.monotonic() < deadline, f"steps are missing: {Counter(r for _, r in await done())}"
                await asyncio.sleep(0.5)
            async with town.world.database.read() as session:
                assert (await session.execute(select(func.count(Case.id)))).scalar_one() == CASES
                keys = list((await session.execute(select(Delivery.key))).scalars())
            assert set((await done()).values()) == {1} and len(keys) == len(set(keys))
            assert await until(lambda: min(told(town)) >= CASES, 30 + CASES / 5), (told(town), CASES)
        finally:
            await other.stop()
    sent = Counter((m.subject, m.text) for m in town.channels["email"].to("duty@operator.example"))
    sent += Counter(("", text) for text in town.channels["sms"].texts(OPERATOR_SMS))
    twice = sum(sent.values()) - len(sent)
    assert twice <= perhaps_twice() - before, "what comes twice is a marked repeat, or counted"
    with capsys.disabled():
        print(
            f"\n{CASES} cases on {database.split(':')[0]}, one of two replicas dead: stored in {stored:.1f} s, every step once, "
            f"{twice} told twice ({perhaps_twice() - before:g} counted), {time.monotonic() - begun:.1f} s in all"
        )
