"""Commands of an operator: a dialogue server of its own, backup and restore."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from bot.backup import BackupError, back_up, restore, sqlite_file
from bot.logs import configure_logs
from bot.settings import Settings, SettingsError
from bot.store.crypto import Vault
from bot.store.keys import FILE as KEY


def serve_rasa(settings: Settings, host: str, port: int) -> None:
    """Run a dialogue server until a signal ends it; services reach it by `KASAMA_RASA_URL`."""
    from bot.processes import DialogueServer
    from bot.service import ROOT
    from bot.training import ensure_model

    token = settings.internal_token.get_secret_value()
    for name, value in (("KASAMA_SERVICE_URL", settings.service_url), ("KASAMA_INTERNAL_TOKEN", token)):
        if not value:
            raise SettingsError(f"{name} is missing: the dialogue model asks the service for actions with it.")
    configure_logs()
    model = ensure_model(ROOT, settings.home, lambda line: print(line, file=sys.stderr))
    actions = f"{settings.service_url}/internal/{token}/actions"
    server = DialogueServer(model, actions, root=ROOT, host=host, port=port, speedups=settings.rasa_speedups)

    async def serve() -> None:
        over = asyncio.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, over.set)
        await server.start()
        await over.wait()
        await server.stop()

    asyncio.run(serve())


def write_backup(settings: Settings, file: Path) -> None:
    """`kasama backup`."""
    try:
        size = back_up(sqlite_file(settings.database), settings.home, file)
    except BackupError as error:
        sys.exit(str(error))
    print(f"{file}: {size:,} bytes. The key is not in it: keep a copy of it apart.")


def bring_back(settings: Settings, file: Path) -> None:
    """`kasama restore`."""
    try:
        database = sqlite_file(settings.database)
        if not settings.secret_key.get_secret_value() and not (settings.home / KEY).exists():
            raise BackupError(
                f"The key is missing: put your copy of it at {settings.home / KEY}, or set KASAMA_SECRET_KEY."
            )
        found = restore(file, database, settings.home, Vault(settings.keys))
    except BackupError as error:
        sys.exit(str(error))
    print("Restored, and the key opens it: " + ", ".join(f"{number} {what}" for what, number in found.items()) + ".")
