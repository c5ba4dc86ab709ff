"""Which channels there are, and which of them are set up here."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.routing import Route

from bot.messages import Receive
from bot.settings import Settings
from channels import Channel
from channels.email import Email
from channels.http_sms import PATH as GATEWAY_PATH
from channels.http_sms import STATUS_PATH as GATEWAY_STATUS_PATH
from channels.http_sms import HttpSms
from channels.telegram import PATH as TELEGRAM_PATH
from channels.telegram import Telegram
from channels.twilio_sms import PATH as SMS_PATH
from channels.twilio_sms import STATUS_PATH, TwilioSms
from channels.webhook import closed

WEBHOOKS = (SMS_PATH, STATUS_PATH, GATEWAY_PATH, GATEWAY_STATUS_PATH, TELEGRAM_PATH)
"""Every webhook that any channel has."""


def build_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that are set up, by name. Call `close` on each at the end."""
    channels: list[Channel] = []
    if settings.twilio_account_sid and settings.twilio_from:
        channels.append(TwilioSms(settings))
    if settings.sms_gateway is not None:
        channels.append(HttpSms(settings))
    if settings.telegram_bot_token.get_secret_value():
        channels.append(Telegram(settings))
    if settings.smtp_url.get_secret_value():
        channels.append(Email(settings))
    return {channel.name: channel for channel in channels}


def webhooks(channels: Mapping[str, Channel], receive: Receive) -> list[Route]:
    """The webhooks of all channels. One whose channel is not set up exists too, and answers 403 to everybody."""
    routes = [route for channel in channels.values() for route in channel.routes(receive)]
    open_paths = {route.path for route in routes}
    return routes + [Route(path, closed, methods=["POST"]) for path in WEBHOOKS if path not in open_paths]
