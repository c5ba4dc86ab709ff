"""The outbox against a channel that fails in every way that channels fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from bot.deliveries import put
from bot.messages import AlreadyTaken, DeliveryError, Outbound
from bot.outbox import Outbox
from bot.pace import Pace
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Delivery, now

VAULT = Vault("a key for tests that is long enough")


class Provider:
    """A channel whose provider does what `answers` says, in order, and then takes everything."""

    name = "sms"

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.answers: list[Exception] = []
        self.knows: Callable[[str], str | None] = lambda text: None
        self.asked: list[str] = []

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append((address, message.text))
        return f"id-{len(self.taken)}"

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        self.asked.append(message.text)
        return self.knows(message.text)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}")
    await database.migrate()
    yield database
    await database.close()


async def add(database: Database, *texts: str, lane: str | None = None, urgent: bool = False) -> None:
    async with database.write() as session:
        for text in texts:
            put(
                session,
                VAULT,
                key=text,
                channel="sms",
                address=VAULT.seal("+85291234567"),
                message=Outbound(text),
                lane=lane or text,
                urgent=urgent,
            )


async def rows(database: Database) -> dict[str, Delivery]:
    async with database.read() as session:
        return {d.key: d for d in (await session.execute(select(Delivery))).scalars()}


async def run_until(
    database: Database,
    provider: Provider,
    done: Callable[[dict[str, Delivery]], bool],
    seconds: float = 8,
    **others: Provider,
) -> dict[str, Delivery]:
    outbox = Outbox(database, VAULT, {"sms": provider, **others})  # type: ignore[arg-type]
    job = asyncio.create_task(outbox.run())
    try:
        async with asyncio.timeout(seconds):
            while not done(found := await rows(database)):
                await asyncio.sleep(0.05)
                outbox.wake()
        return found
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


def all_sent(found: dict[str, Delivery]) -> bool:
    return all(d.state == "sent" for d in found.values())


async def test_what_goes_out_goes_out_once_and_in_order_per_lane(database: Database) -> None:
    provider = Provider()
    await add(database, *(f"message {n:02}" for n in range(30)), lane="one woman")
    await run_until(database, provider, all_sent)
    assert [text for _, text in provider.taken] == [f"message {n:02}" for n in range(30)]


async def test_a_failure_of_one_lane_holds_back_that_lane_only(database: Database) -> None:
    provider = Provider()
    provider.answers = [DeliveryError("500", retry_after=0.3)]
    await add(database, "first", "second", lane="one woman")
    await add(database, "other", lane="another woman")
    await run_until(database, provider, all_sent)
    texts = [text for _, text in provider.taken]
    assert texts.index("first") < texts.index("second") and texts[0] == "other"


async def test_urgent_goes_first(database: Database) -> None:
    provider = Provider()
    await add(database, *(f"ordinary {n}" for n in range(40)))
    await add(database, "call for help", urgent=True)
    await run_until(database, provider, all_sent)
    assert "call for help" in [text for _, text in provider.taken][:21]


async def test_a_permanent_failure_is_not_tried_again(database: Database) -> None:
    provider = Provider()
    provider.answers = [DeliveryError("21211", permanent=True)]
    await add(database, "to nobody")
    found = await run_until(database, provider, lambda f: f["to nobody"].state == "failed")
    assert found["to nobody"].attempts == 1 and found["to nobody"].error == "21211" and not provider.taken


async def test_a_bug_in_a_channel_loses_nothing(database: Database) -> None:
    provider = Provider()
    provider.answers = [ZeroDivisionError()]
    await add(database, "message")
    found = await run_until(database, provider, all_sent)
    assert found["message"].attempts == 2


@pytest.mark.parametrize("taken", [True, False])
async def test_after_a_crash_the_provider_is_asked_before_it_is_sent_again(database: Database, taken: bool) -> None:
    provider = Provider()
    provider.knows = lambda text: "id-before" if taken else None
    await add(database, "message")
    async with database.write() as session:
        await session.execute(update(Delivery).values(state="sending", attempts=1, started_at=now()))
    found = await run_until(database, provider, all_sent)
    assert provider.asked == ["message"]
    assert len(provider.taken) == (0 if taken else 1)
    assert found["message"].provider_id == ("id-before" if taken else "id-1")


# label, what the tries before end with, whether the provider can tell, sent how often, counted how often
OUTCOMES = [
    ("busy", [DeliveryError("429", retry_after=0.1, refused=True)], None, 1, 0),
    ("refused", [DeliveryError("20003", refused=True)], None, 1, 0),
    ("broken", [DeliveryError("500")], None, 1, 1),
    ("no answer", [DeliveryError("timeout")], None, 1, 1),
    ("no answer, and the provider can tell", [DeliveryError("timeout")], "id-before", 0, 0),
    ("no answer, then busy", [DeliveryError("timeout"), DeliveryError("429", retry_after=0.1, refused=True)], None, 1, 1),
    ("the provider knows the key", [DeliveryError("timeout"), AlreadyTaken("id-before")], None, 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "known", "sent", "counted"), [o[1:] for o in OUTCOMES], ids=[o[0] for o in OUTCOMES]
)
async def test_a_possible_duplicate_is_counted_and_only_that(
    database: Database, answers: list[Exception], known: str | None, sent: int, counted: int
) -> None:
    provider, before = Provider(), duplicates()
    provider.answers, provider.knows = list(answers), lambda text: known
    await add(database, "message")
    found = await run_until(database, provider, all_sent)
    assert (len(provider.taken), duplicates() - before) == (sent, counted)
    assert found["message"].provider_id == ("id-1" if sent else "id-before") and found["message"].error is None


def duplicates() -> float:
    return REGISTRY.get_sample_value("kasama_possible_duplicates_total", {"channel": "sms"}) or 0.0


async def test_an_answer_of_yesterday_is_given_up_and_a_call_for_help_is_not(database: Database) -> None:
    provider = Provider()
    provider.answers = [DeliveryError("500"), DeliveryError("500")]
    await add(database, "answer")
    await add(database, "help", urgent=True)
    async with database.write() as session:
        await session.execute(update(Delivery).values(created_at=now() - timedelta(days=2)))
    found = await run_until(database, provider, lambda f: f["answer"].state == "failed" and f["help"].state == "sent")
    assert [text for _, text in provider.taken] == ["help"], found


async def test_a_channel_that_is_not_set_up_keeps_its_deliveries(database: Database) -> None:
    await add(database, "message")
    async with database.write() as session:
        await session.execute(update(Delivery).values(channel="telegram"))
    await add(database, "by sms")
    found = await run_until(database, Provider(), lambda f: f["by sms"].state == "sent")
    assert found["message"].state == "waiting"


class Slow(Provider):
    """A provider with a pace; a message costs as many units as it has words."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.pace = Pace(rate)
        self.at: list[float] = []

    def units(self, message: Outbound) -> int:
        return len(message.text.split())

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        self.at.append(time.monotonic())
        return await super().send(address, message, key=key)


async def test_the_pace_of_a_sender_is_kept_urgent_first_and_other_channels_go_on(database: Database) -> None:
    slow, quick = Slow(4), Provider()
    await add(database, *(f"ordinary {n}" for n in range(6)))
    await add(database, "call for help", urgent=True)
    await add(database, "by telegram")
    async with database.write() as session:
        await session.execute(update(Delivery).where(Delivery.key == "by telegram").values(channel="telegram"))
    start = time.monotonic()
    found = await run_until(database, slow, all_sent, 15, telegram=quick)
    units = [len(text.split()) for _, text in slow.taken]
    assert slow.taken[0][1] == "call for help"
    # No more went than the pace allows: a second's worth at once, and the last message may overdraw.
    for n, at in enumerate(slow.at):
        assert sum(units[:n]) <= 4 * (at - start) + 4, (n, at - start)
    assert found["by telegram"].sent_at < found["ordinary 5"].sent_at - timedelta(seconds=1)  # type: ignore[operator]


def test_pace() -> None:
    clock = [0.0]
    one, fast, free = (Pace(rate, lambda: clock[0]) for rate in (1, 10, 0))
    one.take(3)
    assert one.wait() == 3
    for _ in range(10):
        assert fast.wait() == 0
        fast.take(1)
    assert fast.wait() == pytest.approx(0.1)
    clock[0] = 60.0  # what was not used is not saved up
    for _ in range(10):
        fast.take(1)
    assert one.wait() == 0 and fast.wait() == pytest.approx(0.1)
    free.take(10_000)
    assert free.wait() == 0


async def test_what_is_of_no_use_any_more_is_not_sent(database: Database) -> None:
    provider = Provider()
    async with database.write() as session:
        for key, valid in (("short", 60.0), ("long", 7200.0)):
            put(
                session,
                VAULT,
                key=key,
                channel="sms",
                address=VAULT.seal("+85291234567"),
                message=Outbound(key, valid_for=valid),
                lane=key,
            )
        await session.flush()
        await session.execute(update(Delivery).values(created_at=now() - timedelta(hours=1)))
    found = await run_until(database, provider, lambda f: {d.state for d in f.values()} == {"sent", "failed"})
    assert (found["short"].state, found["short"].error) == ("failed", "too late")
    assert [text for _, text in provider.taken] == ["long"]


PASSING = DeliveryError("30003")
LASTING = DeliveryError("30005", permanent=True)
# label, receipts in the order of arrival, state, status, error
RECEIPTS: list[tuple[str, list[tuple[str, DeliveryError | str | None]], str, str | None, str | None]] = [
    ("in order", [("queued", None), ("sent", None), ("delivered", None)], "sent", "delivered", None),
    ("out of order", [("delivered", None), ("sent", None), ("queued", None)], "sent", "delivered", None),
    ("read, then delivered", [("read", None), ("delivered", None)], "sent", "read", None),
    ("a word that we do not know", [("delivered", None), ("enroute", None)], "sent", "delivered", None),
    ("twice", [("sent", None), ("sent", None)], "sent", "sent", None),
    ("never arrives", [("sent", None), ("undelivered", LASTING)], "failed", "undelivered", "30005"),
    ("and is told before it was sent", [("undelivered", LASTING), ("sent", None)], "failed", "undelivered", "30005"),
    ("a code alone", [("failed", "17")], "failed", "failed", "17"),
    ("no code", [("failed", None)], "failed", "failed", "failed"),
    ("the phone was off", [("sent", None), ("undelivered", PASSING)], "waiting", None, "30003"),
    ("arrived after all", [("delivered", None), ("undelivered", PASSING)], "sent", "delivered", None),
]


@pytest.mark.parametrize(("told", "state", "status", "error"), [r[1:] for r in RECEIPTS], ids=[r[0] for r in RECEIPTS])
@pytest.mark.parametrize("early", [False, True])
async def test_receipts(
    database: Database,
    early: bool,
    told: list[tuple[str, DeliveryError | str | None]],
    state: str,
    status: str | None,
    error: str | None,
) -> None:
    await add(database, "message")
    outbox = Outbox(database, VAULT, {})
    async with database.read() as session:
        row = (await session.execute(select(Delivery))).scalar_one()
    if early:  # the provider is faster than our own note
        for word, why in told:
            await outbox.note_status("sms", "id-1", word, why)
    async with database.write() as session:
        await session.execute(update(Delivery).values(state="sending", attempts=1))
    await outbox._note(row, "id-1", None)
    if not early:
        for word, why in told:
            await outbox.note_status("sms", "id-1", word, why)
    found = (await rows(database))["message"]
    assert (found.state, found.status, found.error) == (state, status, error)
    if state == "waiting":
        assert found.due_at > now() + timedelta(minutes=9) and found.lane != "one woman"


async def test_what_did_not_arrive_is_sent_again_and_given_up_in_the_end(database: Database) -> None:
    provider = Provider()
    await add(database, "message")
    outbox = Outbox(database, VAULT, {"sms": provider})  # type: ignore[dict-item]
    for tries in range(1, 5):
        async with database.write() as session:
            await session.execute(update(Delivery).values(due_at=now()))
        await run_until(database, provider, all_sent)
        assert len(provider.taken) == tries and provider.asked == []
        await outbox.note_status("sms", f"id-{tries}", "undelivered", PASSING)
    assert (await rows(database))["message"].state == "failed"


async def test_an_id_says_nothing_about_another_channel(database: Database) -> None:
    await add(database, "message")
    async with database.write() as session:
        await session.execute(update(Delivery).values(state="sent", provider_id="17", attempts=1))
    await Outbox(database, VAULT, {}).note_status("sms_gateway", "17", "failed", LASTING)
    assert (await rows(database))["message"].state == "sent"


async def test_what_was_forgotten_after_it_was_sent_is_not_sent_again(database: Database) -> None:
    await add(database, "message")
    async with database.write() as session:
        values = {"state": "sent", "provider_id": "17", "attempts": 1, "body_sealed": b""}
        await session.execute(update(Delivery).values(**values))
    await Outbox(database, VAULT, {}).note_status("sms", "17", "undelivered", PASSING)
    assert (await rows(database))["message"].state == "failed"
