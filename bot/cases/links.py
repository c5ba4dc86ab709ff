"""Links in e-mails to partners: signed, for three days, and they work once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.models import UsedOnce, now

PATH = "/partner/take/"
LASTS = 3 * 24 * 3600
"""Seconds that a link works."""


class LinkRefused(Exception):
    """The link does not work; the text says why, for the page."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for: this case, as it was opened then, and the way that it was sent by."""

    number: str
    round: int
    way_id: str


class Links:
    """Makes and reads links. public_url: empty when this service has no public address; then there are none."""

    def __init__(self, vault: Vault, public_url: str, *, lasts: int = LASTS) -> None:
        self._vault, self._public_url, self._lasts = vault, public_url, lasts

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        """Made anew each time: keys may be added while the service runs. The newest comes last and signs."""
        return URLSafeTimedSerializer(self._vault.marks("signing key", "case links")[::-1], salt="take a case")

    def make(self, number: str, round_: int, way_id: str) -> str:
        """The address; empty without a public one."""
        if not self._public_url:
            return ""
        return f"{self._public_url}{PATH}{self._signer.dumps([number, round_, way_id])}"

    def read(self, token: str) -> Link:
        """What a link stands for; raises `LinkRefused` for one that is forged or too old."""
        try:
            number, round_, way_id = self._signer.loads(token, max_age=self._lasts)
        except SignatureExpired:
            raise LinkRefused("This link is too old. Ask for the case by its number in the mail.") from None
        except (BadSignature, ValueError, TypeError):
            raise LinkRefused("This is not a link of ours.") from None
        return Link(str(number), int(round_), str(way_id))

    async def use(self, session: AsyncSession, token: str) -> bool:
        """Mark a link as used; False when it was before. The caller's transaction goes on either way."""
        return await use_once(session, token)


async def use_once(session: AsyncSession, thing: str) -> bool:
    """Note that something that works once was used; False when it had been, also in this moment by another replica.

    The hash has no key: what is used once is no personal data, and a new key must not make it usable again.
    """
    digest = hashlib.sha256(thing.encode()).hexdigest()[:32]
    try:
        async with session.begin_nested():
            await session.execute(insert(UsedOnce).values(digest=digest, at=now()))
    except IntegrityError:
        return False
    return True
