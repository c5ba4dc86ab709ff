"""`kasama report`: the figures of a month, fit to be published."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import timedelta
from pathlib import Path

from bot.logs import configure_logs
from bot.reporting.tables import Table, draw, tables, write_csv
from bot.settings import Settings
from bot.store.database import Database
from bot.store.models import now


def report(settings: Settings, month: str | None, folder: Path) -> None:
    """Write `figures-2026-11.csv` and one picture per table. month: the last one that is over, by default."""
    configure_logs("ERROR", stream=sys.stderr)
    month = month or f"{now().replace(day=1) - timedelta(days=1):%Y-%m}"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        sys.exit(f"{month} is not a month; write it like 2026-11.")
    found = asyncio.run(_read(settings, month))
    if not found:
        sys.exit(f"There is nothing in {month}.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"figures-{month}.csv", *(folder / f"{table.name}-{month}.svg" for table in found)]
    write_csv(found, paths[0])
    for table, path in zip(found, paths[1:], strict=True):
        draw(table, path)
    print(*paths, sep="\n")


async def _read(settings: Settings, month: str) -> list[Table]:
    database = Database(settings.database)
    try:
        await database.migrate()
        async with database.read() as session:
            return await tables(session, month)
    finally:
        await database.close()
