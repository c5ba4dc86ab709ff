"""What may lead to somebody is taken out; what the model learns from stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.unanswered.redacting import Redacting

REDACTING = Redacting(Path(__file__).resolve().parents[2] / "data")


@pytest.mark.parametrize(
    ("language", "text", "redacted"),
    [
        ("en", "call me +852 9123 4567 now", "call me (number) now"),
        ("en", "my no is 09171234567\nand (02) 8123-4567", "my no is (number) and (number)"),
        ("bn", "আমার নাম্বার ০১৭১২৩৪৫৬৭৮", "আমার নাম্বার (number)"),
        ("en", "write to maria.s@mail.example please", "write to (address) please"),
        ("en", "I am @maria_s22 there", "I am (address) there"),
        ("en", "see https://agency.example/apply?x=1 or bit.ly/abc", "see (link) or (link)"),
        ("en", "passport P1234567A and EB123456", "passport (number) and (number)"),
        ("en", "born 12/05/1990", "born (number)"),
        ("en", "My name is Maria Santos, from Cebu", "My name is (name), from Cebu"),
        ("es", "me llamo rosa y trabajo", "me llamo (name) y trabajo"),
        ("ar", "اسمي فاطمة وأعمل هنا", "اسمي (name) وأعمل هنا"),
        ("th", "ฉันชื่อ สมศรี อยู่ที่นี่", "ฉันชื่อ (name) อยู่ที่นี่"),
        ("en", "then Mr Chan of Brightpath Manpower took it", "then Mr (name) of (name) Manpower took it"),
        ("tl", "ako po si Marites", "ako po si (name)"),
    ],
)
def test_it_is_taken_out(language: str, text: str, redacted: str) -> None:
    assert REDACTING.redact(text, language) == redacted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "agency asks 60,000 pesos for Hong Kong, is it right"),
        ("en", "they cut PHP60000 in 3 months, can I go to Saudi Arabia"),
        ("es", "me cobran 25000 quetzales para ir a Canadá"),
        ("ne", "एजेन्सीले ६०००० माग्यो"),
        ("en", "IS IT TRUE THAT I PAY NOTHING"),
    ],
)
def test_it_stays(language: str, text: str) -> None:
    assert REDACTING.redact(text, language) == text


def test_what_it_cannot_catch_is_what_the_docs_say() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "editors.md").read_text()
    assert "a name in small letters" in page
    assert REDACTING.redact("maria hit by chan", "en") == "maria hit by chan"
