"""What `/metrics` and `/readyz` tell, and by what the log of one message is found."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import update

from bot import metrics
from bot.cases import Inbox
from bot.messages import Inbound
from bot.metrics import Backlog
from bot.readiness import warnings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Delivery, InboundRow, now
from bot.turn import Step, Turn, Understood
from bot.world import Mind, World
from tests.town import Channel, English, content

CALM = Backlog({"urgent": (0, 0.0), "ordinary": (0, 0.0)}, (0, 0.0), {}, 0.0)
NUMBER = "+85251230000"


class Model:
    """Answers everything, and notes by what the log is found meanwhile."""

    def __init__(self) -> None:
        self.bound: list[Any] = []

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        self.bound.append(structlog.contextvars.get_contextvars().get("message"))
        return Understood("greet", 1.0), Step().say("greet_again")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Any]:
    model, sms, email = Model(), Channel("sms"), Channel("email")
    language: Any = English()
    asked: Any = model
    mind = Mind(*content(), language, asked, frozenset({"sms"}))
    channels: Any = {"sms": sms, "email": email}
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'db'}", durable=False)
    vault, inbox = Vault("a key for tests that is long enough"), Inbox(email="desk@ngo.example")
    world = World(mind, vault, database, name="live", channels=channels, inbox=inbox)
    await world.start()
    yield SimpleNamespace(world=world, model=model, database=database)
    await world.stop()


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_happens_is_counted_without_anything_personal(town: Any) -> None:
    before = {
        "in": value("kasama_inbound_total", channel="sms", safety="case"),
        "out": value("kasama_outbound_total", channel="email", outcome="sent"),
        "partner": value("kasama_time_to_partner_seconds_count"),
    }
    await town.world.receive(Inbound("sms", NUMBER, "help me he is beating me", "id-1"))
    assert await town.world.quiet(20)
    assert value("kasama_inbound_total", channel="sms", safety="case") == before["in"] + 1
    assert value("kasama_outbound_total", channel="email", outcome="sent") == before["out"] + 1
    assert value("kasama_time_to_partner_seconds_count") == before["partner"] + 1
    await town.world.receive(Inbound("sms", NUMBER, "help me he is beating me", "id-1"))
    assert value("kasama_inbound_total", channel="sms", safety="case") == before["in"] + 1  # a repeat is none

    waiting = await metrics.backlog(town.database)
    assert waiting.cases == {"open": 0, "notified": 1, "acknowledged": 0, "in_contact": 0} and waiting.untaken > 0
    metrics.show(waiting, {"expired": 2, "soon": 1}, Path("."))
    assert value("kasama_open_cases", state="notified") == 1 and value("kasama_content_reviews", due="expired") == 2
    page = generate_latest().decode()
    assert NUMBER[1:] not in page and "beating" not in page and "ngo.example" not in page


async def test_what_waits_has_an_age(town: Any) -> None:
    await town.world.receive(Inbound("sms", NUMBER, "hello", "id-1"))
    assert await town.world.quiet(20)
    async with town.database.write() as session:
        later = now() + timedelta(hours=1)
        hour_ago = now() - timedelta(hours=1)
        await session.execute(update(Delivery).values(state="waiting", due_at=later, created_at=hour_ago))
        await session.execute(update(InboundRow).values(state="received", due_at=later, received_at=hour_ago))
    waiting = await metrics.backlog(town.database)
    assert waiting.outbox["ordinary"][0] == 1 and 3590 < waiting.outbox["ordinary"][1] < 3700
    assert waiting.outbox["urgent"] == (0, 0.0)
    assert waiting.inbound[0] == 1 and 3590 < waiting.inbound[1] < 3700
    told = warnings(waiting, Path("."))
    assert any(re.match(r"1 messages are not sent, the oldest for 60 minutes", line) for line in told)
    assert any(re.match(r"1 messages are not answered", line) for line in told)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=1000, used=970, free=30)
    monkeypatch.setattr(metrics.shutil, "disk_usage", lambda folder: usage)
    assert [line for line in warnings(CALM, Path(".")) if "nearly full: 3.0% is free" in line]
    usage.free = 500
    assert warnings(CALM, Path(".")) == []


async def test_the_log_of_one_message_is_found_by_one_number(town: Any) -> None:
    seen: list[dict[str, Any]] = []

    def keep(_logger: Any, _method: str, event: Any) -> Any:
        seen.append(dict(event))
        raise structlog.DropEvent

    old = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep], cache_logger_on_first_use=False)
    try:
        for n in range(3):
            await town.world.receive(Inbound("sms", f"+8525123000{n}", "hello", f"id-{n}"))
        assert structlog.contextvars.get_contextvars() == {}  # a poller's next message starts anew
        assert await town.world.quiet(20)
        await asyncio.sleep(0.05)
    finally:
        structlog.configure(**old)
    async with town.database.read() as session:
        rows = [
            row_id
            for (row_id,) in await session.execute(InboundRow.__table__.select().with_only_columns(InboundRow.id))
        ]
    assert sorted(town.model.bound) == rows
    for row in rows:
        assert [event["event"] for event in seen if event.get("message") == row] == ["received", "sent"]
