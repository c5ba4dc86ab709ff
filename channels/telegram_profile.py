"""How the bot introduces itself in Telegram: the commands of its menu and what it can do, in every language that it speaks."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from telegram import Bot, BotCommand
from telegram.error import TelegramError

log = structlog.get_logger(__name__)

COMMANDS = ("help", "language", "hide", "delete", "start")
"""In the order of the menu."""

PAUSE = 0.2
"""Seconds between two requests: nobody waits for this, and messages go first."""


@dataclass(frozen=True, slots=True)
class Profile:
    """commands: name without slash, to what it does. about: what the bot is for, at most 120 characters."""

    commands: Mapping[str, str]
    about: str


class Says(Protocol):
    """What knows the sentences: `bot.knowledge`."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Language tags, English first."""

    def phrase(self, key: str, language: str, /) -> str:
        """A sentence."""


def profiles(says: Says) -> dict[str, Profile]:
    """The bot's profile in every language, and in English for all others."""
    return {"" if n == 0 else tag: _profile(says, tag) for n, tag in enumerate((says.languages[0], *says.languages))}


def _profile(says: Says, language: str) -> Profile:
    commands = {name: says.phrase(f"command_{name}", language) for name in COMMANDS}
    return Profile(commands, says.phrase("command_about", language))


async def present(bot: Bot, profiles: Mapping[str, Profile], remembered: Path, pause: float = PAUSE) -> None:
    """Bring the bot's profile up to date. profiles: by language, two letters; the one under "" is for all others.

    remembered: file that tells what was set last, so that it is not set again at every start: Telegram limits that.
    What fails is tried again at the next start.
    """
    made = json.dumps([bot.token, {tag: [dict(p.commands), p.about] for tag, p in profiles.items()}], sort_keys=True)
    mark = hashlib.sha256(made.encode()).hexdigest()
    if await asyncio.to_thread(_read, remembered) == mark:
        return
    try:
        for language, profile in profiles.items():
            commands = [BotCommand(name, text) for name, text in profile.commands.items()]
            await bot.set_my_commands(commands, language_code=language)
            await bot.set_my_short_description(profile.about, language_code=language)
            await bot.set_my_description(profile.about, language_code=language)
            await asyncio.sleep(pause)
        await asyncio.to_thread(remembered.write_text, mark)
    except (TelegramError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("the bot's commands and description could not be set", error=type(error).__name__)


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""
