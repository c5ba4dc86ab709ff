"""What she reads, message by message, exactly as the service would compose and send it: for the preview page and command."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.knowledge import Answer, Knowledge, Money, Route
from bot.messages import Outbound
from bot.replies import Replies
from bot.store.crypto import Vault
from bot.store.models import Person
from bot.turn import Step
from channels.rendering import BY_SMS

CHANNELS = {"sms": "SMS", "telegram": "Telegram"}
"""Name of a channel -> how editors call it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and who asks it. topic: `ask_fees`. money: an amount that she was asked for. number: the country of her
    phone number (alpha-3), if that is to be known: it says where she is, and which rules SMS have there."""

    topic: str
    route: Route
    language: str = "en"
    channel: str = "sms"
    money: Money | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """answer: with the facts behind it. messages: in the order in which she gets them; by SMS each "more" brings the next."""

    answer: Answer
    messages: tuple[Outbound, ...]


def preview(knowledge: Knowledge, asked: Asked) -> Preview:
    """Compose the answer as the service does, for a woman who has told her route."""
    # The key is thrown away: nothing is stored, so nothing is sealed.
    replies = Replies(Vault(secrets.token_urlsafe(32)), knowledge, by_sms=BY_SMS, telegram=True)
    money = {"amount": str(asked.money.amount), "currency": asked.money.currency} if asked.money else None
    her = Person(
        channel=asked.channel,
        language=asked.language,
        phone_country=asked.number,
        origin=asked.route.origin,
        destination=asked.route.destination,
        topic={"topic": asked.topic, "asked": money},
    )
    answer = replies.answer(her, asked.topic, money)
    paged = asked.channel in BY_SMS
    steps = [Step(replies=[{"answer": asked.topic, "asked": money}])]
    if paged:
        steps += [Step(replies=[{"page": page}]) for page in range(2, len(answer.pages) + 1)]
    messages = (replies.compose(step, her, paged=paged) for step in steps)
    return Preview(answer, tuple(message for message in messages if message is not None))
