"""The clock is set back by an hour: what was to go at once goes at once, what waits for her safe hours still waits for them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot import clock
from bot.deliveries import put
from bot.messages import Outbound
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Delivery, now

HOUR = timedelta(hours=1)
VAULT = Vault("a key for tests that is long enough")


async def test_what_waits_is_brought_forward(database: str) -> None:
    store = Database(database)
    await store.migrate()
    was = now() + HOUR  # what the clock said before
    rows = {"at once": (was, was, 0), "again": (now() - HOUR, was + timedelta(seconds=30), 3)}
    rows |= {"at night": (now() - HOUR, was + timedelta(minutes=1), 0), "tomorrow": (was, was + 20 * HOUR, 0)}
    async with store.write() as session:
        for key, (_, due_at, _) in rows.items():
            put(
                session, VAULT, key=key, lane=key, channel="email", address=VAULT.seal("desk@ngo.example"),
                message=Outbound("x"), due_at=due_at,
            )  # fmt: skip
        for delivery in (await session.execute(select(Delivery))).scalars():
            delivery.created_at, _, delivery.attempts = rows[delivery.key]
    await clock.bring_forward(store, HOUR)
    async with store.read() as session:
        due = {d.key: d.due_at for d in (await session.execute(select(Delivery))).scalars()}
    assert due["at once"] <= now() and due["again"] <= now() + timedelta(seconds=30)
    assert due["at night"] == rows["at night"][1] and due["tomorrow"] == rows["tomorrow"][1]
    await store.close()
