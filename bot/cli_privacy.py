"""`kasama privacy`: the purge by hand."""

from __future__ import annotations

import asyncio
import sys

import typer

from bot import retention
from bot.logs import configure_logs
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.database import Database

app = typer.Typer(no_args_is_help=True)


@app.callback()
def privacy() -> None:
    """What is kept of her, and for how long."""


@app.command("purge")
def purge() -> None:
    """Delete now what has been kept long enough; the service does it every night by itself."""
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()

    async def run() -> None:
        database = Database(settings.database)
        try:
            await database.migrate()
            done = await retention.purge(database, Vault(settings.keys), settings.keep)
        finally:
            await database.close()
        print("Deleted: " + ", ".join(f"{name} {count}" for name, count in done.items()))

    asyncio.run(run())
