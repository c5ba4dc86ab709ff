"""One module per question of INTENTS: `compose(draft)` chooses facts and advice. A topic is registered by its file name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bot.knowledge.draft import Draft
from bot.topics import TOPICS as NAMES

TOPICS: dict[str, Callable[[Draft], None]] = {
    name: import_module(f"{__name__}.{name.removeprefix('ask_')}").compose for name in NAMES
}
"""`ask_fees` -> the function that fills a draft."""
