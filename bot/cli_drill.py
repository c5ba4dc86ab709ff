"""`kasama drill` and `kasama status`: whether partners answer, and what waits."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import CaseRoom, drills
from bot.cases.drills import Result
from bot.cli_room import with_database, with_room
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, Delivery, now

app = typer.Typer(invoke_without_command=True)

LOOKS_EVERY = 1.0
"""Seconds between two looks at whether somebody has answered."""


@app.callback()
def drill(
    context: typer.Context,
    partner: Annotated[
        str | None, typer.Option(help="A name in content/partners; all that can be reached without it.")
    ] = None,
    minutes: Annotated[
        float, typer.Option(help="Wait so long for answers; `kasama drill status` shows later ones.")
    ] = 0,
) -> None:
    """Send a test case, marked as a drill, by the real ways, and tell how long partners take to acknowledge it."""
    if context.invoked_subcommand is not None:
        return
    from bot.service import RUN_FILE  # here, because it takes a second

    if not (load_settings().home / RUN_FILE).exists():
        print("No service runs here: the drill goes out when one does.", file=sys.stderr)
    missed: list[str] = []

    async def work(database: Database, room: CaseRoom, _vault: Vault) -> None:
        begun = []
        for partner_id in [partner] if partner else drills.reachable(room.directory):
            try:
                async with database.write() as session:
                    await drills.begin(session, room.directory, room.ladder, partner_id)
                begun.append(partner_id)
            except drills.DrillRefused as refused:
                print(refused, file=sys.stderr)
                missed.append(partner_id)
        found = await _wait(database, room, begun, timedelta(minutes=minutes)) if begun else []
        _show(found)
        missed.extend(result.partner_id for result in found if minutes and result.state != "passed")

    with_database(work)
    if missed:
        sys.exit(1)


@app.command("status")
def status() -> None:
    """The last drill of each partner, and which are due."""

    async def work(session: AsyncSession, room: CaseRoom, _vault: Vault) -> None:
        _show(await drills.results(session, room.directory))
        for sentence in await drills.overdue(session, room.directory):
            print(sentence)

    with_room(work)


def overview() -> None:
    """What an operator wants to know first."""

    async def work(session: AsyncSession, room: CaseRoom, _vault: Vault) -> None:
        cases = select(Case.state).where(Case.state != "closed", Case.drill_partner.is_(None))
        states = Counter((await session.execute(cases)).scalars())
        print(f"Cases that nobody has taken: {states['open'] + states['notified']}")
        print(f"Cases taken and not closed: {states['acknowledged'] + states['in_contact']}")
        sending = select(Delivery.state, func.count()).group_by(Delivery.state)
        counts = {str(state): int(count) for state, count in (await session.execute(sending)).all()}
        print(f"Messages on their way: {counts.get('waiting', 0) + counts.get('sending', 0)}")
        print(f"Messages that could not be sent: {counts.get('failed', 0)}")
        for sentence in await drills.overdue(session, room.directory):
            print(f"Drill due: {sentence}")

    with_room(work)


async def _wait(database: Database, room: CaseRoom, partners: list[str], longest: timedelta) -> list[Result]:
    """The results, when all have answered or the time is over."""
    end = now() + longest
    while True:
        async with database.read() as session:
            found = await drills.results(session, room.directory, partners)
        if now() >= end or all(result.state != "running" for result in found):
            return found
        await asyncio.sleep(LOOKS_EVERY)


def _show(found: list[Result]) -> None:
    print(f"{'partner':20}  {'drill':6}  {'begun (UTC)':16}  {'result':8}  {'after':>9}  {'promise':>9}  by")
    for one in found:
        begun = f"{one.started_at:%Y-%m-%d %H:%M}" if one.started_at else ""
        after = _span(one.after) if one.after is not None else ""
        state = "late" if one.late else one.state
        line = (
            f"{one.partner_id:20}  {one.number:6}  {begun:16}  {state:8}  {after:>9}  {_span(one.promise):>9}  {one.by}"
        )
        print(line.rstrip())


def _span(length: timedelta) -> str:
    """`4:05` minutes and seconds, with hours before them where there are some."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
