"""Messages whose webhook never arrived: Twilio still lists them, and they are taken in as if it had."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Counter
from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from twilio.rest.api.v2010.account.message.media import MediaInstance

from bot.messages import DeliveryError, Receive
from channels import Stored
from channels.twilio_errors import refusal
from channels.twilio_inbound import OptOut, read_listed

log = structlog.get_logger(__name__)

AT_START = timedelta(hours=72)
"""How far back the first look goes: a weekend without the service."""

OVERLAP = timedelta(minutes=15)
"""How far each look reaches back behind the last one that succeeded."""

EVERY = 60.0
"""Seconds between two looks."""

STILL_COMING = timedelta(seconds=20)
"""A younger message is left to its webhook."""

PAGE = 200

MISSED = Counter("kasama_missed_webhooks", "Messages taken in from the provider's list.", ["channel"])


class Reconciliation:
    """Looks through Twilio's list of messages to us.

    sender: our number, or the Messaging Service whose numbers are ours. stored: tells which messages are here already; without it
    each is handed on, and storing one twice changes nothing.
    """

    def __init__(self, client: Client, sender: str, opt_out: OptOut) -> None:
        self._client, self._sender, self._opt_out = client, sender, opt_out
        self.stored: Stored | None = None

    async def run(self, receive: Receive) -> None:
        """Look again and again, until cancelled. While Twilio cannot be asked, the next look reaches back further."""
        since = datetime.now(UTC) - AT_START
        while True:
            begun = datetime.now(UTC)
            try:
                await self.look(receive, since)
                since = begun - OVERLAP
            except DeliveryError as error:
                log.warning("Twilio could not be asked for missed messages; it is tried again", error=error.code)
            except Exception as error:  # the database may be away; only the kind, since errors quote her words
                log.error("missed messages could not be stored; it is tried again", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def look(self, receive: Receive, since: datetime, *, younger: timedelta = STILL_COMING) -> int:
        """Take in, oldest first, what was sent to us since then and is missing; returns how many that were.

        younger: age below which a message is left to its webhook. Raises `DeliveryError` when Twilio gives no list.
        """
        until = datetime.now(UTC) - younger
        listed = {str(m.sid): m for to in self._ours() for m in await self._list(to, since)}
        recent = [m for m in listed.values() if m.date_created is None or m.date_created <= until]
        # Twilio tells seconds only; within one the list's order counts, which is newest first.
        recent = sorted(reversed(recent), key=lambda m: m.date_created or since)
        here = await self.stored("sms", [str(m.sid) for m in recent]) if self.stored else set()
        taken = 0
        for message in recent:
            if (
                message.sid in here
                or (inbound := read_listed(message, await self._media(message), self._opt_out)) is None
            ):
                continue
            await receive(inbound)
            taken += 1
        if taken:
            MISSED.labels("sms").inc(taken)
            log.warning("webhooks never came; their messages were taken from Twilio's list", messages=taken)
        return taken

    def _ours(self) -> list[str | None]:
        """Addresses whose messages are ours; None: all of the account, to be sorted by the Messaging Service."""
        return [None] if self._sender.startswith("MG") else [self._sender, f"whatsapp:{self._sender}"]

    async def _list(self, to: str | None, since: datetime) -> list[MessageInstance]:
        """Not filtered by date at Twilio: its filter looks at when the webhook was asked, which may never have happened."""
        found: list[MessageInstance] = []
        try:
            options = {"to": to} if to else {}
            async for message in await self._client.messages.stream_async(page_size=PAGE, **options):
                if message.date_created is not None and message.date_created < since:
                    break  # newest first
                ours = to is not None or message.messaging_service_sid == self._sender
                if ours and str(message.direction) == "inbound":
                    found.append(message)
        except TwilioException as error:
            raise refusal(getattr(error, "code", None), otherwise=type(error).__name__) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DeliveryError("unreadable list") from None
        return found

    async def _media(self, message: MessageInstance) -> list[MediaInstance]:
        """What came with a message; the list does not say it. Her words come in also when this cannot be told."""
        if str(message.num_media or "0") == "0":
            return []
        try:
            return list(await self._client.messages(message.sid).media.list_async(limit=10))
        except (TwilioException, DeliveryError, ValueError, TypeError, KeyError, AttributeError):
            log.warning("Twilio did not list the media of a missed message", message=message.sid)
            return []
