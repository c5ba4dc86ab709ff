"""After a full run nothing that the service wrote, anywhere, holds a number, a chat id or a sentence of a woman.

What is looked through: the database with its log, the service's own log, /metrics and /readyz, every file under KASAMA_HOME, and
the folder for temporary files of the service and of Rasa.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.end_to_end.running import ROOT, Running, environment, wait_for
from tests.standins.smtp import SmtpStandIn
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn

ASKS, CALLS, ERASED, DURING_ERRORS = "+85261730581", "+85261730582", "+85261730583", "+85261730584"
CHAT = 6173058590
WORDS = {
    ASKS: "how many hours may I work, the heron lamp asks",
    CALLS: "help, he is beating me beside the heron lamp",
    ERASED: "what fee may the agency take for the heron lamp",
    DURING_ERRORS: "help me please, he locked me in with the heron lamp",
}
ON_TELEGRAM = "ayuda, me pega mi patron junto al faro heron"


def secrets() -> list[bytes]:
    """Each number with and without its plus, and its last seven digits; each sentence, and the words that stand in no lexicon."""
    numbers = [*WORDS, str(CHAT)]
    found = [form for number in numbers for form in (number, number.lstrip("+"), number[-7:], f"%2B{number[1:]}")]
    return [text.encode() for text in (*found, *WORDS.values(), ON_TELEGRAM, "heron lamp", "faro heron")]


def written(service: Running, temporary: Path) -> dict[str, bytes]:
    """Everything that the service wrote, by where."""
    found = {}
    for folder in (service.home, temporary):
        for path in folder.rglob("*"):
            if path.is_file() and "models" not in path.relative_to(folder).parts:
                found[str(path)] = path.read_bytes()
    return found


def leaks(found: dict[str, bytes]) -> list[str]:
    return [
        f"{where}: {secret.decode()}" for where, content in found.items() for secret in secrets() if secret in content
    ]


def test_nothing_leaks(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with TwilioStandIn() as twilio, TelegramStandIn() as telegram:
        with SmtpStandIn() as smtp:
            settings = environment(twilio, telegram, smtp, KASAMA_OPERATOR_EMAIL="duty@partner.example")
            service = Running(tmp_path / "home", {**settings, "TMPDIR": str(temporary)})
            service.start(seconds=240)
            try:
                for number in (ASKS, CALLS, ERASED):
                    assert service.sms(twilio, number, WORDS[number]).status_code == 200
                telegram.push(telegram.message(ON_TELEGRAM, chat=CHAT))
                assert wait_for(lambda: all(twilio.texts(n) for n in (ASKS, CALLS, ERASED)), 60)
                assert wait_for(lambda: bool(telegram.texts(CHAT)) and len(smtp.mails) >= 2, 60)
                number = re.search(r"\d{6}", smtp.mails[0].message["Subject"])[0]  # type: ignore[index]
                for arguments in (["cases", "ack", number], ["cases", "show", number], ["privacy", "purge"]):
                    command = [sys.executable, "-m", "bot", *arguments]
                    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, check=True)
                    assert leaks({"stderr": done.stderr}) == []
                service.sms(twilio, ERASED, "delete my data")
                assert wait_for(lambda: len(twilio.texts(ERASED)) == 2, 60)
                service.sms(twilio, ERASED, "1")
                assert wait_for(lambda: len(twilio.texts(ERASED)) == 3, 60)
                found = written(service, temporary)
                web = {path: httpx.get(service.url + path, timeout=30).content for path in ("/metrics", "/readyz")}
                assert leaks({**found, **web}) == []
            except BaseException:
                service.kill()
                raise
        try:  # the mail server is gone now, and what comes in makes no sense
            assert service.sms(twilio, DURING_ERRORS, WORDS[DURING_ERRORS]).status_code == 200
            assert wait_for(lambda: bool(twilio.texts(DURING_ERRORS)), 60)
            url = service.url + "/webhooks/twilio/sms"
            body, headers = twilio.signed(url, twilio.inbound(DURING_ERRORS, WORDS[DURING_ERRORS]))
            for content in (body[:-7], body + b"&From=%ff", b"\xff" + body, b"{" + body):
                httpx.post(url, content=content, headers=headers, timeout=30)
            httpx.get(f"{url}?From={DURING_ERRORS}&Body={WORDS[DURING_ERRORS]}", timeout=30)
            httpx.post(service.url + "/webhooks/telegram", content=ON_TELEGRAM.encode(), timeout=30)
            assert wait_for(lambda: "not sent" in service.log.read_text(), 30), "the failing mail is in the log"
            web = {path: httpx.get(service.url + path, timeout=30).content for path in ("/metrics", "/readyz")}
            assert leaks({**written(service, temporary), **web}) == []
        finally:
            service.stop()
        assert leaks(written(service, temporary)) == [], "also after the end"
        assert b"sent" in service.log.read_bytes(), "there is a log to look through"
