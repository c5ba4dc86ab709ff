"""Who writes first: danger, then what comes in, then the rest."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.turns import Rank, Turns


async def test_danger_goes_first_and_equals_in_order() -> None:
    turns, done = Turns(), []

    async def write(rank: Rank, name: str) -> None:
        async with turns.turn(rank):
            done.append(name)
            await asyncio.sleep(0)

    async with turns.turn(Rank.OTHER):
        waiting = [
            asyncio.create_task(write(rank, name))
            for rank, name in [
                (Rank.OTHER, "answer"),
                (Rank.INBOUND, "in 1"),
                (Rank.INBOUND, "in 2"),
                (Rank.DANGER, "danger"),
                (Rank.OTHER, "answer 2"),
            ]
        ]
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    assert done == ["danger", "in 1", "in 2", "answer", "answer 2"]


async def test_who_gives_up_keeps_nobody_waiting() -> None:
    turns = Turns()

    async def write() -> None:
        async with turns.turn(Rank.INBOUND):
            pass

    async with turns.turn(Rank.OTHER):
        first, second = asyncio.create_task(write()), asyncio.create_task(write())
        await asyncio.sleep(0.01)
        first.cancel()
    first_too_late = asyncio.create_task(write())
    await asyncio.wait_for(asyncio.gather(second, first_too_late), 2)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_cancelled_in_the_moment_of_its_turn() -> None:
    turns = Turns()

    async def write() -> None:
        async with turns.turn(Rank.INBOUND):
            await asyncio.sleep(0)

    held = turns.turn(Rank.OTHER)
    await held.__aenter__()
    first, second = asyncio.create_task(write()), asyncio.create_task(write())
    await asyncio.sleep(0.01)
    await held.__aexit__(None, None, None)  # the turn is the first one's now, and it has not run yet
    first.cancel()
    await asyncio.wait_for(second, 2)
