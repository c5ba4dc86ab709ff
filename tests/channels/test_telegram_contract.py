"""Every field that we read of an update is one that Telegram has, as its library knows them."""

from __future__ import annotations

import inspect
import re

import telegram

from channels import telegram_updates

CLASSES = (
    telegram.Update, telegram.Message, telegram.Chat, telegram.User, telegram.CallbackQuery, telegram.ChatMemberUpdated,
    telegram.ChatMember, telegram.PhotoSize, telegram.Voice, telegram.Document, telegram.Contact, telegram.Location,
    telegram.Venue,
)  # fmt: skip


def test_every_field_that_we_read_exists() -> None:
    source = inspect.getsource(telegram_updates)
    read = set(re.findall(r'(?:_object|_integer|_string|_part|_degrees)\(\w+, "(\w+)"', source))
    read |= set(re.findall(r'\.get\("(\w+)"\)', source)) | set(re.findall(r'message\["(\w+)"\]', source))
    read |= set(re.findall(r'"(\w+)" in (?:update|message|file|query)', source))
    read |= set(telegram_updates._FILES) | telegram_updates._OTHER | set(telegram_updates.ALLOWED)
    known = {name.lstrip("_") for cls in CLASSES for base in cls.__mro__ for name in getattr(base, "__slots__", ())}
    assert len(read) > 30
    assert read - {"from"} <= known, f"Telegram has no such fields: {sorted(read - known - {'from'})}"
