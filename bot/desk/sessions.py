"""Who is signed in: sessions in the database, found by a hash of the cookie, that end when idle and at the latest after hours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.desk_tables import Staff, StaffSession
from bot.store.models import now

HALF = timedelta(minutes=10)
"""How long a session lasts that still needs the second factor."""

_TOUCH = timedelta(seconds=60)
"""`seen_at` is written no more often than this."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed-in colleague. stage: factor and enrol are half-way; only full may do anything."""

    staff: Staff
    stage: str
    token: str

    @property
    def full(self) -> bool:
        """Whether both factors were given."""
        return self.stage == "full"


class Sessions:
    """Begins, finds and ends them. idle, longest: how long they last."""

    def __init__(self, database: Database, *, idle: timedelta, longest: timedelta) -> None:
        self._database, self._idle, self._longest = database, idle, longest

    async def begin(self, session: AsyncSession, staff: Staff, stage: str, *, instead_of: str = "") -> str:
        """The cookie's value. instead_of: the one before; what somebody planted in the browser must not become hers."""
        if instead_of:
            await session.execute(delete(StaffSession).where(StaffSession.digest == digest(instead_of)))
        token = secrets.token_urlsafe(32)
        session.add(StaffSession(digest=digest(token), staff_id=staff.id, stage=stage))
        return token

    async def find(self, token: str, *, touch: bool = True) -> Signed | None:
        """Whose cookie it is; None when it has ended, or she no longer works here. touch: it counts as work."""
        if not token:
            return None
        wanted = select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id)
        async with self._database.read() as session:
            found = (await session.execute(wanted.where(StaffSession.digest == digest(token)))).first()
        if found is None:
            return None
        row, staff = found
        moment = now()
        longest = self._longest if row.stage == "full" else HALF
        if not staff.active or moment - row.created_at > longest or moment - row.seen_at > self._idle:
            return None
        if touch and moment - row.seen_at > _TOUCH:
            async with self._database.write() as session:
                seen = update(StaffSession).where(StaffSession.digest == row.digest).values(seen_at=moment)
                await session.execute(seen)
        return Signed(staff, row.stage, token)

    async def end(self, token: str) -> None:
        """Sign out of this browser."""
        async with self._database.write() as session:
            await session.execute(delete(StaffSession).where(StaffSession.digest == digest(token)))


async def end_all(session: AsyncSession, staff_id: int) -> None:
    """Sign out everywhere."""
    await session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))


def digest(token: str) -> str:
    """What is kept of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(secret: str, salt: str | None = None) -> str:
    """What a form must carry, made of a cookie that no other site can read; different each time, as pages are compressed."""
    salt = salt or secrets.token_hex(8)
    return salt + hmac.new(secret.encode(), f"a form of the desk {salt}".encode(), hashlib.sha256).hexdigest()
