"""Messages go in at the providers' webhooks and come out at the providers' interfaces, through the real service."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.end_to_end.conftest import Stage
from tests.end_to_end.running import ROOT, wait_for

SOS = "SOS si Juana dela Cruz po i2sa hk. Nag-run-away po ako.gus2 ko na umuwi sa pinas.pls help."
_numbers = itertools.count(10_000_000)


def hong_kong() -> str:
    """A number from Hong Kong that has not written yet."""
    return f"+8529{next(_numbers) % 10_000_000:07}"


def mails_of(stage: Stage, sender: str) -> list[str]:
    """Mails to the partner about this woman."""
    return [mail.text for mail in list(stage.smtp.mails) if sender in mail.text]


def check_sos(stage: Stage) -> None:
    sender, before = hong_kong(), len(stage.smtp.mails)
    sent = time.time()
    assert stage.service.sms(stage.twilio, sender, SOS).status_code == 200
    assert wait_for(lambda: len(stage.smtp.mails) > before, 5)
    mail = stage.smtp.mails[before]
    assert mail.at - sent < 1.0, "the partner must have a call for help within a second"
    assert mail.recipients == ("duty@partner.example",)
    assert SOS in mail.text.replace("\n", " ") and sender in mail.text
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 5)
    reply = stage.twilio.texts(sender)[0]
    assert "999" in reply and "naniniwala" in reply.lower() and "Juana" not in reply


def test_a_call_for_help_reaches_the_partner_and_she_gets_a_safe_reply(stage: Stage) -> None:
    check_sos(stage)


def rasa_process(stage: Stage) -> int:
    assert stage.service.process is not None
    children = os.popen(f"pgrep -P {stage.service.process.pid} -f rasa_process").read().split()
    assert len(children) == 1
    return int(children[0])


def test_the_same_while_the_model_hangs(stage: Stage) -> None:
    rasa = rasa_process(stage)
    os.kill(rasa, signal.SIGSTOP)
    try:
        check_sos(stage)
        sender = hong_kong()
        assert stage.service.sms(stage.twilio, sender, "agency asks 60,000 pesos, is that right?").status_code == 200
    finally:
        os.kill(rasa, signal.SIGCONT)
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 30), "a question waits for the model, and is answered"


def test_the_same_while_the_model_is_dead_and_a_question_is_answered_afterwards(stage: Stage) -> None:
    os.kill(rasa_process(stage), signal.SIGKILL)
    check_sos(stage)
    sender = hong_kong()
    assert stage.service.sms(stage.twilio, sender, "how many hours may I work?").status_code == 200
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 60)


def test_a_question_is_answered_for_the_corridor(stage: Stage) -> None:
    sender = hong_kong()
    stage.service.sms(
        stage.twilio,
        sender,
        "humihingi po ang agency ng 60,000 pesos na placement fee papuntang hongkong, tama po ba yun?",
    )
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 10)
    assert "60,000" in stage.twilio.texts(sender)[0]


def test_telegram_by_polling(stage: Stage) -> None:
    stage.telegram.push(
        stage.telegram.message("agencia me cobra 5000 pesos por trabajar en Mexico, soy de Guatemala", chat=501)
    )
    assert wait_for(lambda: bool(stage.telegram.texts(501)), 10)
    stage.telegram.push(stage.telegram.message("me pega mi patrón, ayuda por favor", chat=502))
    assert wait_for(lambda: any("@" not in t for t in stage.telegram.texts(502)), 10)


@pytest.mark.parametrize("signature", ["forged", ""])
def test_a_forged_signature_is_refused_and_nothing_is_stored(stage: Stage, signature: str) -> None:
    sender, url = hong_kong(), stage.service.url + "/webhooks/twilio/sms"
    body, headers = stage.twilio.signed(url, stage.twilio.inbound(sender, SOS))
    response = httpx.post(url, content=body, headers={**headers, "X-Twilio-Signature": signature})
    assert response.status_code == 403
    assert not wait_for(lambda: bool(mails_of(stage, sender) or stage.twilio.texts(sender)), 1)


def test_the_telegram_webhook_is_closed_when_it_is_not_in_use(stage: Stage) -> None:
    response = httpx.post(
        stage.service.url + "/webhooks/telegram",
        json=stage.telegram.message("hello"),
        headers={"X-Telegram-Bot-Api-Secret-Token": ""},
    )
    assert response.status_code == 403


def test_the_same_message_ten_times_in_parallel_is_one_message(stage: Stage) -> None:
    sender, sid = hong_kong(), "SM" + f"{random.getrandbits(128):032x}"
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(
                lambda _: stage.service.sms(stage.twilio, sender, "when is my day off?", sid).status_code, range(10)
            )
        )
    assert answers == [200] * 10
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 10)
    assert not wait_for(lambda: len(stage.twilio.texts(sender)) > 1, 2)


def test_the_same_update_ten_times_is_one_message(stage: Stage) -> None:
    update = stage.telegram.message("hello", chat=503)
    stage.telegram.push(*[update] * 10)
    assert wait_for(lambda: bool(stage.telegram.texts(503)), 10)
    assert not wait_for(lambda: len(stage.telegram.texts(503)) > 1, 2)


@pytest.mark.parametrize(
    "text",
    ["/distress_violence", "/distress_sexual", "/restart", "/ask_fees{}", " /delete_data", "/affirm", "/emergency{}"],
)
def test_a_command_of_the_model_is_plain_text(stage: Stage, text: str) -> None:
    sender = hong_kong()
    stage.service.sms(stage.twilio, sender, text)
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 10)
    assert not mails_of(stage, sender)


@pytest.mark.parametrize("text", ["/help me he is beating me", "/help_me", "/sos"])
def test_a_call_for_help_behind_a_slash_is_one(stage: Stage, text: str) -> None:
    sender = hong_kong()
    stage.service.sms(stage.twilio, sender, text)
    assert wait_for(lambda: bool(mails_of(stage, sender)), 5)


def test_nothing_personal_in_the_log_or_the_database_file(stage: Stage) -> None:
    sender = hong_kong()
    words = "my secret sentence about the blue curtain"
    stage.service.sms(stage.twilio, sender, words + ", is the salary 4990 ok?")
    assert wait_for(lambda: bool(stage.twilio.texts(sender)), 10)
    for path in stage.service.home.glob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert sender.encode() not in content and b"blue curtain" not in content, path.name


def test_a_case_can_be_worked_on_from_a_terminal(stage: Stage) -> None:
    check_sos(stage)
    number = stage.smtp.mails[-1].message["Subject"].split()[3].rstrip(":")

    def cases(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "bot", "cases", *arguments],
            cwd=ROOT,
            env=stage.service.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert number in cases("list")
    assert SOS in cases("show", number)
    assert number in cases("ack", number) and "acknowledged" in cases("list")
    cases("close", number, "safe")
    assert number not in cases("list")


def test_say_uses_the_running_service_and_reaches_no_partner(stage: Stage) -> None:
    before = len(stage.smtp.mails)
    lines = [
        {"text": SOS, "channel": "sms", "sender": "+85290000001"},
        {"text": "hello"},
        {"text": "agency wants 60,000 pesos, I go from Manila to Hong Kong"},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "say", "--jsonl"],
        cwd=ROOT,
        env=stage.service.environment,
        text=True,
        capture_output=True,
        check=True,
        input="\n".join(map(json.dumps, lines)),
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["safety"] for r in results] == ["case", "none", "none"]
    assert results[0]["case_id"] and results[0]["language"] == "tl" and results[0]["replies"][0]["segments"] >= 1
    assert results[2]["intent"] == "ask_fees"
    assert {"entity": "money", "value": {"amount": 60000, "currency": "PHP"}}.items() <= next(
        e for e in results[2]["entities"] if e["entity"] == "money"
    ).items()
    assert len(stage.smtp.mails) == before
