"""One log for everything: a readable line on a terminal, JSON elsewhere, and never personal data.

What we log ourselves names no number, name or message text. What libraries log is cut to its first line and loses
everything that looks like an address; of an exception its type and places are kept, its text only where it is ours.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from datetime import datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

OWN = ("bot.", "channels.", "actions.", "__main__")

# Loggers that write what a woman wrote, a bot's token (httpx: each URL), a number (uvicorn.access: each query) or, even as
# an error, what a provider answered (telegram). What went wrong there is logged by the channels.
QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.CRITICAL + 1,
    "twilio": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "watchfiles": logging.WARNING,
    "rasa_sdk": logging.WARNING,
    "sanic": logging.WARNING,
    "asyncio": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
}


def quieten() -> None:
    """Silence the libraries that quote messages, tokens and numbers; also where no log has been set up."""
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(max(lowest, logging.getLogger().level))


_MASKS = (
    (re.compile(r"\b\d{6,}:[\w-]{30,}"), "<token>"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<address>"),
    (re.compile(r"\+\d[\d ()-]{6,}\d"), "<number>"),
    (re.compile(r"\b(AC|SK|SM|MM)[0-9a-f]{32}\b"), r"<\1…>"),
    (re.compile(r"(://)[^/\s@]+@"), r"\1<login>@"),
)
_LONG_DIGITS = re.compile(r"(?<![\w-])\d{8,}(?![\w-])")


def mask(text: str, *, foreign: bool = False) -> str:
    """`text` without tokens, e-mail addresses and phone numbers; foreign: also without any long number."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return _LONG_DIGITS.sub("<number>", text) if foreign else text


def describe(error: BaseException) -> str:
    """An exception as `Type at file:line in function`, its causes after it; its text only when it is our own type."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(parts) < 5:
        seen.add(id(current))
        name = type(current).__qualname__
        text = ""
        if type(current).__module__.startswith(OWN):
            text = f": {mask(str(current).splitlines()[0])}" if str(current) else ""
        elif isinstance(current, OSError) and current.strerror:
            text = f": {mask(current.strerror, foreign=True)}"
        frames = traceback.extract_tb(current.__traceback__)[-4:]
        places = " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        parts.append(f"{name}{text}" + (f" at {places}" if places else ""))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " | from ".join(parts)


def _short(path: str) -> str:
    parts = path.replace("\\", "/").split("/")
    for mark in ("site-packages", "bot", "channels", "actions"):
        if mark in parts:
            at = len(parts) - 1 - parts[::-1].index(mark)
            return "/".join(parts[at + 1 :] if mark == "site-packages" else parts[at:])
    return parts[-1]


def _add_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    info: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()[1]
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    event.pop("stack_info", None)
    return event


def _mask_all(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    foreign = "_record" in event
    for key, value in event.items():
        if isinstance(value, str) and key != "error":
            event[key] = mask(value, foreign=foreign and key == "event")
    return event


def _foreign_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What a library said: its first line, tagged with the library's name."""
    record: logging.LogRecord = event["_record"]
    lines = str(event.get("event", "")).splitlines()
    event["event"] = lines[0][:300] if lines else ""
    event["part"] = record.name.split(".", 1)[0]
    return event


def _own_part(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The room that speaks: `bot.outbox` is `outbox`."""
    name = event.pop("logger", None)
    if "part" not in event:
        event["part"] = str(name).removeprefix("bot.") if name else "kasama"
    return event


_COLOURS = {"debug": "2", "info": "", "warning": "33", "error": "31", "critical": "1;31"}


class TerminalLine:
    """One line for a person: time, level where it matters, part, what happened, details."""

    def __init__(self, colours: bool) -> None:
        self.colours = colours

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and code else text

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> str:
        level = str(event.pop("level", "info"))
        part = str(event.pop("part", "kasama"))
        text = str(event.pop("event", ""))
        moment = str(event.pop("timestamp", ""))
        error = event.pop("error", None)
        details = " ".join(f"{key}={_plain(value)}" for key, value in event.items() if not key.startswith("_"))
        code = _COLOURS.get(level, "")
        line = [self._paint(moment, "2"), self._paint(f"{part:<12}", "36")]
        if level not in ("info", "debug"):
            line.append(self._paint(level.upper(), code))
        line.append(self._paint(text, code))
        if details:
            line.append(self._paint(details, "2"))
        if error:
            line.append(self._paint(str(error), code))
        return " ".join(line)


def _plain(value: Any) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return repr(text) if " " in text or not text else text


def _local_time(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now().strftime("%H:%M:%S")
    return event


class _CurrentTerminal(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what standard error is at that moment: a chat in the same terminal redirects it around its prompt."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr


def configure_logs(level: str = "INFO", *, stream: TextIO | None = None, json: bool | None = None) -> None:
    """Send every log of the process, ours and the libraries', to one place.

    stream: where to; by default the terminal (standard error) when there is one, else standard output.
    json: one JSON object per line; by default wherever `stream` is no terminal.
    Uvicorn must be started with `log_config=None, access_log=False`, or it takes its loggers back.
    """
    on_terminal = stream is None and sys.stderr.isatty()
    if stream is None:
        stream = sys.stderr if sys.stderr.isatty() else sys.stdout
    terminal = stream.isatty()
    if json is None:
        json = not terminal
    stamp: Any = structlog.processors.TimeStamper(fmt="iso", utc=True) if json else _local_time
    shared: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, stamp]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else TerminalLine(colours=terminal and "NO_COLOR" not in os.environ)
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = _CurrentTerminal() if on_terminal else logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _foreign_event, _mask_all],
            processors=[_add_error, remove, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in list(logging.root.manager.loggerDict):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    quieten()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shared,
            _own_part,
            _add_error,
            _mask_all,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
