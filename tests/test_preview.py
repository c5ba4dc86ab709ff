"""The preview page, with the real content."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot.desk.preview_page import preview_routes
from bot.knowledge import Knowledge, Route
from bot.safety import Safety
from bot.segments import count
from bot.topics import TOPICS

CONTENT = Path(__file__).resolve().parents[1] / "content"
KNOWLEDGE = Knowledge(CONTENT)


class NoLexicon(Safety):
    """The page only asks it for problems."""

    def __init__(self) -> None:
        self.problems = ()


async def page(**asked: str) -> str:
    app = Starlette(routes=preview_routes(KNOWLEDGE, NoLexicon()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kasama") as client:
        response = await client.get("/preview", params=asked)
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    return unescape(response.text)


async def test_it_shows_exactly_what_she_reads_and_why() -> None:
    text = await page(topic="ask_fees", **{"from": "PHL", "to": "HKG"}, lang="tl", amount="60,000", currency="php")
    answer = KNOWLEDGE.answer("ask_fees", Route("PHL", "HKG"), "tl")
    assert "PHP 60,000" in text
    for fact in answer.facts[:3]:
        assert fact in text
        assert KNOWLEDGE.snapshot.content.facts[fact].source.url in text
    bubbles = re.findall(r'<p dir="ltr" lang="tl">(.*?)</p>\s*<small>(\d+) SMS', text, re.DOTALL)
    assert len(bubbles) == len(answer.pages)
    for shown, segments in bubbles:
        assert count(shown).segments == int(segments)
    # The choices are lines of the SMS, so they are paid for: "1 More" on every page but the last.
    more = KNOWLEDGE.phrase("choice_more", "tl")
    assert [f"\n1 {more}" in shown for shown, _ in bubbles] == [True] * (len(bubbles) - 1) + [False]


async def test_reasons_stand_in_the_order_of_the_text() -> None:
    text = await page(topic="ask_documents", **{"from": "NPL", "to": "KWT"}, channel="telegram")
    answer = KNOWLEDGE.answer("ask_documents", Route("NPL", "KWT"), "en")
    whole = " ".join(answer.pages)
    rows = re.findall(r'<article><p dir="ltr">(.*?)</p>', text, re.DOTALL)
    assert len(rows) == len(answer.reasons) + len(answer.frame)
    places = [whole.find(row) for row in rows]
    assert places == sorted(places) and places[0] == 0


async def test_by_telegram_the_essential_sentence_stands_out_and_the_law_keeps_back() -> None:
    text = await page(topic="ask_fees", **{"from": "PHL", "to": "HKG"}, channel="telegram")
    answer = KNOWLEDGE.answer("ask_fees", Route("PHL", "HKG"), "en")
    assert answer.pages[0].startswith(answer.lead)
    assert re.findall(r"<strong>(.*?)</strong>", text.split("<ol")[1].split("</ol>")[0], re.DOTALL) == [answer.lead]
    assert all(f"<em>{line}</em>" in text for line, _ in answer.frame)
    assert (
        "<strong>"
        not in (await page(topic="ask_fees", **{"from": "PHL", "to": "HKG"})).split("<ol")[1].split("</ol>")[0]
    )


async def test_what_her_country_does_not_let_pass_is_left_out_as_it_will_be() -> None:
    asked = {"topic": "ask_contacts", "from": "PHL", "to": "ARE"}
    free, kept = await page(**asked), await page(**asked, number="ARE")
    phone = free.split('<section class="reasons"')[0]
    assert "+63 2 1348" in phone
    phone = kept.split('<section class="reasons"')[0]
    assert "+63 2 1348" not in phone and "I left them out" in phone
    assert "+63 2 1348" in (await page(**asked, number="ARE", channel="telegram")).split('<section class="reasons"')[0]


@pytest.mark.parametrize("language", KNOWLEDGE.languages)
async def test_every_topic_in_every_language(language: str) -> None:
    for topic in TOPICS:
        for channel in ("sms", "telegram"):
            text = await page(topic=topic, lang=language, channel=channel, **{"from": "NPL", "to": "KWT"})
            assert f'lang="{language}"' in text


@pytest.mark.parametrize(
    "asked",
    [
        {"topic": "../x", "from": "<script>", "to": "\0", "lang": "xx", "channel": "fax"},
        {"number": "<script>", "amount": "NaN", "currency": "PHP"},
        {"amount": "1e999", "currency": "<b>"},
        {"amount": "-5", "currency": "PHP"},
    ],
)
async def test_bad_input_is_passed_over(asked: dict[str, str]) -> None:
    assert "<script>" not in await page(**asked)


async def test_numbers_that_wait_for_a_partner_are_not_shown() -> None:
    kept_back = {
        phone
        for helpers in KNOWLEDGE.snapshot.contacts.values()
        for helper in helpers
        if not helper.sendable
        for phone in helper.contact.phones
        if len(phone) > 6
    }
    for origin, destination in KNOWLEDGE.snapshot.content.corridors:
        text = await page(topic="ask_contacts", **{"from": origin, "to": destination})
        assert not [phone for phone in kept_back if phone in text]
