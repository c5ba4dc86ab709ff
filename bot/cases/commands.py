"""What partners write to do something with a case, read: `OK 482106`, `482106: your words`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Verb = Literal["take", "reply", "bot", "note", "close"]

HOW = (
    "Write OK 482106 to take a case (its number is in the message), 482106: your words to write to her, BOT 482106 to hand her "
    "back to the program, CLOSE 482106: how it ended."
)

TAKE = re.compile(r"ok(?:ay)?[\s.,:#-]*(\d{6})?[\s.!]*", re.IGNORECASE)
_BOT = re.compile(r"bot[\s:#-]*(\d{6})[\s.!]*", re.IGNORECASE)
_CLOSE = re.compile(r"close[\s:#-]*(\d{6})[\s:,.-]+(.+)", re.IGNORECASE | re.DOTALL)
REPLY = re.compile(r"#?(\d{6})\s*[:,-]\s*(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """What a partner wants. number: of the case; empty where it has to be found out."""

    verb: Verb
    number: str = ""
    text: str = ""


def read(text: str) -> Command | None:
    """The command that a text is; None when it is none."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := TAKE.fullmatch(text):
        return Command("take", found[1] or "")
    if found := _BOT.fullmatch(text):
        return Command("bot", found[1])
    if found := _CLOSE.fullmatch(text):
        return Command("close", found[1], found[2].strip())
    if found := REPLY.fullmatch(text):
        return Command("reply", found[1], found[2].strip())
    return None


def read_button(payload: str) -> Command | None:
    """The command of a button, `case:take:482106`."""
    parts = payload.split(":")
    if len(parts) == 3 and parts[0] == "case" and parts[1] in ("take", "bot") and re.fullmatch(r"\d{6}", parts[2]):
        return Command(parts[1], parts[2])  # type: ignore[arg-type]
    return None
