"""`kasama cases`: the work on calls for help from a terminal."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cases
from bot.logs import configure_logs
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Case, CaseEvent, InboundRow, Person

app = typer.Typer(no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The case's number.")]


@app.command("list")
def list_cases(all_: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False) -> None:
    """Open cases, the oldest first."""

    async def work(database: Database, _vault: Vault) -> None:
        async with database.read() as session:
            wanted = select(Case).order_by(Case.opened_at)
            rows = (await session.execute(wanted if all_ else wanted.where(Case.state != "closed"))).scalars().all()
        for case in rows:
            route = f"{case.origin or '?'}-{case.destination or '?'}"
            print(
                f"{case.number}  {case.opened_at:%Y-%m-%d %H:%M}  {case.state:12}  {case.kind:12}  {route}  {case.language}"
            )
        if not rows:
            print("No cases.")

    _with_database(work)


@app.command("show")
def show(number: Number) -> None:
    """One case: her words, how to reach her, and what has happened."""

    async def work(database: Database, vault: Vault) -> None:
        async with database.write() as session:
            case = await _find(session, number)
            person = await session.get_one(Person, case.person_id)
            messages = (
                (await session.execute(select(InboundRow).where(InboundRow.case_id == case.id).order_by(InboundRow.id)))
                .scalars()
                .all()
            )
            events = (
                (await session.execute(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)))
                .scalars()
                .all()
            )
            session.add(CaseEvent(case_id=case.id, what="looked at in the terminal"))
        address = vault.open(person.address_sealed) if person.address_sealed else "deleted at her request"
        print(f"Case {case.number}: {case.kind} ({case.reason})\nState: {case.state}   Contact wish: {case.consent}")
        print(f"Reply to her: {address} ({person.channel})")
        print(f"Language: {case.language}   From: {case.origin or '?'}   Works in: {case.destination or '?'}")
        for row in messages:
            body: dict[str, Any] = json.loads(vault.open(row.body_sealed))
            print(
                f"\n{row.received_at:%Y-%m-%d %H:%M} UTC, she wrote:\n  "
                + cases.printable(body["text"]).replace("\n", "\n  ")
            )
        print("\nWhat happened:")
        for event in events:
            print(f"  {event.at:%Y-%m-%d %H:%M:%S} UTC  {event.what}")

    _with_database(work)


@app.command("ack")
def acknowledge(number: Number) -> None:
    """Say that you have taken a case."""

    async def work(database: Database, _vault: Vault) -> None:
        async with database.write() as session:
            case = await cases.acknowledge(session, number)
        print(f"Case {number} is yours." if case else _missing(number))

    _with_database(work)


@app.command("close")
def close(
    number: Number, outcome: Annotated[str, typer.Argument(help="How it ended, in a few words without names.")]
) -> None:
    """End a case."""

    async def work(database: Database, _vault: Vault) -> None:
        async with database.write() as session:
            case = await cases.close(session, number, outcome)
        print(f"Case {number} is closed." if case else _missing(number))

    _with_database(work)


async def _find(session: AsyncSession, number: str) -> Case:
    case = (await session.execute(select(Case).where(Case.number == number))).scalar_one_or_none()
    if case is None:
        sys.exit(_missing(number))
    return case


def _missing(number: str) -> str:
    return f"There is no open case {number}. `kasama cases list` shows the numbers."


def _with_database(work: Callable[[Database, Vault], Awaitable[None]]) -> None:
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()

    async def run() -> None:
        database = Database(settings.database)
        vault = Vault(settings.keys)
        try:
            await database.migrate()
            await work(database, vault)
        finally:
            await database.close()

    asyncio.run(run())
