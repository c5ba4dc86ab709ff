"""No request to a webhook, however strange, ends in an error of ours or in memory that grows.

In process, through ASGI, into a real database. `KASAMA_TEST_FUZZ=100000` for the full measurement.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
import resource
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.cases import Inbox
from bot.knowledge import Knowledge
from bot.safety import Safety
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import InboundRow
from bot.world import Mind, World
from channels.registry import build_channels, webhooks
from channels.rendering import BY_SMS
from tests.channels.conftest import settings
from tests.channels.fuzzing import HOST, TARGETS, Call, _aggregator, _phone, _telegram, _twilio, calls

MANY = int(os.environ.get("KASAMA_TEST_FUZZ", "1000"))
GROWTH = 48
"""MiB that the process may grow after the first tenth: the caches of the words that are looked at."""

CONTENT = Path(__file__).resolve().parents[2] / "content"
NOWHERE = "http://127.0.0.1:9"


class Languages:
    """Takes everything for English: which language it is matters nothing here."""

    def identify(self, text: str, prior: Any = None) -> list[tuple[str, float]]:
        return [("en", 1.0)]


@pytest.fixture(scope="module")
def mind() -> Mind:
    dialogue: Any = None  # messages are stored, not answered
    return Mind(Knowledge(CONTENT), Safety(CONTENT / "safety"), Languages(), dialogue, BY_SMS)  # type: ignore[arg-type]


def _settings(name: str, folder: Path) -> dict[str, Any]:
    if name == "twilio":
        return {**_twilio.settings, "twilio_api_url": NOWHERE}
    if name == "telegram":
        return {
            **_telegram.settings, "telegram_api_url": NOWHERE, "public_url": "https://kasama.example",
            "telegram_webhook_secret": _telegram.secret,
        }  # fmt: skip
    return (_phone if name == "phone" else _aggregator).settings_in(folder, url="https://gateway.example/send")


async def ask(app: Starlette, call: Call, chance: random.Random) -> int:
    """The status of the answer. The body comes in pieces, as from a network."""
    body, step = call.body, chance.choice((1000, 65_536, 2_000_000))
    pieces = [body[i : i + step] for i in range(0, len(body), step)] or [b""]
    status = 0

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = {"Host": HOST, **call.headers}
    await app(
        {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": call.path, "raw_path": call.path.encode(), "query_string": call.query.encode(), "root_path": "",
            "headers": [(k.lower().encode(), v.encode("utf-8", "replace")) for k, v in headers.items()],
            "client": ("127.0.0.1", 1), "server": (HOST, 80),
        },
        receive,
        send,
    )  # fmt: skip
    return status


def resident() -> int:
    """MiB of memory that the process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("name", TARGETS)
async def test_fuzzed_webhooks(name: str, mind: Mind, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channels = build_channels(settings(**_settings(name, tmp_path)))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'fuzz.sqlite3'}", durable=False)
    world = World(
        mind, Vault("a key for tests that is long enough"), database, name="t", channels={}, inbox=Inbox(email="x")
    )
    await database.migrate()
    for channel in channels.values():
        if hasattr(channel, "on_status"):
            channel.on_status = functools.partial(world.outbox.note_status, channel.name)
    app = Starlette(routes=list(webhooks(channels, world.conversation.receive)))
    chance, answers, before = random.Random(6), Counter[int](), 0
    for number, call in enumerate(calls(name, MANY)):
        if number == MANY // 10:
            before = resident()
        status = await ask(app, call, chance)
        answers[status] += 1
        assert 200 <= status < 500, (status, call.path, call.query, call.headers, call.body[:2000])
        if number % 50 == 0:
            await asyncio.sleep(0)
        if number % 10_000 == 9_999:
            with capsys.disabled():
                print(f"{name}: {number + 1} requests, +{resident() - before} MiB", flush=True)
    grown = resident() - before
    async with database.read() as session:
        stored = (await session.execute(select(func.count(InboundRow.id)))).scalar_one()
    for channel in channels.values():
        await channel.close()
    await database.close()
    with capsys.disabled():
        print(f"\n{name}: {MANY} requests, answers {dict(sorted(answers.items()))}, {stored} stored, +{grown} MiB")
    assert set(answers) <= {200, 204, 400, 403, 404, 405, 413}
    assert stored > MANY * 0.1, "some are still good, or this tests nothing"
    assert answers[403] > MANY * 0.1 and answers[400] > 0
    assert grown <= GROWTH
