"""What a recipient reads on a channel, whether or not the channel is set up here: for previews and for trying things out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import Outbound
from channels.telegram import as_telegram
from channels.twilio_sms import as_sms


@dataclass(frozen=True, slots=True)
class Form:
    """The form that a channel gives to a message.

    render: the text or texts that she reads; where choices are buttons they are not part of the text.
    by_sms: she pays for each segment, so she gets one page at a time, and choices are numbered lines of the text.
    """

    render: Callable[[Outbound], list[str]]
    by_sms: bool = False


FORMS = {
    "sms": Form(as_sms, by_sms=True),
    "sms_gateway": Form(as_sms, by_sms=True),
    "telegram": Form(as_telegram),
}
"""By name, every channel on which women write. Any other name (`terminal`, `try`) looks like Telegram."""

BY_SMS = frozenset(name for name, form in FORMS.items() if form.by_sms)


def render(channel: str, message: Outbound) -> list[str]:
    """The text or texts of `message` on the named channel."""
    return FORMS.get(channel, FORMS["telegram"]).render(message)
