"""What becomes of replies when a provider is in trouble, channel by channel: none is lost, in order per woman, and what may have
come twice is counted.

`KASAMA_TEST_OUTAGE=600` for an outage of ten minutes; three seconds by default.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from bot.deliveries import put
from bot.messages import Outbound
from bot.outbox import Outbox
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Delivery
from channels import Channel
from channels.http_sms import HttpSms
from channels.telegram import Telegram
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import settings
from tests.standins.http_sms import GatewayStandIn
from tests.standins.serving import ACCEPTED_BUT_CUT, ACCEPTED_WITHOUT_BODY, BROKEN, Failure
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn

OUTAGE = float(os.environ.get("KASAMA_TEST_OUTAGE", "3"))
WOMEN, REPLIES = 8, 3
VAULT = Vault("a key for tests that is long enough")
STANDINS: dict[str, Any] = {
    "twilio": TwilioStandIn,
    "telegram": TelegramStandIn,
    "phone": lambda: GatewayStandIn("android-phone"),
    "aggregator": lambda: GatewayStandIn("africas-talking"),
}


class Down(list[Failure]):
    """Fails every request until it is over."""

    def __init__(self, failure: Failure) -> None:
        super().__init__([failure])

    def pop(self, index: Any = -1) -> Failure:
        return self[0]


@pytest.fixture(scope="module", params=STANDINS)
def named(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    with STANDINS[request.param]() as standin:
        yield request.param, standin


@asynccontextmanager
async def sending(name: str, standin: Any, folder: Path) -> AsyncIterator[tuple[Database, Channel, Any]]:
    """An outbox at work on a channel whose provider answers within a second, or not."""
    channel: Any
    if name == "twilio":
        channel = TwilioSms(settings(**standin.settings), timeout=1.0)
    elif name == "telegram":
        channel = Telegram(settings(**standin.settings))
        for request in channel._requests:
            request._client.timeout = 1.0
    else:
        channel = HttpSms(settings(**standin.settings_in(folder)))
    database = Database(f"sqlite+aiosqlite:///{folder / 'trouble.sqlite3'}", durable=False)
    await database.migrate()
    outbox = Outbox(database, VAULT, {channel.name: channel})
    job = asyncio.create_task(outbox.run())
    try:
        yield database, channel, outbox
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        await channel.close()
        await database.close()


def address(name: str, woman: int) -> str:
    return str(5000 + woman) if name == "telegram" else f"+85251{woman:06}"


async def reply(database: Database, channel: Channel, name: str, woman: int, number: int) -> None:
    async with database.write() as session:
        put(
            session, VAULT, key=f"{woman}:{number}", channel=channel.name, address=VAULT.seal(address(name, woman)),
            message=Outbound(f"reply {number}"), lane=f"lane {woman}",
        )  # fmt: skip


async def all_sent(database: Database, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        async with database.read() as session:
            left = select(func.count(Delivery.id)).where(Delivery.state != "sent")
            if not (await session.execute(left)).scalar_one():
                return
        await asyncio.sleep(0.1)
    raise AssertionError("replies are still waiting")


def texts(name: str, standin: Any, woman: int) -> list[str]:
    return list(standin.texts(int(address(name, woman)) if name == "telegram" else address(name, woman)))


def counted(channel: Channel) -> float:
    return REGISTRY.get_sample_value("kasama_possible_duplicates_total", {"channel": channel.name}) or 0.0


@pytest.mark.parametrize("how", [Failure(503), Failure(429)], ids=["broken", "busy"])
async def test_an_outage(named: tuple[str, Any], tmp_path: Path, how: Failure) -> None:
    name, standin = named
    standin.forget()
    async with sending(name, standin, tmp_path) as (database, channel, _):
        standin.failures = Down(how)
        start = time.monotonic()
        for number in range(REPLIES):
            for woman in range(WOMEN):
                await reply(database, channel, name, woman, number)
            await asyncio.sleep(OUTAGE / REPLIES)
        await asyncio.sleep(max(0.0, OUTAGE - (time.monotonic() - start)))
        assert not any(texts(name, standin, woman) for woman in range(WOMEN))
        standin.failures = []
        await all_sent(database, 120)
    for woman in range(WOMEN):
        assert texts(name, standin, woman) == [f"reply {n}" for n in range(REPLIES)]


TOO_MANY = Failure(
    429,
    {"Retry-After": "1"},
    body='{"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}',
)
# label, what happens to the first try, then how often it may arrive and how often that is counted, by channel
TROUBLE: list[tuple[str, Failure, dict[str, tuple[int, int]]]] = [
    ("429", TOO_MANY, dict.fromkeys(STANDINS, (1, 0))),
    ("500", BROKEN, {"twilio": (1, 0), "phone": (1, 0), "telegram": (1, 1), "aggregator": (1, 1)}),
    ("cut", ACCEPTED_BUT_CUT, {"twilio": (1, 0), "phone": (1, 0), "telegram": (2, 1), "aggregator": (2, 1)}),
    ("late", Failure(late=2.0), {"twilio": (1, 0), "phone": (1, 0), "telegram": (2, 1), "aggregator": (2, 1)}),
    ("no body", ACCEPTED_WITHOUT_BODY, {"twilio": (1, 0), "phone": (1, 0), "telegram": (2, 1), "aggregator": (2, 1)}),
]


@pytest.mark.parametrize(("failure", "outcomes"), [t[1:] for t in TROUBLE], ids=[t[0] for t in TROUBLE])
async def test_trouble(named: tuple[str, Any], tmp_path: Path, failure: Failure, outcomes: dict[str, Any]) -> None:
    name, standin = named
    standin.forget()
    async with sending(name, standin, tmp_path) as (database, channel, _):
        before = counted(channel)
        standin.failures = [failure]
        await reply(database, channel, name, 1, 0)
        await all_sent(database, 30)
        assert (len(texts(name, standin, 1)), counted(channel) - before) == outcomes[name]
