"""One service for most of the tests here: it takes a while to start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.end_to_end.running import Running, environment
from tests.standins.smtp import SmtpStandIn
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn


@dataclass(frozen=True)
class Stage:
    """A running service, and the providers and the partner around it."""

    service: Running
    twilio: TwilioStandIn
    telegram: TelegramStandIn
    smtp: SmtpStandIn


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with TwilioStandIn() as twilio, TelegramStandIn() as telegram, SmtpStandIn() as smtp:
        settings = environment(twilio, telegram, smtp, KASAMA_OPERATOR_EMAIL="duty@partner.example")
        service = Running(tmp_path_factory.mktemp("home"), settings)
        try:
            service.start(seconds=180)
            yield Stage(service, twilio, telegram, smtp)
        finally:
            service.stop()
