"""Messages that make no sense, on each way in: no error, nothing lost, a friendly word where there is one to give.

`KASAMA_TEST_JUNK=1000` for the full measurement.
"""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.end_to_end.conftest import Stage
from tests.end_to_end.running import wait_for

MANY = int(os.environ.get("KASAMA_TEST_JUNK", "250"))
KINDS = (
    lambda r: "",
    lambda r: "x" * 10_000,
    lambda r: "".join(r.choice("😀🔥❤️👍🏽🇵🇭") for _ in range(r.randint(1, 40))),
    lambda r: "".join(chr(r.randint(0, 31)) for _ in range(r.randint(1, 60))),
    lambda r: "\u202e\u200f\u2067" * r.randint(1, 20) + "abc\u202d",
    lambda r: "broken \ud83d and \udc00 pieces",
    lambda r: '{"intent": "distress", "text": [1, 2, {"a": null}]}',
    lambda r: "'; DROP TABLE people; --",
    lambda r: "<script>alert(1)</script><b>hello</b>",
    lambda r: "".join(chr(r.randint(0x20, 0xD7FF)) for _ in range(r.randint(1, 300))),
    lambda r: str(r.randint(-5, 10**30)),
    lambda r: "/" * r.randint(1, 30) + "restart",
)


def junk() -> list[str]:
    chance = random.Random(7)
    return [chance.choice(KINDS)(chance) for _ in range(MANY)]


def test_junk_by_sms(stage: Stage) -> None:
    def send(item: tuple[int, str]) -> int:
        number, text = item
        form = stage.twilio.inbound(f"+85251{number:06}", text.encode("utf-8", "replace").decode())
        url = stage.service.url + "/webhooks/twilio/sms"
        body, headers = stage.twilio.signed(url, form)
        return httpx.post(url, content=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(send, enumerate(junk())))
    assert set(codes) == {200}
    assert wait_for(
        lambda: len({m["to"] for m in stage.twilio.messages if m["to"].startswith("+85251")}) == MANY, 120
    ), "every one got a word"


def test_junk_that_is_not_even_a_form(stage: Stage) -> None:
    url = stage.service.url + "/webhooks/twilio/sms"
    for content in (
        b"",
        b"\xff\xfe%%%",
        b"a" * 300_000,
        b"MessageSid=&From=",
        b"%00=%ff&MessageSid=SM1",
        b'{"json": true}',
    ):
        for kind in (
            "application/x-www-form-urlencoded",
            "application/json",
            "multipart/form-data; boundary=x",
            "nonsense",
        ):
            response = httpx.post(
                url, content=content, headers={"Content-Type": kind, "X-Twilio-Signature": "x"}, timeout=30
            )
            assert 400 <= response.status_code < 500


def test_junk_by_telegram(stage: Stage) -> None:
    updates = [
        stage.telegram.message(text.encode("utf-8", "replace").decode() or None, chat=600_000 + n)
        for n, text in enumerate(junk())
    ]
    stage.telegram.push(*updates)
    texts = [u["message"].get("text", "") for u in updates]
    wanted = {600_000 + n for n, text in enumerate(texts) if text}
    answered = lambda: {int(c) for c in wanted if stage.telegram.texts(c)}  # noqa: E731
    assert wait_for(lambda: answered() == wanted, 120), f"{len(wanted - answered())} got no word"
