"""Two replicas, two dialogue models, PostgreSQL: one of each is killed under load, the others answer everything, once."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.cluster import Cluster
from tests.end_to_end.running import environment, wait_for
from tests.standins.postgres import programs
from tests.standins.smtp import SmtpStandIn
from tests.standins.twilio import TwilioStandIn

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed; .ci/run installs it")

MESSAGES = 30


def test_one_of_each_dies_and_nothing_is_lost(tmp_path: Path) -> None:
    with TwilioStandIn() as twilio, SmtpStandIn() as smtp:
        settings = environment(
            twilio, smtp, KASAMA_OPERATOR_EMAIL="duty@partner.example", TWILIO_SEGMENTS_PER_SECOND="0"
        )
        with Cluster(tmp_path, 2, 2, settings) as cluster:
            accepted = Counter[str]()
            for n in range(MESSAGES):
                if n == MESSAGES // 2:
                    cluster.services[0].kill()
                    cluster.rasas[0].kill()
                sender = f"+8526{n:07}"
                text = "help, he is beating me" if n % 10 == 0 else "how many hours may I work?"
                assert _bring(cluster, twilio, sender, text, f"SM{n:032x}"), "no replica took a message"
                accepted[sender] += 1
            to_her = lambda: Counter(m["to"] for m in twilio.messages if m["to"] in accepted)  # noqa: E731
            # What the dead replica was sending is its own for a minute.
            assert wait_for(lambda: len(to_her()) == MESSAGES, 120), f"{MESSAGES - len(to_her())} were not answered"
            assert to_her() == accepted
            # Answers, not apologies for the model: the other one was asked.
            hours = [m["body"] for m in twilio.messages if m["to"] == f"+8526{MESSAGES - 1:07}"]
            assert hours and "hour" in hours[0].lower()

            page = httpx.get(f"{cluster.balancer.url}/metrics", timeout=10).text
            assert 'kasama_open_cases{state="notified"} 3.0' in page

            left = cluster.services[1].process
            assert left is not None
            began = time.monotonic()
            left.send_signal(signal.SIGTERM)
            assert left.wait(60) in (0, -signal.SIGTERM), "asked to end, it did not end by itself"
            print(f"ended {time.monotonic() - began:.1f} s after SIGTERM")
            assert len({mail.message["Subject"] for mail in smtp.mails}) == 3


def _bring(cluster: Cluster, twilio: TwilioStandIn, sender: str, text: str, sid: str) -> bool:
    """As Twilio does: again when it was not accepted."""
    url = cluster.balancer.url + "/webhooks/twilio/sms"
    body, headers = twilio.signed(url, twilio.inbound(sender, text, sid))
    for _ in range(50):
        try:
            if httpx.post(url, content=body, headers=headers, timeout=10).status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    return False
