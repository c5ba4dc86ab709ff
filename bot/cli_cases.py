"""`kasama cases`: the work on calls for help from a terminal."""

from __future__ import annotations

import getpass
import json
import mimetypes
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot import attachments
from bot.cases import OPERATOR, Actor, CaseRefused, CaseRoom, printable, reading
from bot.cases.answers import do
from bot.cases.commands import Command
from bot.cli_room import with_room
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.models import Case, CaseLook

app = typer.Typer(no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The case's number.")]


@app.command("list")
def list_cases(all_: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False) -> None:
    """Open cases: what nobody has taken first, then by urgency and age."""

    async def work(session: AsyncSession, _room: CaseRoom, _vault: Vault) -> None:
        rows = await reading.queue(session, OPERATOR, closed=all_)
        for case in rows:
            route = f"{case.origin or '?'}-{case.destination or '?'}"
            print(
                f"{case.number}  {case.opened_at:%Y-%m-%d %H:%M}  {case.state:12}  {case.severity:8}  {case.kind:12}  "
                f"{route}  {case.language}  {case.taken_by or ''}".rstrip()
            )
        if not rows:
            print("No cases.")

    with_room(work)


@app.command("show")
def show(number: Number) -> None:
    """One case: her words, how to reach her, and what has happened. That you looked is noted."""

    async def work(session: AsyncSession, _room: CaseRoom, vault: Vault) -> None:
        view = await reading.read(session, await _find(session, number), _actor())
        case, person = view.case, view.person
        address = vault.open(person.address_sealed) if person.address_sealed else "deleted at her request"
        print(f"Case {case.number}: {case.kind}, {case.severity} ({case.reason})")
        print(f"State: {case.state}   Contact wish: {case.consent}   Taken by: {case.taken_by or 'nobody'}")
        print(f"Reply to her: {address} ({person.channel})")
        print(f"Language: {case.language}   From: {case.origin or '?'}   Works in: {case.destination or '?'}")
        if case.location_sealed:
            print(f"Where she is, sent by her: {vault.open(case.location_sealed)}")
        if case.wish_sealed:
            print(f"When and how she may be written to: {printable(vault.open(case.wish_sealed))}")
        if person.hidden_at:
            print(f"She has hidden the chat at {person.hidden_at:%Y-%m-%d %H:%M} UTC.")
        for row in view.messages:
            body: dict[str, Any] = json.loads(vault.open(row.body_sealed))
            text = printable(body["text"] or ", ".join(map(str, body.get("media") or ()))).replace("\n", "\n  ")
            print(f"\n{row.received_at:%Y-%m-%d %H:%M} UTC, she wrote:\n  {text}")
        print("\nWhat happened:")
        for event in view.events:
            print(f"  {event.at:%Y-%m-%d %H:%M:%S} UTC  {event.what}  [{event.actor}]")
            if event.body_sealed:
                print("    " + printable(vault.open(event.body_sealed)).replace("\n", "\n    "))
        for word in view.partners:
            print(f"  {word.at:%Y-%m-%d %H:%M:%S} UTC  passing on to {word.partner_id}: {word.state}")

    with_room(work)


@app.command("looks")
def looks(number: Number) -> None:
    """Who has looked at a case."""

    async def work(session: AsyncSession, _room: CaseRoom, _vault: Vault) -> None:
        for look in await reading.looks(session, await _find(session, number)):
            print(f"{look.at:%Y-%m-%d %H:%M:%S} UTC  {look.actor}")

    with_room(work)


@app.command("files")
def files(
    number: Number, save: Annotated[Path | None, typer.Option(help="Folder to write them to, opened.")] = None
) -> None:
    """What she sent with her messages in a case: photos, voice messages, documents."""

    async def work(session: AsyncSession, _room: CaseRoom, vault: Vault) -> None:
        case = await _find(session, number)
        found = await attachments.of_case(session, case.id)
        if save is not None:
            session.add(CaseLook(case_id=case.id, actor=str(_actor()), how="files"))
        shelf = attachments.Shelf(load_settings().home / attachments.FOLDER, vault)
        for item in found:
            print(f"{item.id}  {item.created_at:%Y-%m-%d %H:%M}  {item.kind:10}  {item.content_type:20}  {item.state}")
            if save is not None and item.state == "kept":
                save.mkdir(parents=True, exist_ok=True, mode=0o700)
                ending = mimetypes.guess_extension(item.content_type) or ""
                (save / f"{number}-{item.id}{ending}").write_bytes(shelf.read(item))
        if not found:
            print("Nothing came with her messages.")

    with_room(work)


@app.command("ack")
def acknowledge(number: Number) -> None:
    """Say that you have taken a case; she is told."""
    _do(Command("take", number))


@app.command("reply")
def reply(number: Number, text: Annotated[str, typer.Argument(help="Your words to her, in her language.")]) -> None:
    """Write to her, on her channel, in her safe hours."""
    _do(Command("reply", number, text))


@app.command("note")
def note(number: Number, text: Annotated[str, typer.Argument(help="For colleagues; she never reads it.")]) -> None:
    """A note for colleagues."""
    _do(Command("note", number, text))


@app.command("bot")
def hand_back(number: Number) -> None:
    """Hand her back to the program."""
    _do(Command("bot", number))


@app.command("pass")
def pass_on(number: Number, partner: Annotated[str, typer.Argument(help="A name in content/partners.")]) -> None:
    """Let another partner have the case, once she has said yes; she is asked."""

    async def work(session: AsyncSession, room: CaseRoom, _vault: Vault) -> None:
        passed = await room.work.pass_on(session, await _find(session, number), _actor(), partner)
        print(f"{partner} has the case." if passed else "She is asked. It goes there when she says yes.")

    with_room(work)


@app.command("close")
def close(
    number: Number, outcome: Annotated[str, typer.Argument(help="How it ended, in a few words without names.")]
) -> None:
    """End a case."""
    _do(Command("close", number, outcome))


def _do(command: Command) -> None:
    async def work(session: AsyncSession, room: CaseRoom, _vault: Vault) -> None:
        print(await do(session, room, await _find(session, command.number), _actor(), command))

    with_room(work)


def _actor() -> Actor:
    try:
        who = getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        who = ""
    return Actor(OPERATOR, who, "terminal")


async def _find(session: AsyncSession, number: str) -> Case:
    case = await reading.find(session, number, OPERATOR)
    if case is None:
        raise CaseRefused(f"There is no case {number}. `kasama cases list` shows the numbers.")
    return case
