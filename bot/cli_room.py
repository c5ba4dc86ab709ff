"""What the commands about cases work with: the database and the rules of the service, without starting it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import CaseRefused, CaseRoom, Inbox
from bot.cases.addresses import partner_addresses
from bot.knowledge import Knowledge
from bot.logs import configure_logs
from bot.settings import load_settings
from bot.store.crypto import Vault
from bot.store.database import Database
from channels.rendering import BY_SMS


def with_room(work: Callable[[AsyncSession, CaseRoom, Vault], Awaitable[None]]) -> None:
    """Do it in one transaction. What may not be done ends the command with its reason."""

    async def once(database: Database, room: CaseRoom, vault: Vault) -> None:
        async with database.write() as session:
            await work(session, room, vault)

    with_database(once)


def with_database(work: Callable[[Database, CaseRoom, Vault], Awaitable[None]]) -> None:
    """The same, for what takes several transactions."""
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()

    async def run() -> None:
        database, vault = Database(settings.database), Vault(settings.keys)
        by_sms = "sms" if settings.sms_gateway is None or settings.twilio_account_sid else "sms_gateway"
        inbox = Inbox(
            settings.operator_email,
            settings.operator_sms,
            by_sms,
            partner_addresses(settings),
            settings.public_url,
            mail_read=bool(settings.imap_url.get_secret_value()),
        )
        room = CaseRoom(vault, Knowledge(settings.content), inbox, by_sms=BY_SMS)
        try:
            await database.migrate()
            await work(database, room, vault)
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except CaseRefused as refused:
        sys.exit(str(refused))
