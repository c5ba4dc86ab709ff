"""The log: readable for people and machines, and nobody's number, address or words in it."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_machines_get_one_json_object_per_line() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    structlog.get_logger("bot.outbox").info("sent", channel="sms", seconds=0.5)
    line = json.loads(stream.getvalue())
    assert line["event"] == "sent" and line["part"] == "outbox" and line["channel"] == "sms"
    assert line["level"] == "info" and line["timestamp"].endswith("Z")


def test_people_get_one_readable_line() -> None:
    stream = Terminal()
    configure_logs(stream=stream)
    structlog.get_logger("bot.outbox").warning("not sent", code="30003")
    text = stream.getvalue()
    assert text.count("\n") == 1 and "outbox" in text and "WARNING" in text and "code=30003" in text


def test_no_colours_where_none_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure_logs(stream=stream)
    structlog.get_logger("bot.x").error("odd")
    assert "\x1b" not in stream.getvalue()


def test_what_a_provider_answered_is_not_logged_even_as_an_error() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    logging.getLogger("telegram.request.BaseRequest").error("Can not load invalid JSON data: <html>4242")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("logger", ["httpx", "uvicorn.access", "httpcore", "sqlalchemy.engine.Engine", "telegram.ext"])
def test_loggers_that_quote_messages_and_tokens_are_silent(logger: str) -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    logging.getLogger(logger).info("GET /bot123456:abc?From=+85291234567")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "secret",
    ["+85291234567", "85291234567", "juana@example.org", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawQ", "user:pw@"],
)
def test_a_library_that_quotes_somebody_is_masked(secret: str) -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    logging.getLogger("some.library").error("could not reach https://%s/x\nand more about her", secret)
    assert secret not in stream.getvalue() and "about her" not in stream.getvalue()
    assert json.loads(stream.getvalue())["part"] == "some"


@pytest.mark.parametrize("own", [True, False])
def test_an_exception_tells_its_type_and_place_but_not_its_words(own: bool) -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    try:
        try:
            raise KeyError("he hits me")
        except KeyError as cause:
            raise ValueError("tulong po") from cause
    except ValueError:
        if own:
            structlog.get_logger("bot.x").exception("failed")
        else:
            logging.getLogger("library").exception("failed")
    line = json.loads(stream.getvalue())
    assert "ValueError" in line["error"] and "KeyError" in line["error"] and "test_logs.py" in line["error"]
    assert "hits" not in stream.getvalue() and "tulong" not in stream.getvalue()


def test_a_prompt_in_the_same_terminal_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    at_start, around_prompt = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stderr", at_start)
    configure_logs()
    monkeypatch.setattr(sys, "stderr", around_prompt)
    structlog.get_logger("bot.x").info("later")
    assert at_start.getvalue() == "" and "later" in around_prompt.getvalue()
