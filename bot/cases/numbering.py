"""The number of a case, by which everybody speaks of it."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Case


async def new_number(session: AsyncSession) -> str:
    """Six digits that nobody can count up from; short enough to text back."""
    while True:
        number = str(secrets.randbelow(900_000) + 100_000)
        if (await session.execute(select(Case.id).where(Case.number == number))).first() is None:
            return number
