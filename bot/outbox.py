"""Messages on their way out: rows in the same database, sent with retries, in order per recipient, urgent ones first.

A row is marked `sending` and committed before the provider is asked. If the service dies there, nobody knows whether the
provider took it: the channel is asked, where its provider can tell, and only then it is sent again. Several replicas may work on
one database: what one of them is sending is its own for a while (`due_at`), and is taken over when that has passed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import Select, and_, bindparam, exists, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from structlog.contextvars import bind_contextvars

from bot import receipts
from bot.cases import note_delivery
from bot.deliveries import open_body
from bot.messages import AlreadyTaken, DeliveryError, Outbound
from bot.metrics import OUTBOUND
from bot.opting_out import OptingOut
from bot.pace import Paced
from bot.receipts import EarlyReceipts
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Delivery, now
from bot.store.turns import Rank
from channels import CanTell, Channel

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Deliveries under way at the same time."""

GIVES_UP = {0: timedelta(days=7), 1: timedelta(hours=24)}
"""How long a delivery is tried, by urgency: an answer of yesterday helps nobody, a call for help still does."""

PERHAPS = "perhaps taken"
"""In the error of a delivery from the first try whose outcome nobody knows, until it is sent or given up."""

POSSIBLE_DUPLICATES = Counter(
    "kasama_possible_duplicates",
    "Deliveries sent once more after a try that the provider may have taken, and could not be asked about.",
    ["channel"],
)

LEASE = timedelta(seconds=60)
"""How long a replica may take to send a message, before others take it for dead."""

LONGEST_WAIT = 30.0
"""Seconds between two tries, at most: after an outage all is out within two minutes, also what fails once more."""


def _due() -> Select[Delivery]:
    """What is to be sent now, at most `most`: of each lane only the first, in the order of urgency and age."""
    earlier = aliased(Delivery)
    before = exists().where(
        and_(earlier.lane == Delivery.lane, earlier.id < Delivery.id, earlier.state.in_(("waiting", "sending")))
    )
    return (
        select(Delivery)
        .where(
            Delivery.state == "waiting",
            Delivery.due_at <= bindparam("now"),
            Delivery.channel.in_(bindparam("channels", expanding=True)),
            ~before,
        )
        .order_by(Delivery.urgent, Delivery.id)
    )


# Made once: making them costs more than running them.
_DUE = _due().limit(bindparam("most")).with_for_update(skip_locked=True)
_IS_ONE_DUE = _due().with_only_columns(Delivery.id).limit(1)


class Outbox:
    """Sends what is due.

    channels: by name. A delivery for a channel that is not set up waits: the setting may come back.
    errands: set together with it: what else is noted with messages and done afterwards.
    on_blocked: told in the same transaction that she has blocked us.
    """

    def __init__(
        self, database: Database, vault: Vault, channels: Mapping[str, Channel], opting_out: OptingOut | None = None
    ) -> None:
        self._database, self._vault, self._channels = database, vault, channels
        self._opting_out = opting_out
        self.on_blocked: Callable[[AsyncSession, str], Awaitable[None]] | None = None
        self.errands: list[asyncio.Event] = []
        self._early = EarlyReceipts()
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], int] = {}

    def carries(self, channel: str) -> bool:
        """Whether the channel is set up."""
        return channel in self._channels

    def wake(self, *, errands: bool = False) -> None:
        """Something may be due. errands: also of what is done beside it, which else is looked at once a second."""
        for event in (self._wake, *(self.errands if errands else ())):
            event.set()

    async def note_status(self, channel: str, provider_id: str, status: str, error: DeliveryError | str | None) -> None:
        """Note what the provider says later about a message: delivered, undelivered, and why; in whatever order.

        channel: whose provider; elsewhere the same id is another message.
        """
        async with self._database.write() as session:
            known = select(Delivery).where(Delivery.provider_id == provider_id, Delivery.channel == channel)
            row = (await session.execute(known.order_by(Delivery.id.desc()).limit(1))).scalar_one_or_none()
            if row is None:
                self._early.keep(channel, provider_id, status, error)
                return
            await receipts.note(session, row, status, error)
            if isinstance(error, DeliveryError) and error.opted_out and row.person_id and self._opting_out is not None:
                await self._opting_out.refused(session, row.person_id)

    async def run(self) -> None:
        """Send until cancelled; what is under way then is finished first."""
        all_of_them, look_at = not self._database.shared, 0.0
        try:
            while True:
                self._wake.clear()
                try:
                    if time.monotonic() >= look_at:
                        await self._take_back(all_of_them=all_of_them)
                        all_of_them, look_at = False, time.monotonic() + 5
                    claimed = await self._claim() if len(self._under_way) < AT_ONCE else []
                except (SQLAlchemyError, OSError) as error:
                    log.error("the database did not answer; trying again", error=type(error).__name__)
                    claimed = []
                for delivery in claimed:
                    task = asyncio.create_task(self._deliver(delivery))
                    self._under_way[task] = delivery.id
                    task.add_done_callback(self._finished)
                if not claimed:
                    try:
                        await asyncio.wait_for(self._wake.wait(), timeout=self._idle())
                    except TimeoutError:
                        continue
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=20)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake.set()

    async def _take_back(self, *, all_of_them: bool = False) -> None:
        """Rows that a dead process left in `sending`: due at once, and `_deliver` asks the provider first.

        Never one that is under way here: after a jump of the clock or a long wait for the database its time may seem over.
        """
        ours = Delivery.id.not_in(list(self._under_way.values()))
        left = [Delivery.state == "sending", ours, *([] if all_of_them else [Delivery.due_at < now()])]
        async with self._database.read() as session:
            if (await session.execute(select(Delivery.id).where(*left).limit(1))).first() is None:
                return
        async with self._database.write() as session:
            await session.execute(
                update(Delivery).where(*left).values(state="waiting", due_at=now(), error=f"interrupted, {PERHAPS}")
            )

    def _idle(self) -> float:
        """Seconds until something may be due, if nothing wakes the outbox."""
        waits = [c.pace.wait() for c in self._channels.values() if isinstance(c, Paced)]
        return min([0.5, *(w for w in waits if w > 0)])

    def _within_pace(self, delivery: Delivery) -> bool:
        """Whether its channel may send now; if so, its share of the pace is taken."""
        channel = self._channels[delivery.channel]
        if not isinstance(channel, Paced):
            return True
        if channel.pace.wait() > 0:
            return False
        try:
            units = channel.units(open_body(self._vault, delivery.body_sealed))
        except Exception:  # what cannot be read or rendered fails in `_deliver`, where that is noted
            units = 1
        channel.pace.take(units)
        return True

    async def _claim(self) -> list[Delivery]:
        ready = [n for n, c in self._channels.items() if not isinstance(c, Paced) or c.pace.wait() <= 0]
        given = {"now": now(), "channels": ready}
        async with self._database.read() as session:
            if (await session.execute(_IS_ONE_DUE, given)).first() is None:
                return []
        async with self._database.write(Rank.DANGER) as session:
            most = AT_ONCE - len(self._under_way)
            claimed = list((await session.execute(_DUE, {**given, "most": most})).scalars())
            if self._opting_out is not None:
                await self._opting_out.withhold(session, claimed)
                for delivery in claimed:
                    if delivery.state == "withheld":
                        OUTBOUND.labels(delivery.channel, "withheld").inc()
            claimed = [d for d in claimed if d.state == "waiting" and self._within_pace(d)]
            for delivery in claimed:
                delivery.state, delivery.attempts = "sending", delivery.attempts + 1
                delivery.started_at, delivery.due_at = delivery.started_at or now(), now() + LEASE
        return claimed

    async def _deliver(self, delivery: Delivery) -> None:
        about = {"message": delivery.inbound_id, "case": delivery.case_id}
        bind_contextvars(**{name: number for name, number in about.items() if number is not None})  # of this task alone
        channel = self._channels[delivery.channel]
        provider_id, error = None, None
        perhaps = PERHAPS in (delivery.error or "")
        try:
            address = self._vault.open(delivery.address_sealed)
            message = open_body(self._vault, delivery.body_sealed)
            if perhaps:
                provider_id = await channel.find(
                    address,
                    message,
                    since=delivery.started_at or delivery.created_at,
                    known=await self._known(delivery),
                )
            if provider_id is None:
                message = _still_of_use(message, delivery)
                async with asyncio.timeout(LEASE.total_seconds() * 0.8):
                    provider_id = await channel.send(address, message, key=delivery.key)
                if perhaps and not (isinstance(channel, CanTell) and channel.can_tell):
                    POSSIBLE_DUPLICATES.labels(delivery.channel).inc()
                    log.warning("sent, perhaps for the second time", channel=delivery.channel, delivery=delivery.id)
        except AlreadyTaken as taken:
            provider_id = taken.provider_id
        except DeliveryError as caught:
            error = caught
        except TimeoutError:
            error = DeliveryError("timeout")
        except Exception as caught:  # a mistake of ours in a channel must not lose the message or stop the others
            log.exception("a channel failed", channel=delivery.channel, delivery=delivery.id)
            error = DeliveryError(type(caught).__name__)
        for wait in (0.2, 1, 5, 30):
            try:
                await self._note(delivery, provider_id, error)
                return
            except (SQLAlchemyError, OSError) as caught:
                log.error(
                    "a delivery could not be noted; trying again", delivery=delivery.id, error=type(caught).__name__
                )
                await asyncio.sleep(wait)

    async def _known(self, delivery: Delivery) -> set[str]:
        """Provider ids of other deliveries that may look the same."""
        async with self._database.read() as session:
            ids = select(Delivery.provider_id).where(
                Delivery.lane == delivery.lane, Delivery.id != delivery.id, Delivery.provider_id.is_not(None)
            )
            return {str(i) for i in (await session.execute(ids)).scalars()}

    async def _note(self, delivery: Delivery, provider_id: str | None, error: DeliveryError | None) -> None:
        async with self._database.write(Rank.OTHER if delivery.urgent else Rank.DANGER) as session:
            row = await session.get(Delivery, delivery.id)
            if row is None:  # she had everything deleted meanwhile
                return
            if error is None:
                row.state, row.provider_id, row.sent_at, row.error = "sent", provider_id, now(), None
                if early := self._early.take(row.channel, provider_id):
                    await receipts.note(session, row, *early)
            else:
                known = error.refused and PERHAPS not in (row.error or "")
                row.error = error.code[:80] if known else f"{error.code[:80]}, {PERHAPS}"
                over = now() - row.created_at > GIVES_UP[row.urgent]
                row.state = "failed" if error.permanent or over else "waiting"
                row.due_at = now() + timedelta(
                    seconds=error.retry_after or min(2.0 ** min(row.attempts - 1, 10), LONGEST_WAIT)
                )
                if error.opted_out and row.person_id and self._opting_out is not None:
                    await self._opting_out.refused(session, row.person_id)
                if error.blocked and row.person_id and self.on_blocked is not None:
                    await self.on_blocked(session, row.person_id)
            if row.forget and row.state in ("sent", "failed"):
                row.address_sealed = row.body_sealed = b""
            await note_delivery(session, row)
        OUTBOUND.labels(row.channel, row.state).inc()
        if error is None:
            log.info("sent", channel=row.channel, delivery=row.id, attempts=row.attempts)
        else:
            log.warning(
                "not sent",
                channel=row.channel,
                delivery=row.id,
                error=row.error,
                state=row.state,
                attempts=row.attempts,
            )


def _still_of_use(message: Outbound, delivery: Delivery) -> Outbound:
    """The message with the seconds that it is still of use; raises `DeliveryError` when there are none."""
    if message.valid_for is None:
        return message
    left = message.valid_for - (now() - delivery.created_at).total_seconds()
    if left <= 0:
        raise DeliveryError("too late", permanent=True)
    return replace(message, valid_for=left)
