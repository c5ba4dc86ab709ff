"""What `/readyz` says, in words: `problems` that a balancer should know of, `warnings` that a person should look at."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.cases import drills
from bot.editing.coverage import ages
from bot.metrics import Backlog
from channels import TellsTrouble

if TYPE_CHECKING:
    from bot.service import Service

OLDEST = {"urgent": 2, "ordinary": 15}
"""Minutes that a message may wait in the outbox before somebody is told: a call for help, and everything else."""

UNANSWERED = 15
"""Minutes that a message may wait for its answer before somebody is told."""

DISK = 0.05
"""Free part of the disk below which somebody is told."""


async def readiness(service: Service) -> dict[str, Any]:
    """The answer of `/readyz`. Only `problems` make it unready: a replica whose outbox is stuck can still take messages."""
    problems = await _problems(service)
    # Broken content is told here and does not end the service: the last good version answers.
    content = [str(problem) for problem in (*service.mind.knowledge.problems, *service.mind.safety.problems)]
    return {
        "ready": not problems,
        "problems": problems,
        "warnings": warnings(await _backlog(service), service.settings.home) + _trouble(service),
        "content": content,
        "reviews": ages(service.mind.knowledge, date.today()),
        "drills": await _drills_due(service),
    }


async def figures(service: Service) -> None:
    """Look up what `/metrics` tells of the database, the content and the disk."""
    metrics.show(await _backlog(service), ages(service.mind.knowledge, date.today()), service.settings.home)


def warnings(waiting: Backlog | None, home: Path) -> list[str]:
    """What waits longer than it should, and whether the disk is nearly full."""
    told = []
    for urgency, (number, age) in waiting.outbox.items() if waiting else ():
        if age > OLDEST[urgency] * 60:
            kind = "calls for help and replies to them" if urgency == "urgent" else "messages"
            told.append(
                f"{number} {kind} are not sent, the oldest for {age / 60:.0f} minutes; `kasama status` and the log say why"
            )
    if waiting and waiting.inbound[1] > UNANSWERED * 60:
        number, age = waiting.inbound
        told.append(
            f"{number} messages are not answered, the oldest for {age / 60:.0f} minutes; does the model answer?"
        )
    if (free := metrics.disk_free(home)) < DISK:
        told.append(
            f"the disk of KASAMA_HOME is nearly full: {free:.1%} is free; when it is full no message can be taken in"
        )
    return told


def _trouble(service: Service) -> list[str]:
    """What channels say of themselves."""
    said = (channel.trouble() for channel in service.channels.values() if isinstance(channel, TellsTrouble))
    return [trouble for trouble in said if trouble]


async def _backlog(service: Service) -> Backlog | None:
    if service.world is None:
        return None
    try:
        return await metrics.backlog(service.world.database)
    except Exception:  # told by `_problems`
        return None


async def _drills_due(service: Service) -> list[str]:
    """Partners that have not passed a drill lately; that does not make the service unready."""
    if service.world is None:
        return []
    try:
        async with service.world.database.read() as session:
            return await drills.overdue(session, service.world.cases.directory)
    except SQLAlchemyError:  # told by `_problems`
        return []


async def _problems(service: Service) -> list[str]:
    problems = []
    for world in service.worlds:
        try:
            async with world.database.read() as session:
                await session.execute(text("SELECT 1"))
        except Exception as error:  # any failure of the database is the same to a balancer
            problems.append(f"the database of the {world.name} world does not answer: {type(error).__name__}")
    if not await service.mind.dialogue.ready():
        problems.append("the dialogue model does not answer; questions wait for it, calls for help do not")
    return problems
