"""Which channels are set up by which settings."""

from __future__ import annotations

from typing import Any

import pytest

from channels.registry import WEBHOOKS, build_channels, webhooks
from tests.channels.conftest import Inbox, settings
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn

TWILIO = {k: v for k, v in TwilioStandIn().settings.items() if v}
TELEGRAM = {k: v for k, v in TelegramStandIn().settings.items() if v}

SETUPS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("nothing", {"operator_email": "", "smtp_url": ""}, set()),
    ("mail", {}, {"email"}),
    ("SMS", TWILIO, {"sms", "email"}),
    ("Telegram", TELEGRAM, {"telegram", "email"}),
    ("all", {**TWILIO, **TELEGRAM}, {"sms", "telegram", "email"}),
]


@pytest.mark.parametrize(("values", "names"), [s[1:] for s in SETUPS], ids=[s[0] for s in SETUPS])
async def test_channels_and_webhooks(values: dict[str, Any], names: set[str]) -> None:
    channels = build_channels(settings(**values))
    assert set(channels) == names
    assert all(channel.name == name for name, channel in channels.items())
    routes = webhooks(channels, Inbox().receive)
    assert sorted(route.path for route in routes) == sorted(WEBHOOKS)
    for channel in channels.values():
        await channel.close()
