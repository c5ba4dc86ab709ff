"""The ladder as a plan: whom a case goes to, by which ways, one after the other. Pure; `bot.cases.ladder` works it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cases.actors import OPERATOR
from bot.cases.directory import Directory, Way

REQUEST_PATIENCE = timedelta(hours=24)
"""After that the operator is reminded of a request that nobody has taken; there is no danger in it."""

REQUEST_REMINDERS = 3
REMINDERS = 40
"""How often the operator is told again, each time after twice the pause: some ten days with a promise of 15 minutes."""

LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step. name: unique within a plan. patience: how long to wait for an acknowledgement before the next."""

    name: str
    ways: tuple[Way, ...]
    patience: timedelta


def plan(directory: Directory, partners: Sequence[str], moment: datetime, *, request: bool = False) -> list[Rung]:
    """All rungs, in order. partners: those beside the operator that she agreed to."""
    promise = timedelta(minutes=directory.operator.promise_minutes)
    everybody = (OPERATOR,) if request else (OPERATOR, *partners)
    rungs = [rung for partner in everybody for rung in of_partner(directory, partner, moment)]
    if request:
        rungs = [Rung(rung.name, rung.ways, REQUEST_PATIENCE) for rung in rungs]
    elif len(everybody) > 1:
        ways = tuple(way for partner in everybody for way in directory.ways(partner))
        rungs.append(Rung("all: " + ",".join(everybody), ways, promise))
    operators = tuple(directory.ways(OPERATOR))
    if operators:
        pause = REQUEST_PATIENCE if request else promise
        for number in range(1, (REQUEST_REMINDERS if request else REMINDERS) + 1):
            pause = min(pause * 2, max(LONGEST_PAUSE, promise)) if number > 1 and not request else pause
            rungs.append(Rung(f"operator again: {number}", operators, pause))
    return [rung for rung in rungs if rung.ways]


def of_partner(directory: Directory, partner_id: str, moment: datetime) -> list[Rung]:
    """The rungs of one partner: the first inbox with those that belong to it, then the next, then people on duty.

    While it is closed, only ways that are for that too; the operator, without such a way, by all: its case must not wait.
    """
    partner = directory.partner(partner_id)
    if partner is None:
        return []
    ways = directory.ways(partner_id)
    if directory.closed_until(partner_id, moment) is not None:
        night = [way for way in ways if way.out_of_hours]
        ways = night or (ways if partner_id == OPERATOR else [])
    groups: list[list[Way]] = []
    for way in ways:
        if groups and way.at_once and groups[-1][-1].person == way.person:
            groups[-1].append(way)
        else:
            groups.append([way])
    patience = timedelta(minutes=partner.promise_minutes)
    return [Rung(f"{group[0].id}", tuple(group), patience) for group in groups]


def following(rungs: Sequence[Rung], done: Collection[str]) -> Rung | None:
    """The first rung that has not been done; None when all are."""
    return next((rung for rung in rungs if rung.name not in done), None)
