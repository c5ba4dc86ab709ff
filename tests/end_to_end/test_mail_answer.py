"""A caseworker answers the mail that announces a case, through the real service: also one that was down when the answer came."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

from tests.end_to_end.running import Running, environment, wait_for
from tests.standins.mailbox import PASSWORD, USER, MailboxStandIn
from tests.standins.smtp import Mail, SmtpStandIn
from tests.standins.twilio import TwilioStandIn

HER, DUTY = "+85256000001", "duty@operator.example"
WORDS = "I am Maria. Are you alone now?"


def answer(to: Mail, words: str) -> bytes:
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = DUTY, USER, f"Re: {to.message['Subject']}"
    reply["Message-ID"], reply["In-Reply-To"] = f"<{time.monotonic_ns()}@mail.example>", to.message["Message-ID"]
    quoted = "\n".join(f"> {line}".rstrip() for line in to.text.splitlines())
    reply.set_content(f"{words}\n\nOn 25/11/2026 16:24, {USER} wrote:\n{quoted}\n")
    return reply.as_bytes()


def test_an_answer_by_mail_also_after_the_service_was_killed(tmp_path: Path) -> None:
    with TwilioStandIn() as twilio, SmtpStandIn() as smtp, MailboxStandIn() as box:
        settings = environment(twilio, smtp, KASAMA_OPERATOR_EMAIL=DUTY, KASAMA_IMAP_URL=box.url)
        settings |= {"KASAMA_RASA_URL": "http://127.0.0.1:9", "KASAMA_INTERNAL_TOKEN": "t" * 32}
        service = Running(tmp_path / "home", settings)
        service.start(model=False)
        try:
            assert service.sms(twilio, HER, "help, he is beating me").status_code < 300
            assert wait_for(lambda: len(smtp.mails) == 1, 10)
            assert smtp.mails[0].message["Reply-To"] == USER
            time.sleep(1)  # until it is noted that the mail was sent
            service.kill()
            box.put(answer(smtp.mails[0], WORDS))
            service.start(model=False)
            assert wait_for(lambda: any(sent["body"] == WORDS for sent in twilio.messages), 30)
            assert wait_for(lambda: len(smtp.mails) == 2, 10) and f"| {WORDS}" in smtp.mails[1].text
            box.put(answer(smtp.mails[1], "CLOSE: safe"))
            assert wait_for(lambda: len(smtp.mails) == 3, 30) and "is closed" in smtp.mails[2].text
            assert wait_for(lambda: box.left() == [], 5)
            start = time.monotonic()
            service.stop()
            assert time.monotonic() - start < 15, "a mailbox does not hold up the end"
        finally:
            service.stop()
        log = service.log.read_text()
        for secret in (WORDS, DUTY, HER, PASSWORD, str(smtp.mails[0].message["Message-ID"]).strip("<>").split("@")[0]):
            assert secret not in log
