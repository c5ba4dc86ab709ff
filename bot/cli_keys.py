"""`kasama keys`: the keys that everything personal is sealed with."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import typer

from bot.logs import configure_logs
from bot.settings import load_settings
from bot.store import rotation
from bot.store.crypto import Vault
from bot.store.database import Database

app = typer.Typer(no_args_is_help=True)

QUIET_FOR = 600
"""Seconds after a new key before an older one may be dropped: nothing that was under way then is still unwritten."""


@app.command("status")
def status() -> None:
    """Which keys there are, and what still needs each of them."""
    _with_database(_tell)


@app.command("rotate")
def rotate() -> None:
    """Add a new key and seal everything anew with it, while the service runs. Interrupted, it goes on when called again."""

    async def work(database: Database, vault: Vault) -> None:
        if (await rotation.use(database, vault)).oldest:
            print("Something is still sealed with an older key: going on with that.")
        elif vault.keys.file is None:
            sys.exit(
                "The keys stand in the settings. Put the new one into KASAMA_OLDER_SECRET_KEYS and start every replica again, "
                "then exchange the two and start every replica again, then call this again; see docs/operators.md."
            )
        else:
            vault.keys.add()
            print(f"A new key is in {vault.keys.file}. Make a copy of the file, apart from the database.")
        changed = await rotation.seal_anew(database, vault)
        print(f"{changed} values are sealed or marked anew.")
        await _tell(database, vault)

    _with_database(work)


@app.command("drop")
def drop() -> None:
    """Drop the keys that nothing needs any more."""

    async def work(database: Database, vault: Vault) -> None:
        found = await rotation.use(database, vault)
        needed, there = found.oldest + 1, len(vault.keys.current())
        if found.unreadable:
            sys.exit("No key opens some of the data: none is dropped. `kasama keys status` shows where.")
        if found.ageing.total():
            sys.exit(
                "What is remembered for some days still needs an older key; see `kasama keys status`. Try again later."
            )
        if needed == there:
            print("Every key is needed.")
        elif vault.keys.file is None:
            print(f"Nothing needs the last {there - needed} of KASAMA_OLDER_SECRET_KEYS: take them out.")
        elif (age := time.time() - vault.keys.file.stat().st_mtime) < QUIET_FOR:
            sys.exit(f"What was under way may still need an older key. Try again in {QUIET_FOR - age:.0f} s.")
        else:
            vault.keys.keep(needed)
            print(f"{there - needed} dropped. Backups from before the rotation need them: delete those backups.")

    _with_database(work)


async def _tell(database: Database, vault: Vault) -> None:
    found = await rotation.use(database, vault)
    for age, _ in enumerate(vault.keys.current()):
        name = "the newest key" if age == 0 else f"key {age + 1}"
        where = ", ".join(f"{column} {counter[age]}" for column, counter in found.values.items() if counter[age])
        print(f"{name}: {where or 'nothing needs it'}")
    for column, count in found.ageing.items():
        if count:
            print(f"made before the newest key, and gone by itself within days: {column} {count}")
    for column, count in found.unreadable.items():
        print(f"no key opens: {column} {count}")


def _with_database(work: Callable[[Database, Vault], Awaitable[None]]) -> None:
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()

    async def run() -> None:
        database = Database(settings.database)
        try:
            await database.migrate()
            await work(database, Vault(settings.keys))
        finally:
            await database.close()

    asyncio.run(run())
