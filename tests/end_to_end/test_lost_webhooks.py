"""Twilio's webhooks are lost for five minutes; the real service gets everything from Twilio's list, once."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

from tests.end_to_end.conftest import Stage
from tests.end_to_end.running import ROOT, wait_for

_numbers = itertools.count(20_000_000)


def number() -> str:
    """A number from Hong Kong that has not written yet."""
    return f"+8526{next(_numbers) % 10_000_000:07}"


def reconcile(stage: Stage) -> str:
    """What an operator gets from the command."""
    command = [sys.executable, "-m", "bot", "channels", "reconcile", "--hours", "1"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KASAMA_", "TWILIO_", "TELEGRAM_", "SMTP_"))}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, **stage.service.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_five_minutes_of_lost_webhooks(stage: Stage) -> None:
    women, mails = [number() for _ in range(30)], len(stage.smtp.mails)
    seconds = itertools.count(300, -2)
    for text in ("how much may the agency take?", "my employer keeps my passport", "salary not paid 2 months"):
        for woman in women:
            stage.twilio.arrives(woman, text, age=timedelta(seconds=max(next(seconds), 1)))
    in_danger = number()
    stage.twilio.arrives(in_danger, "SOS help me he locked me in", age=timedelta(minutes=2))
    # This one came by webhook too.
    both = number()
    sid = stage.twilio.arrives(both, "how much may the agency take?", age=timedelta(minutes=1))
    assert stage.service.sms(stage.twilio, both, "how much may the agency take?", sid).status_code == 200
    assert "sms: " in reconcile(stage)
    assert wait_for(lambda: len(stage.smtp.mails) > mails, 10), "a call for help must reach the partner"

    def answered() -> Counter[str]:
        return Counter(m["to"] for m in stage.twilio.messages if m["direction"] != "inbound")

    assert wait_for(lambda: all(answered()[w] for w in (*women, in_danger, both)), 60)
    assert "sms: 0 messages taken in" in reconcile(stage)
    assert answered()[in_danger] == answered()[both] == 1
    # Messages in a row may be read together; none is answered twice.
    assert all(1 <= answered()[woman] <= 3 for woman in women)
    assert sum("locked me in" in mail.text for mail in stage.smtp.mails[mails:]) == 1


def test_stop_is_silence_and_start_is_an_answer(stage: Stage) -> None:
    woman = number()
    for text in ("how much may the agency take?", "STOP", "and what about my passport?"):
        assert stage.service.sms(stage.twilio, woman, text).status_code == 200
        wait_for(lambda: bool(stage.twilio.texts(woman)), 20)
    assert not wait_for(lambda: len(stage.twilio.texts(woman)) > 1, 5)
    assert stage.service.sms(stage.twilio, woman, "start").status_code == 200
    assert wait_for(lambda: len(stage.twilio.texts(woman)) == 2, 20)
