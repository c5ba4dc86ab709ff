"""What she sends beside words while a case is open: kept with the case, sealed, in files of the home folder.

Noted in the transaction of her message, fetched from the provider afterwards. A place goes to the partner as text.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import errands
from bot.messages import DeliveryError, Inbound
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Attachment, CaseEvent, InboundRow, now
from channels import Downloads

log = structlog.get_logger(__name__)

FOLDER = "attachments"
"""In the home folder."""

LARGEST = 10 * 1024 * 1024
"""Bytes of one attachment."""

GIVES_UP = timedelta(hours=24)
SWEEPS = 60.0
"""Seconds between two looks for files whose row is gone."""


def body(inbound: Inbound) -> dict[str, Any]:
    """What is kept of a message, as JSON to be sealed.

    files: what can be fetched, each as kind, the channel's reference and content type; a sticker tells nothing.
    """
    kept: dict[str, Any] = {
        "text": inbound.text,
        "payload": inbound.payload,
        "media": [m.kind for m in inbound.media],
        "hint": inbound.language,
    }
    if inbound.location:
        kept["location"] = asdict(inbound.location)
    if files := [[m.kind, m.reference, m.content_type] for m in inbound.media if m.kind not in ("sticker", "contact")]:
        kept["files"] = files
    if numbers := [m.reference for m in inbound.media if m.kind == "contact"]:
        kept["contacts"] = numbers
    if inbound.edited:
        kept["edited"] = True
    return kept


def told(body: Mapping[str, Any]) -> str:
    """A message as a partner reads it: her words, what came with them, and where she is."""
    lines = [str(body["text"])] if body["text"] else []
    lines += [f"[{kind}]" for kind in body["media"]]
    lines += [f"[contact: {number}]" for number in body.get("contacts", [])]
    if place := body.get("location"):
        at = f"{place['latitude']:.6f},{place['longitude']:.6f}"
        lines.append(f"{at} https://www.openstreetmap.org/?mlat={at.replace(',', '&mlon=')}&zoom=17")
    return "\n".join(lines)


def note(session: AsyncSession, vault: Vault, row: InboundRow, body: Mapping[str, Any]) -> None:
    """Note what of a message that has come into a case is to be fetched, in the caller's transaction."""
    if row.case_id is None:
        return
    for kind, reference, content_type in body.get("files", []):
        session.add(
            Attachment(
                case_id=row.case_id,
                inbound_id=row.id,
                channel=row.channel,
                kind=kind,
                content_type=content_type,
                reference_sealed=vault.seal(reference),
                key_sealed=vault.seal_bytes(Fernet.generate_key()),
                file=f"{secrets.token_hex(16)}.sealed",
                state="waiting",
                attempts=0,
                due_at=now(),
            )
        )


async def of_case(session: AsyncSession, case_id: int) -> list[Attachment]:
    """The attachments of a case, oldest first."""
    wanted = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    return list((await session.execute(wanted)).scalars())


class Shelf:
    """The folder with the sealed files."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder, self._vault = folder, vault

    def read(self, attachment: Attachment) -> bytes:
        """The content; raises OSError when it is not there, `WrongKey` when its key was sealed with another one."""
        return self._key(attachment).decrypt((self.folder / attachment.file).read_bytes())

    def write(self, attachment: Attachment, content: bytes) -> None:
        """Seal the content; on disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f".{attachment.file}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self._key(attachment).encrypt(content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / attachment.file)

    def _key(self, attachment: Attachment) -> Fernet:
        return Fernet(self._vault.open_bytes(attachment.key_sealed))

    def sweep(self, kept: set[str]) -> int:
        """Delete the files whose rows are gone; how many."""
        if not self.folder.is_dir():
            return 0
        gone = [path for path in self.folder.iterdir() if path.name.lstrip(".") not in kept]
        for path in gone:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
        return len(gone)


class Attachments:
    """Fetches what was noted. channels: by name; one that cannot do it is left out."""

    def __init__(
        self, database: Database, vault: Vault, channels: Mapping[str, object], folder: Path, largest: int = LARGEST
    ) -> None:
        self._database, self._channels, self._largest = database, channels, largest
        self.shelf = Shelf(folder, vault)
        self._vault = vault
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        sweeping = asyncio.create_task(self._sweep())
        try:
            await errands.run(self._database, Attachment, self._fetch, self.wake, only=Attachment.state == "waiting")
        finally:
            sweeping.cancel()

    async def _fetch(self, errand: Attachment) -> None:
        channel = self._channels.get(errand.channel)
        if not isinstance(channel, Downloads):
            await self._note(errand, error=DeliveryError("no way to fetch it"))
            return
        try:
            content, content_type = await channel.download(self._vault.open(errand.reference_sealed), self._largest)
        except DeliveryError as error:
            await self._note(errand, error=error)
            return
        await asyncio.to_thread(self.shelf.write, errand, content)
        await self._note(errand, size=len(content), content_type=content_type)

    async def _note(
        self, errand: Attachment, *, size: int = 0, content_type: str = "", error: DeliveryError | None = None
    ) -> None:
        async with self._database.write() as session:
            row = await session.get(Attachment, errand.id)
            if row is None:  # she had everything deleted meanwhile; the file is swept away
                return
            if error is None:
                row.state, row.size, row.error = "kept", size, None
                row.content_type = row.content_type or content_type
                what = f"attachment {row.id} kept: {row.kind}, {max(1, size // 1024)} KiB"
                session.add(CaseEvent(case_id=row.case_id, what=what))
                log.info("an attachment is kept", kind=row.kind, size=size)
                return
            row.error = error.code[:100]
            if error.permanent or now() - row.created_at > GIVES_UP:
                row.state = "failed"
                session.add(
                    CaseEvent(case_id=row.case_id, what=f"attachment {row.id} not kept: {row.kind}, {row.error}")
                )
            else:
                wait = (
                    errands.pause(row.attempts) if error.retry_after is None else timedelta(seconds=error.retry_after)
                )
                row.due_at = now() + wait
            log.warning("an attachment was not fetched", kind=row.kind, error=row.error, state=row.state)

    async def _sweep(self) -> None:
        while True:
            try:
                async with self._database.read() as session:
                    kept = set((await session.execute(select(Attachment.file))).scalars())
                if gone := await asyncio.to_thread(self.shelf.sweep, kept):
                    log.info("attachments deleted", files=gone)
            except Exception as error:  # it looks again in a minute
                log.error("attachments could not be swept", error=type(error).__name__)
            await asyncio.sleep(SWEEPS)
