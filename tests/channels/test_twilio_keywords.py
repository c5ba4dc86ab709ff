"""STOP, START and HELP as Twilio takes them, with and without Advanced Opt-Out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.safety import Safety
from channels.twilio_inbound import HELP, START, STOP, keyword, read_form
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import Inbox, settings, visitor
from tests.standins.twilio import TwilioStandIn

HER, URL = "+85251234567", "http://kasama.test/webhooks/twilio/sms"
server = TwilioStandIn()

# text, OptOutType of the webhook, TWILIO_OPT_OUT, expected
CASES: list[tuple[str, str, str, str | None]] = [
    *((word, "", "default", "stop") for word in STOP),
    *((word.upper(), "", "default", "stop") for word in STOP),
    *((word.title(), "", "default", "start") for word in START),
    (" STOP \n", "", "default", "stop"),
    ("help", "", "default", "help"),
    ("hElP", "", "default", "help"),
    ("INFO", "", "default", None),
    ("STOP PLEASE", "", "default", None),
    ("please cancel", "", "default", None),
    ("the end", "", "default", None),
    ("yes please", "", "default", None),
    ("help me", "", "default", None),
    ("stop.", "", "default", None),
    ("", "", "default", None),
    # Advanced Opt-Out: Twilio says itself what it took, in any language, and its word counts.
    ("Alto", "STOP", "advanced", "stop"),
    ("Alto", "STOP", "default", "stop"),
    ("magsimula", "START", "advanced", "start"),
    ("tulong", "HELP", "advanced", "help"),
    ("INFO", "HELP", "advanced", None),
    ("help", "HELP", "advanced", "help"),
    ("STOP", "stop", "advanced", "stop"),
    # An operator took END and YES out of the words; what Twilio leaves alone is an answer.
    ("END", "", "advanced", None),
    ("YES", "", "advanced", None),
    ("STOP", "", "advanced", "stop"),
    ("Start", "", "advanced", "start"),
    ("help", "", "advanced", "help"),
    ("STOP", "surprise", "default", "stop"),
    # A short code alone: Twilio does nothing by itself, so we do all of it.
    ("STOP", "", "none", None),
    ("HELP", "", "none", None),
    ("STOP", "STOP", "none", "stop"),
]


@pytest.mark.parametrize(("text", "opt_out_type", "setting", "expected"), CASES)
def test_keyword(text: str, opt_out_type: str, setting: Any, expected: str | None) -> None:
    assert keyword(text, HER, setting, opt_out_type) == expected
    form = server.inbound(HER, text, **({"OptOutType": opt_out_type} if opt_out_type else {}))
    read = read_form(form, setting)
    assert not isinstance(read, str) and read.keyword == expected


def test_on_whatsapp_twilio_takes_nothing_by_default() -> None:
    assert keyword("STOP", f"whatsapp:{HER}", "default") is None
    assert keyword("STOP", f"whatsapp:{HER}", "default", "STOP") == "stop"


@pytest.mark.parametrize("setting", ["default", "advanced", "none"])
async def test_through_the_webhook(setting: str) -> None:
    sms = TwilioSms(
        settings(
            twilio_account_sid=server.account_sid,
            twilio_auth_token=server.auth_token,
            twilio_from=server.number,
            twilio_opt_out=setting,
        )
    )
    inbox, found = Inbox(), {"default": ["stop", "stop"], "advanced": [None, "stop"], "none": [None, "stop"]}
    async with visitor([sms], inbox) as client:
        for form in (server.inbound(HER, "END"), server.inbound(HER, "x", OptOutType="STOP")):
            body, headers = server.signed(URL, form)
            assert (await client.post("/webhooks/twilio/sms", content=body, headers=headers)).status_code == 200
    assert [m.keyword for m in inbox.messages] == found[setting]


def test_a_bare_help_is_a_call_for_help_by_our_own_words_too() -> None:
    safety = Safety(Path(__file__).resolve().parents[2] / "content" / "safety")
    for text in ("help", "HELP", "hElP", "Help ", "HELP.", "help!!"):
        assert safety.check(text).level == "case", text
    assert {"help", "info"} == HELP
