"""Her own digits where she used them: in amounts, numbers and dates, never in what is dialled or cited."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import pytest

from bot.cases import CaseRoom
from bot.effects import Effects
from bot.knowledge import Knowledge, Money, Route
from bot.knowledge.digits import LATIN, written_with, zero_in
from bot.knowledge.i18n import Words, left_to_right
from bot.replies import Replies
from bot.store.crypto import Vault
from bot.store.models import InboundRow, Person
from bot.topics import TOPICS
from bot.turn import Step


class NoCase(CaseRoom):
    """She has never called for help."""

    def __init__(self) -> None:
        pass

    async def current(self, session: object, person: Person) -> None:  # type: ignore[override]
        return None


@pytest.mark.parametrize(
    ("text", "zero"),
    [
        ("एजेन्सीले ६०,००० माग्यो", "०"),
        ("এজেন্সি ৫০০০০ টাকা চায়", "০"),
        ("يطلب المكتب ١٥٠٠ ريال", "٠"),
        ("۱۵۰۰", "۰"),
        ("ភ្នាក់ងារសុំ ៥០០", "០"),
        ("นายหน้าขอ ๕๐๐๐ บาท", "๐"),
        ("ນາຍໜ້າຂໍ ໕໐໐໐", "໐"),
        ("मेरो नम्बर +852 2157 9537 हो, ५ महिना भयो", "०"),
        ("एजेन्सीले 60,000 माग्यो", LATIN),
        ("６００００", LATIN),
        ("𝟔𝟎𝟎", LATIN),
        ("² ½ ፩", LATIN),
        ("", LATIN),
    ],
)
def test_which_digits_she_used(text: str, zero: str) -> None:
    assert zero_in(text) == zero


@pytest.mark.parametrize(
    ("tag", "zero", "written"),
    [
        ("ne", "०", "PHP ६०,०००"),
        ("bn", "০", "PHP ৬০,০০০"),
        ("ar", "٠", "PHP ٦٠٬٠٠٠"),
        ("km", "០", "PHP ៦០,០០០"),
        ("th", "๐", "PHP ๖๐,๐๐๐"),
        ("th", LATIN, "PHP 60,000"),
    ],
)
def test_money(tag: str, zero: str, written: str) -> None:
    assert Words(tag, zero).money_of(Decimal(60000), "PHP") == written


def latin(text: str) -> str:
    """Numbers as they are written without her digits."""
    text = text.replace("\u066c", ",").replace("\u066b", ".")
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)


@pytest.mark.parametrize(
    ("tag", "zero", "route"),
    [
        ("ne", "०", Route("NPL", "KWT")),
        ("bn", "০", Route("BGD", "SAU")),
        ("ar", "٠", Route("ETH", "LBN")),
        ("km", "០", Route("KHM", "THA")),
        ("th", "๐", Route("LAO", "THA")),
        ("am", "٠", Route("ETH", "SAU")),
    ],
)
def test_answers(knowledge: Knowledge, tag: str, zero: str, route: Route) -> None:
    changed = 0
    for topic in TOPICS:
        asked = Money(Decimal(60000), "PHP") if topic == "ask_fees" else None
        plain = knowledge.answer(topic, route, tag, asked=asked)
        own = knowledge.answer(topic, route, tag, asked=asked, zero=zero)
        # The same words, numbers and pages; phone numbers and laws are letter for letter what they were.
        assert [latin(page) for page in own.pages] == [page.replace("\u066c", ",") for page in plain.pages]
        changed += own.pages != plain.pages
        content = knowledge.snapshot.content
        whole, native = "\n".join(plain.pages), "\n".join(own.pages)
        numbers = {phone for c in content.contacts.values() for phone in c.phones if len(phone) > 2}
        laws = {fact.law.cited() for name in own.facts if (fact := content.facts[name]).law}
        for kept in numbers | laws:
            found = rf"(?<![\w,.]){re.escape(kept)}(?![\w,.:]|\s\d)"
            assert not re.search(found, whole) or kept in native, (topic, kept)
    assert changed > len(TOPICS) // 2


def test_a_fee_in_her_digits(knowledge: Knowledge) -> None:
    text = knowledge.answer("ask_fees", Route("NPL", "KWT"), "ne", asked=Money(Decimal(60000), "NPR"), zero="०").pages[
        0
    ]
    assert "NPR ६०,०००" in text and "60" not in text


def test_latin_letters_keep_latin_digits(knowledge: Knowledge) -> None:
    """Else one digit would double the price of her SMS."""
    route = Route("NPL", "KWT")
    assert knowledge.answer("ask_wages", route, "en", zero="०") == knowledge.answer("ask_wages", route, "en")


def test_a_number_is_marked_once() -> None:
    """Each mark costs a character of an SMS."""
    once = left_to_right("من الخارج +63 2 1348", "ar")
    assert once == "من الخارج \u200e+63 2 1348"
    assert left_to_right(once, "ar") == once


def test_written_with() -> None:
    assert written_with("०", "8:30") == "८:३०"
    assert written_with(LATIN, "8:30") == "8:30"


async def test_later_pages_keep_the_digits_of_the_question(knowledge: Knowledge) -> None:
    vault = Vault("a key for tests that is long enough")
    replies = Replies(vault, knowledge, by_sms=frozenset({"sms"}))
    effects = Effects(vault, NoCase(), replies)
    her = Person(channel="sms", language="ne", origin="NPL", destination="KWT", origin_said=True, destination_said=True)

    async def says(text: str, step: Step) -> str:
        await effects.apply(None, her, InboundRow(id=1), text, step.effects)  # type: ignore[arg-type]
        reply = replies.compose(step, her, paged=True)
        assert reply is not None
        return reply.text

    question = {"topic": "ask_wages", "asked": None}
    first = Step(replies=[{"answer": "ask_wages", "asked": None}]).change(topic=question, page=1)
    assert re.search("KWD [०-९]", await says("तलब ५० दिनार मात्र", first))
    second = await says("1", Step(replies=[{"page": 2}]).change(page=2))
    assert re.search("[०-९]", second) and not re.search(r"KWD \d*[0-9]", second)
    assert re.search("KWD [0-9]", await says("तलब 50 दिनार मात्र", first)), "a new question with Latin digits"
