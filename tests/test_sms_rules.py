"""What SMS may hold and when they may come: the rules of the Emirates, with a number from there and the real content."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge import Knowledge, Route
from bot.messages import Outbound
from bot.replies import Replies
from bot.sms_rules import SmsRules, without_numbers_and_links
from bot.store.crypto import Vault
from bot.store.models import Person
from bot.topics import TOPICS
from bot.turn import Step
from tests.knowledge.conftest import CONTENT, DAY

KNOWLEDGE = Knowledge(CONTENT, today=lambda: DAY)
RULES = SmsRules(KNOWLEDGE)
VAULT = Vault("a key for tests that is long enough")
SMS = frozenset({"sms"})
DUBAI = ZoneInfo("Asia/Dubai")
LONG = re.compile(r"\+\d[\d ]{5,}|(?<![\d,.])\d{6,}")
MONEY = re.compile(r"\b[A-Z]{3} [\d.,  ]+\d")


def her(phone_country: str | None, language: str = "en", channel: str = "sms", origin: str = "PHL") -> Person:
    return Person(
        channel=channel,
        language=language,
        phone_country=phone_country,
        origin=origin,
        destination="ARE",
        origin_said=True,
        destination_said=True,
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Embassy 04 123 4567, 24 hours. In danger: 999.", "Embassy, 24 hours. In danger: 999."),
        ("Police 901 / +971 4 123 4567, Mon to Fri.", "Police 901, Mon to Fri."),
        ("Call 1348 (from abroad +63 2 1348 0000), free.", "Call 1348, free."),
        ("Look: https://labour.example.gov/a?b=1. Then write.", "Look. Then write."),
        ("Write: wa.me/971501234567 or t.me/kasama.", "Write or."),
        ("०१२३४५६७८९, १०० मा", ", १०० मा"),
        ("AED 60,000 is more than AED 1 500 000 or 2 000 000 AED.", None),
        ("Law 10/2017, art. 12, of 2017-09-26, checked 26.09.2017, for 2017-2021.", None),
        ("Write to help@partner.example, e.g. today. Code 80084.", None),
    ],
)
def test_what_is_left_out(text: str, left: str | None) -> None:
    assert without_numbers_and_links(text) == (text if left is None else left)


@pytest.mark.parametrize("language", KNOWLEDGE.languages)
def test_an_emirates_number_gets_no_long_number_and_is_told_so(language: str) -> None:
    replies = Replies(VAULT, KNOWLEDGE, by_sms=SMS, telegram=True)
    told = 0
    for topic in TOPICS:
        whole = KNOWLEDGE.answer(topic, Route("PHL", "ARE"), language)
        for number in range(1, len(whole.pages) + 1):
            step = Step(replies=[{"answer": topic, "page": number}])
            free = replies.compose(step, her("ARE", language, channel="telegram"), paged=True)
            sent = replies.compose(step, her("ARE", language), paged=True)
            assert free is not None and sent is not None
            assert not LONG.search(sent.text), sent.text
            assert "http" not in sent.text and "www." not in sent.text
            assert set(MONEY.findall(free.text)) <= set(MONEY.findall(sent.text))
            if sent.text != free.text:
                told += 1
                assert replies.phrase("sms_left_out", her("ARE", language), country="country:ARE") in sent.text
            assert replies.permitted(sent, her("ARE", language)) == sent
    assert told, "some page names a number"


def test_emergency_codes_stay() -> None:
    replies = Replies(VAULT, KNOWLEDGE, by_sms=SMS)
    numbers = [phone for contact in KNOWLEDGE.emergency("ARE") for phone in contact.phones]
    assert numbers
    first = Outbound(KNOWLEDGE.first_reply("violence", "en", country="ARE", partner="Bahay Tulong"))
    assert replies.permitted(first, her("ARE")) == first
    assert all(number in first.text for number in numbers)


def test_telegram_is_named_only_where_there_is_one() -> None:
    message = Outbound("Call +971 4 123 4567.")
    with_it = Replies(VAULT, KNOWLEDGE, by_sms=SMS, telegram=True).permitted(message, her("ARE")).text
    without = Replies(VAULT, KNOWLEDGE, by_sms=SMS).permitted(message, her("ARE")).text
    assert "Telegram" in with_it and "Telegram" not in without
    assert Replies(VAULT, KNOWLEDGE, by_sms=SMS).permitted(message, her("ARE", channel="telegram")) == message
    assert Replies(VAULT, KNOWLEDGE, by_sms=SMS).permitted(message, her("HKG")) == message


@pytest.mark.parametrize(
    ("country", "local", "allowed"),
    [
        ("ARE", "2026-11-25 12:00", "2026-11-25 12:00"),
        ("ARE", "2026-11-25 20:59", "2026-11-25 20:59"),
        ("ARE", "2026-11-25 21:00", "2026-11-26 07:00"),
        ("ARE", "2026-11-26 03:30", "2026-11-26 07:00"),
        ("ARE", "2026-11-26 07:00", "2026-11-26 07:00"),
        ("HKG", "2026-11-26 03:30", "2026-11-26 03:30"),
        (None, "2026-11-26 03:30", "2026-11-26 03:30"),
    ],
)
def test_quiet_hours_are_those_of_her_country(country: str | None, local: str, allowed: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=DUBAI).astimezone(UTC)
    assert RULES.allowed_at(country, moment) == datetime.fromisoformat(allowed).replace(tzinfo=DUBAI)


def test_in_a_country_of_many_zones_it_is_day_in_all(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder, ignore=shutil.ignore_patterns("safety", "locale"))
    path = folder / "countries" / "MEX.yml"
    quiet = 'sms: {quiet_from: "21:00", quiet_to: "07:00"}\n'
    path.write_text(
        re.sub(r"(?m)^sms:\n(  .*\n)+", "", path.read_text()).replace("country: MEX\n", "country: MEX\n" + quiet)
    )
    rules = SmsRules(Knowledge(folder, today=lambda: DAY))
    found = rules.allowed_at("MEX", datetime(2026, 11, 25, 11, 0, tzinfo=UTC))
    assert found == datetime(2026, 11, 25, 7, 0, tzinfo=ZoneInfo("America/Tijuana"))
