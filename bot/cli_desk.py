"""`kasama desk`: accounts of the people who work at the desk."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.desk import audit
from bot.desk.staff import OPERATOR, ROLES, Invitations
from bot.knowledge import Knowledge
from bot.logs import configure_logs
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.training import DATA
from bot.unanswered import lines

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(no_args_is_help=True)


@app.callback()
def desk() -> None:
    """Accounts of the people who work at the desk."""


@app.command()
def invite(
    email: Annotated[str, typer.Argument(help="Whom; for somebody who has an account, the link gives a new password.")],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))] = "caseworker",
    partner: Annotated[str, typer.Option(help="A name in content/partners.")] = OPERATOR,
) -> None:
    """Prints a link that works once, for three days. Send it to nobody but her."""
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@"):
        sys.exit(f"{email} is not an e-mail address.")
    if role not in ROLES:
        sys.exit(f"There is no role {role}; there are {', '.join(ROLES)}.")
    if role == OPERATOR != partner:
        sys.exit("Operators belong to the partner operator.")
    if partner not in Knowledge(settings.content).snapshot.content.partners:
        sys.exit(f"There is no partner {partner} in {settings.content / 'partners'}.")

    async def run() -> str:
        database, vault = Database(settings.database), Vault(settings.keys)
        try:
            await database.migrate()
            async with database.write() as session:
                token = await Invitations(vault).make(session, email, role, partner, "terminal")
                audit.note(session, partner, "terminal", "invited", role)
        finally:
            await database.close()
        return token

    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    print(f"{base}/desk/invitation/{asyncio.run(run())}")


@app.command(name="export-lines")
def export_lines(
    data: Annotated[
        Path, typer.Option(help="The folder with nlu/<language>/<intent>.yml that the lines go into.")
    ] = ROOT / DATA,
) -> None:
    """Adds what was labelled at the desk to the training lines. A line that is there already is not added again."""
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()
    if not (data / "nlu").is_dir():
        sys.exit(f"There is no folder nlu in {data}.")

    async def run() -> list[lines.Line]:
        database = Database(settings.database)
        try:
            await database.migrate()
            async with database.read() as session:
                return await lines.kept(session, Vault(settings.keys))
        finally:
            await database.close()

    changed = lines.merged(data, asyncio.run(run()))
    for name, text in sorted(changed.items()):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
        print(data / name)
    if not changed:
        print("Nothing is new.")
