"""What a recipient reads on a channel, whether or not the channel is set up here: for previews and for trying things out."""

from __future__ import annotations

from bot.messages import Outbound
from channels.telegram import as_telegram
from channels.twilio_sms import as_sms


def render(channel: str, message: Outbound) -> list[str]:
    """The text or texts of `message` on the named channel. Where choices are buttons they are not part of the text."""
    if channel == "sms":
        return as_sms(message)
    return as_telegram(message)
