"""One message along the real road, and what became of it, for the command line and for evaluation."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from bot.messages import Inbound, Outbound
from bot.segments import count
from bot.world import Said, World
from channels.rendering import FORMS

Render = Callable[[str, Outbound], list[str]]
"""The texts that a recipient on the named channel reads."""

CHANNELS = (*FORMS, "terminal", "try")

_numbers = itertools.count()


class LineError(ValueError):
    """A line of input that is not a message; the text says what is wrong."""


def read_line(line: Any) -> Inbound:
    """The message of `{"text", "sender"?, "channel"?, "lang"?}`; raises `LineError`."""
    if not isinstance(line, dict) or not isinstance(line.get("text"), str):
        raise LineError('each line must be an object with a "text", for example {"text": "hello"}')
    channel = line.get("channel") or "terminal"
    if channel not in CHANNELS:
        raise LineError(f"channel must be one of {', '.join(CHANNELS)}, not {channel!r}")
    for name in ("sender", "lang"):
        if line.get(name) is not None and not isinstance(line[name], str):
            raise LineError(f'"{name}" must be a text')
    number = f"{time.time_ns()}-{next(_numbers)}"
    return Inbound(
        channel=channel,
        address=line.get("sender") or f"nobody-{uuid.uuid4().hex}",
        text=line["text"],
        provider_id=f"say-{number}",
    )


async def say(world: World, line: Mapping[str, Any], render: Render) -> dict[str, Any]:
    """Let a line go its road; the result in the form of `kasama say --jsonl`. Raises `LineError`."""
    inbound = read_line(line)
    said = await world.say(inbound, language=line.get("lang"))
    return result(said, inbound.channel, render)


def result(said: Said, channel: str, render: Render) -> dict[str, Any]:
    """What became of a message, as JSON."""
    understood = said.understood
    return {
        "intent": understood.get("intent"),
        "confidence": understood.get("confidence", 0.0),
        "language": understood.get("language"),
        "entities": understood.get("entities", []),
        "safety": understood.get("safety", "none"),
        "kind": said.kind,
        "case_id": said.case_id,
        "replies": [reply for message in said.replies for reply in _replies(message, channel, render)],
    }


def _replies(message: Outbound, channel: str, render: Render) -> list[dict[str, Any]]:
    texts = render(channel, message)
    replies = []
    for n, text in enumerate(texts, start=1):
        segments = count(text)
        labels = [c.label for c in message.choices] if n == len(texts) else []
        replies.append({"text": text, "choices": labels, "segments": segments.segments, "encoding": segments.encoding})
    return replies
