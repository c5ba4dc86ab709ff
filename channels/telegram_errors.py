"""What the errors of Telegram's library mean: for a delivery, and for the operator."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.messages import DeliveryError


def delivery_error(error: TelegramError) -> DeliveryError:
    """What an error means for the delivery. Its own text is dropped: it may hold the token or the chat."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return DeliveryError("429", retry_after=seconds, refused=True)
    if isinstance(error, Forbidden):
        return DeliveryError("403 blocked", blocked=True)
    if isinstance(error, BadRequest | ChatMigrated):
        return DeliveryError("400 refused", permanent=True)
    if isinstance(error, InvalidToken):
        return DeliveryError("401 token refused", refused=True)
    if isinstance(error, Conflict):
        return DeliveryError("409 conflict", refused=True)
    if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return DeliveryError("unreachable", refused=True)
    return DeliveryError("timeout" if isinstance(error, TimedOut) else type(error).__name__)


def advice(error: TelegramError) -> str:
    """What the operator should look at."""
    if isinstance(error, InvalidToken):
        return "Telegram refused TELEGRAM_BOT_TOKEN; copy it again from BotFather"
    if isinstance(error, Conflict):
        return "another program is fetching this bot's messages; stop it, or use a bot of your own for each"
    if isinstance(error, BadRequest):
        return (
            "Telegram refused our request; is KASAMA_PUBLIC_URL an https address, and has "
            "TELEGRAM_WEBHOOK_SECRET letters, digits, _ and - only?"
        )
    return "Telegram cannot be reached; trying again"
