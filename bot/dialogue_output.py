"""What Rasa's process writes, as lines of our log: at a level, short, and without what a woman wrote."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_RECORD = re.compile(
    r"^(?:\d{4}-\d\d-\d\d[ T][\d:.,]+Z?\s+)?"
    r"(?:\[(?P<low>debug|info|warning|error|critical)\s*\]|(?P<high>DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)\s*"
    r"(?P<text>.*)$"
)
_SOURCE = re.compile(r"^(?P<name>[\w.]+)\s+-\s+(?P<text>.*)$")
_PLACE = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_EXCEPTION = re.compile(r"^(?P<name>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|NotFound|Timeout))\b:?")
_WARNING = re.compile(r"\b\w*Warning: ")
_QUOTATION = re.compile(r"(?<!\w)['\"`{\[(].*$|\w*=.*$|: .*$|\?\S*$")
_DIGITS = re.compile(r"\d{5,}")


class Line(NamedTuple):
    """level: a method name of a logger. text: safe to log."""

    level: str
    text: str


def read_line(raw: str, *, serving: bool) -> Line | None:
    """One line of Rasa's output; None when there is nothing worth a line in our log.

    serving: whether it may quote messages by now. Then quotations and values are left out, and lines of no known
    form are dropped: they could be anything, a message included. Before that it has seen no message.
    """
    text = _ESCAPES.sub("", raw).rstrip()
    if not text.strip() or _WARNING.search(text):
        return None
    if place := _PLACE.match(text):
        return Line("debug", f"at {place['file'].rsplit('/', 1)[-1]}:{place['line']} {place['function']}")
    if record := _RECORD.match(text):
        level = (record["low"] or record["high"]).lower()
        words = record["text"].strip()
        if source := _SOURCE.match(words):
            said = _structured(source["text"], serving)
            return Line(level, f"{source['name']}: {said or _shown(source['text'], serving)}")
        return Line(level, _shown(words, serving))
    if structured := _structured(text.strip(), serving):
        return Line("warning", structured)
    if exception := _EXCEPTION.match(text):
        return Line("warning", exception["name"] if serving else text[:300])
    return None if serving else Line("info" if text.startswith("Rasa") else "debug", text.strip()[:300])


def _structured(text: str, serving: bool) -> str | None:
    """A record that Rasa writes as JSON: what happened and the type of the error. Its other keys hold messages."""
    if not text.startswith("{"):
        return None
    try:
        record: dict[str, Any] = json.loads(text)
    except ValueError:
        return "a record of no known form" if serving else None
    words = _shown(str(record.get("event_info") or record.get("event") or ""), serving)
    errors = record.get("exception")
    for error in errors if isinstance(errors, list) else []:
        frames = error.get("frames") or [{}]
        place = f"{str(frames[-1].get('filename', '')).rsplit('/', 1)[-1]}:{frames[-1].get('lineno', '')}"
        words += f" | {error.get('exc_type', 'error')} at {place}"
    return words


def _shown(text: str, serving: bool) -> str:
    """`text`, while serving only up to its first quotation or value: what is quoted may itself hold quotation marks."""
    return _DIGITS.sub("…", _QUOTATION.sub("…", text, count=1))[:200] if serving else text[:300]
