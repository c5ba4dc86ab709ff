"""What the tests of the channels share: webhooks without a network, and settings that no file or environment changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.messages import Inbound
from bot.settings import Settings, environment_name, load_settings
from channels import Channel
from channels.registry import webhooks

OPERATOR = "desk@ngo.example"
"""Every service that takes messages must have somebody to reach."""


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(environment_name(field), raising=False)


def settings(**values: Any) -> Settings:
    """Settings with these values and no others."""
    smtp = {
        "operator_email": OPERATOR,
        "smtp_url": "smtp://127.0.0.1:1",
        "secret_key": "a key for tests that is long enough",
    }
    return load_settings(_env_file=None, **{**smtp, **values})


class Inbox:
    """Stores inbound messages in memory. broken: raise instead, as a database without space does."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.broken = False

    async def receive(self, inbound: Inbound) -> None:
        """See `bot.messages.Receive`."""
        # What the store cannot encode must never reach it.
        for text in (inbound.text, inbound.address, inbound.provider_id, inbound.payload or ""):
            text.encode()
            assert "\x00" not in text
        if self.broken:
            raise OSError("statement with her words in it")
        self.messages.append(inbound)


def visitor(channels: Sequence[Channel], inbox: Inbox, base_url: str = "http://kasama.test") -> httpx.AsyncClient:
    """Somebody who can write to the webhooks of these channels, or of none."""
    app = Starlette(routes=list(webhooks({c.name: c for c in channels}, inbox.receive)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)
