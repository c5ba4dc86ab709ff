"""The mailbox that partners answer to, by IMAP: looked into every few seconds; what is about a case is deleted once it is stored.

The library blocks, so everything that talks to the server runs in a thread. Several replicas may look into one mailbox: each
takes in what it finds, and the store knows a mail that it has.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from imaplib import IMAP4
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import OR, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout

log = structlog.get_logger(__name__)

LARGEST = 1_000_000
"""Bytes of a mail that are read. What somebody writes stands at its beginning."""

AT_ONCE = 20
"""Mails in one look."""

LOOKS_BACK = timedelta(days=7)
"""Mails that somebody has opened are taken in too, for so long: a colleague may look into the mailbox before we do."""

GIVES_UP = 20
"""Tries to take in one mail for which the reason is neither the database nor the disk; then it is left to a person."""

TOLD_AFTER = 120
"""Seconds without a look that went well after which `trouble` tells of it."""

NO_STORE = (OSError, OperationalError, InterfaceError, DatabaseTimeout)
"""What is wrong with the database or the disk, and not with one mail."""

Take = Callable[[bytes], Awaitable[bool]]
"""Takes in a mail. When it returns, what must not be lost is stored. True: it is about a case and goes from the mailbox."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mailbox is: `imaps://user:password@host:993/INBOX`."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, url: str) -> Place:
        """The place that an address names; `bot.settings` has checked it."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (993 if encrypted else 143),
            encrypted=encrypted,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )


class MailboxReader:
    """Looks for mails until cancelled.

    every, longest_wait: seconds between looks, and at most after failures. timeout: seconds for each answer of the server.
    """

    def __init__(
        self, place: Place, *, every: float = 10.0, longest_wait: float = 300.0, timeout: float = 10.0
    ) -> None:
        self._place, self._every, self._longest_wait, self._timeout = place, every, longest_wait, timeout
        self._box: BaseMailBox | None = None
        self._settled: set[str] = set()
        self._failures: dict[str, int] = {}
        self._well_at = time.monotonic()

    @property
    def trouble(self) -> str | None:
        """That answers have not been taken in for long, in words."""
        seconds = time.monotonic() - self._well_at
        if seconds < TOLD_AFTER + self._every:
            return None
        return f"what partners answer by mail has not been read for {seconds / 60:.0f} minutes; the log says why"

    async def run(self, take: Take) -> None:
        """Look, take in, settle; whatever fails is tried again, with growing pauses."""
        pause = self._every
        try:
            while True:
                try:
                    if await self._look(take):
                        pause, self._well_at = self._every, time.monotonic()
                    else:
                        pause = min(pause * 2, self._longest_wait)
                except (ImapToolsError, IMAP4.error, OSError, ValueError) as error:
                    log.warning(
                        "the mailbox for partners' answers cannot be read; trying again", error=type(error).__name__
                    )
                    self._hang_up()
                    pause = min(pause * 2, self._longest_wait)
                await asyncio.sleep(pause)
        finally:
            self._hang_up()

    async def _look(self, take: Take) -> bool:
        """Take in what is there; False when something could not be stored."""
        well = True
        while found := await asyncio.to_thread(self._fetch):
            over: dict[str, bool] = {}
            for uid, raw in found:
                try:
                    over[uid] = await take(raw)
                except Exception as error:  # whatever it is, no mail must be lost
                    well = False
                    if isinstance(error, NO_STORE):
                        log.error("a mail could not be stored; trying again", error=type(error).__name__)
                        break
                    if self._left_to_a_person(uid, error):
                        over[uid] = False
            await asyncio.to_thread(self._settle, over)
            if not well or len(found) < AT_ONCE:
                break
        return well

    def _left_to_a_person(self, uid: str, error: Exception) -> bool:
        self._failures[uid] = self._failures.get(uid, 0) + 1
        over = self._failures[uid] >= GIVES_UP
        what = "read it in the mailbox" if over else "trying again"
        log.error(f"a mail could not be taken in; {what}", error=type(error).__name__)
        return over

    # In the thread

    def _connection(self) -> BaseMailBox:
        if self._box is None:
            place = self._place
            box: BaseMailBox
            if place.encrypted:  # without a context of our own nobody would check the server's certificate
                secure = ssl.create_default_context()
                box = MailBox(place.host, place.port, timeout=self._timeout, ssl_context=secure)
            else:
                box = MailBoxUnencrypted(place.host, place.port, timeout=self._timeout)
            self._box = box
            login = box.login if f"{place.user}{place.password}".isascii() else box.login_utf8
            login(place.user, place.password, None)
            self._settled.clear()
            log.info("reading the mailbox for partners' answers")
        self._box.folder.set(self._place.folder)
        return self._box

    def _fetch(self) -> list[tuple[str, bytes]]:
        box = self._connection()
        since = (datetime.now(UTC) - LOOKS_BACK).date()
        new = [uid for uid in box.uids(OR(seen=False, date_gte=since)) if uid not in self._settled]
        found = []
        for uid in new[:AT_ONCE]:
            _, data = box.client.uid("fetch", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
            raw = next((part[1] for part in data if isinstance(part, tuple)), None)
            if raw is None:  # deleted meanwhile
                self._settled.add(uid)
            else:
                found.append((uid, raw))
        return found

    def _settle(self, over: dict[str, bool]) -> None:
        box = self._connection()
        box.delete([uid for uid, about_a_case in over.items() if about_a_case])
        box.flag([uid for uid, about_a_case in over.items() if not about_a_case], "\\Seen", True)
        self._settled.update(over)

    def _hang_up(self) -> None:
        """Close the connection at once, also under a thread that waits for it."""
        box, self._box = self._box, None
        if box is not None:
            with suppress(OSError):
                box.client.sock.shutdown(socket.SHUT_RDWR)
            with suppress(OSError, IMAP4.error):
                box.client.shutdown()


def names_a_mail_of_ours(raw: bytes, domain: str) -> bool:
    """Whether a mail, or one that is quoted or returned in it, names one of ours: such a mail holds her words."""
    return re.search(rb"<k\.[0-9a-f]{32}@" + re.escape(domain.encode()) + rb">", raw, re.IGNORECASE) is not None


def returned(raw: bytes) -> list[str]:
    """The deliveries that a mail which came back was for, as their X-Kasama-Delivery has them."""
    return [
        key.decode() for key in re.findall(rb"(?im)^X-Kasama-Delivery:\s*(case:\d{6}:\w{1,12}:\w{1,40}:\d{1,3})", raw)
    ][:5]
