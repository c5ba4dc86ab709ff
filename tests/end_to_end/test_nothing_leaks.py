"""After a full run nothing that the service wrote, anywhere, holds a number, a chat id or a sentence of a woman.

What is looked through: the database with its log, the service's own log, /metrics and /readyz, every file under KASAMA_HOME, and
the folder for temporary files of the service and of Rasa.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx

from tests.cases.town import PARTNER_YML
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
REPLY, NOTE = "I am coming to the heron lamp", "her cousin waits at the heron lamp"
SENT_TO = "alpha@partner.example"
ON_TELEGRAM = "ayuda, me pega mi patron junto al faro heron"


def secrets() -> list[bytes]:
    """Each number with and without its plus, and its last seven digits; each sentence, and the words that stand in no lexicon."""
    numbers = [*WORDS, str(CHAT)]
    found = [form for number in numbers for form in (number, number.lstrip("+"), number[-7:], f"%2B{number[1:]}")]
    return [text.encode() for text in (*found, *WORDS.values(), ON_TELEGRAM, "heron lamp", "faro heron", "22.61730")]


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


def work(service: Running, *commands: list[str]) -> None:
    """What a caseworker and an operator do in a terminal; what they are shown is theirs, what is logged is looked through."""
    for arguments in commands:
        command = [sys.executable, "-m", "bot", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, check=True)
        assert leaks({"stderr": done.stderr}) == []


def test_nothing_leaks(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with TwilioStandIn() as twilio, TelegramStandIn() as telegram:
        with SmtpStandIn() as smtp:
            shutil.copytree(ROOT / "content", tmp_path / "content")
            alpha = PARTNER_YML.format(id="alpha", ID="ALPHA", destination="HKG", promise=15)
            (tmp_path / "content/partners/alpha.yml").write_text(alpha)
            settings = environment(
                twilio, telegram, smtp, KASAMA_OPERATOR_EMAIL="duty@partner.example",
                KASAMA_CONTENT=str(tmp_path / "content"), KASAMA_PARTNER_ALPHA_EMAIL=SENT_TO,
            )  # fmt: skip
            service = Running(tmp_path / "home", {**settings, "TMPDIR": str(temporary)})
            service.start(seconds=240)
            try:
                for number in (ASKS, CALLS, ERASED):
                    assert service.sms(twilio, number, WORDS[number]).status_code == 200
                telegram.push(telegram.message(ON_TELEGRAM, chat=CHAT))
                assert wait_for(lambda: all(twilio.texts(n) for n in (ASKS, CALLS, ERASED)), 60)
                assert wait_for(lambda: bool(telegram.texts(CHAT)) and len(smtp.mails) >= 2, 60)
                number = re.search(r"\d{6}", smtp.mails[0].message["Subject"])[0]  # type: ignore[index]
                told = len(twilio.texts(CALLS))
                work(
                    service,
                    ["cases", "ack", number],
                    ["cases", "reply", number, REPLY],
                    ["cases", "note", number, NOTE],
                )
                assert wait_for(lambda: any(REPLY in text for text in twilio.texts(CALLS)[told:]), 60)
                mails = len(smtp.mails)
                service.sms(twilio, CALLS, "write to me between 21:07 and 22:41 at the heron lamp")
                assert wait_for(lambda: len(smtp.mails) > mails, 60), "her words go to the caseworker"
                telegram.files["heron"] = b"the heron lamp in a picture"
                photo = [{"file_id": "heron", "file_unique_id": "u"}]
                telegram.push(telegram.message(None, chat=CHAT, caption="mira el faro heron", photo=photo))
                place = {"latitude": 22.61730, "longitude": 114.58617}
                telegram.push(telegram.message(None, chat=CHAT, location=place))
                assert wait_for(lambda: any(service.home.glob("attachments/*.sealed")), 60)
                assert wait_for(lambda: any("22.6173" in mail.text for mail in list(smtp.mails)), 60)
                told = len(twilio.texts(CALLS))
                work(
                    service,
                    ["cases", "show", number],
                    ["cases", "pass", number, "alpha"],
                    ["drill"],
                    ["privacy", "purge"],
                )
                assert wait_for(lambda: any("alpha house" in text for text in twilio.texts(CALLS)[told:]), 60)
                service.sms(twilio, CALLS, "1")
                assert wait_for(lambda: any(SENT_TO in m.recipients and number in m.text for m in list(smtp.mails)), 60)
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
