"""The service dies at random moments while messages arrive; every accepted message is answered, once.

`KASAMA_TEST_KILLS=20 KASAMA_TEST_MESSAGES=200` for the full measurement; fewer by default, since each start takes seconds.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.end_to_end.running import Running, environment, wait_for
from tests.standins.smtp import SmtpStandIn
from tests.standins.twilio import TwilioStandIn

KILLS = int(os.environ.get("KASAMA_TEST_KILLS", "4"))
MESSAGES = int(os.environ.get("KASAMA_TEST_MESSAGES", "60"))
EVERY = 10
"""One message in so many is a call for help."""


def test_every_message_is_answered_once(tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("KASAMA_TEST_SEED", "11"))
    with TwilioStandIn() as twilio, SmtpStandIn() as smtp:
        service = Running(tmp_path / "home", environment(twilio, smtp, KASAMA_OPERATOR_EMAIL="duty@partner.example"))
        service.start()
        accepted: list[str] = []
        killing, over = threading.Event(), threading.Event()

        def arrive() -> None:
            """Messages as a provider brings them: one that was not accepted is brought again."""
            for n in range(MESSAGES):
                sender = f"+8526{n:07}"
                text = "help, he is beating me" if n % EVERY == 0 else "how many hours may I work?"
                sid = f"SM{n:032x}"
                while not over.is_set():
                    try:
                        if service.sms(twilio, sender, text, sid).status_code == 200:
                            accepted.append(sender)
                            break
                    except httpx.HTTPError:
                        pass
                    time.sleep(0.1)
                time.sleep(chance.random() * 0.05)
                # The last messages wait until the killing is over, so that there are always some under way.
                if n >= MESSAGES * 0.9:
                    killing.wait(600)
                elif n % max(1, MESSAGES // (KILLS + 1)) == 0:
                    time.sleep(chance.random())

        sending = threading.Thread(target=arrive, daemon=True)
        sending.start()
        try:
            for _ in range(KILLS):
                time.sleep(chance.choice((0.05, 0.3, 1, 3, 6)) * chance.random())
                service.kill()
                service.start(model=False)
            killing.set()
            sending.join(120)
            assert len(accepted) == MESSAGES
            to_her = lambda: Counter(m["to"] for m in twilio.messages if m["to"] in set(accepted))  # noqa: E731
            assert wait_for(lambda: len(to_her()) == MESSAGES, 120), (
                f"{MESSAGES - len(to_her())} of {MESSAGES} were not answered"
            )
            time.sleep(3)
            service.stop()
            assert {sender: n for sender, n in to_her().items() if n != 1} == {}
            cases = [m.message["Subject"] for m in smtp.mails]
            assert len(set(cases)) == len(range(0, MESSAGES, EVERY))
        finally:
            over.set()
            killing.set()
            service.stop()
