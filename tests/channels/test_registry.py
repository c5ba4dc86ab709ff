"""Which channels are set up by which settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.registry import WEBHOOKS, build_channels, webhooks
from tests.channels.conftest import Inbox, settings
from tests.standins.http_sms import GatewayStandIn
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn

TWILIO = {k: v for k, v in TwilioStandIn().settings.items() if v}
TELEGRAM = {k: v for k, v in TelegramStandIn().settings.items() if v}

GATEWAY = GatewayStandIn()

SETUPS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("nothing", {"operator_email": "", "smtp_url": ""}, set()),
    ("mail", {}, {"email"}),
    ("SMS", TWILIO, {"sms", "email"}),
    ("Telegram", TELEGRAM, {"telegram", "email"}),
    ("gateway", {"gateway": True}, {"sms_gateway", "email"}),
    ("all", {**TWILIO, **TELEGRAM, "gateway": True}, {"sms", "sms_gateway", "telegram", "email"}),
]


@pytest.mark.parametrize(("values", "names"), [s[1:] for s in SETUPS], ids=[s[0] for s in SETUPS])
async def test_channels_and_webhooks(values: dict[str, Any], names: set[str], tmp_path: Path) -> None:
    if values.get("gateway"):
        values = values | GATEWAY.settings_in(tmp_path, url="https://gateway.example/send")
    channels = build_channels(settings(**values))
    assert set(channels) == names
    assert all(channel.name == name for name, channel in channels.items())
    routes = webhooks(channels, Inbox().receive)
    assert sorted(route.path for route in routes) == sorted(WEBHOOKS)
    for channel in channels.values():
        await channel.close()
