"""What a provider says about a message after it has taken it: on its way, delivered, or not, and why."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import note_delivery
from bot.messages import DeliveryError
from bot.store.models import Case, CaseEvent, Delivery, now

log = structlog.get_logger(__name__)

_ORDER = {
    **dict.fromkeys(("accepted", "scheduled", "queued"), 0),
    "sending": 1,
    "sent": 2,
    **dict.fromkeys(("undelivered", "failed", "canceled", "partially_delivered"), 3),
    "delivered": 4,
    "read": 5,
}
"""Receipts arrive in any order; a later one here is never taken back by an earlier one. A word not listed counts as `sending`."""

NOT_DELIVERED = frozenset({"undelivered", "failed", "canceled"})

SENT_AGAIN = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After how long a message that did not arrive is sent again, where the error may pass: the phone was off, the network full."""


class EarlyReceipts:
    """Receipts of messages whose id has not been noted yet: the provider may be faster than our own note.

    Kept by channel and id, since an id says nothing outside its channel. most: receipts remembered; they are needed for seconds.
    """

    def __init__(self, most: int = 1000) -> None:
        self._receipts: OrderedDict[tuple[str, str], tuple[str, DeliveryError | str | None]] = OrderedDict()
        self._most = most

    def keep(self, channel: str, provider_id: str, status: str, error: DeliveryError | str | None) -> None:
        """Remember the receipt, unless a later one is there."""
        before = self._receipts.get((channel, provider_id))
        if before is None or later(status, before[0]):
            self._receipts[channel, provider_id] = (status, error)
        while len(self._receipts) > self._most:
            self._receipts.popitem(last=False)

    def take(self, channel: str, provider_id: str | None) -> tuple[str, DeliveryError | str | None] | None:
        """The receipt of a message, once."""
        return self._receipts.pop((channel, provider_id), None) if provider_id else None


def later(status: str, known: str | None) -> bool:
    """Whether `status` says more than what is known."""
    return known is None or _ORDER.get(status, 1) > _ORDER.get(known, 1)


async def note(session: AsyncSession, row: Delivery, status: str, error: DeliveryError | str | None) -> None:
    """Note a receipt at its delivery. One that did not arrive is failed, or is due again if trying again may help."""
    status = status[:20]
    if not later(status, row.status):
        return
    row.status = status
    if status not in NOT_DELIVERED or row.state != "sent":
        return
    error = error if isinstance(error, DeliveryError) else DeliveryError(error or status, permanent=True)
    row.error = error.code[:100]
    tried = row.attempts - 1
    if error.permanent or tried >= len(SENT_AGAIN) or not row.body_sealed:
        row.state = "failed"
    else:
        # Later messages to her must not wait for this one.
        row.state, row.due_at, row.lane = "waiting", now() + SENT_AGAIN[tried], row.key[:60]
        row.provider_id = row.status = None
    log.warning("did not arrive", channel=row.channel, delivery=row.id, error=row.error, state=row.state)
    await note_delivery(session, row)
    if row.person_id is not None:
        hers = select(Case).where(Case.person_id == row.person_id, Case.state != "closed").order_by(Case.id.desc())
        if (case := (await session.execute(hers.limit(1))).scalar_one_or_none()) is not None:
            what = f"an answer did not reach her by {row.channel}: {row.error} ({row.state})"
            session.add(CaseEvent(case_id=case.id, what=what))
