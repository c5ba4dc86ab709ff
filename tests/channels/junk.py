"""A thousand messages that nobody should send: the same ones in every run."""

from __future__ import annotations

import random

_ALPHABETS = (
    "abc XYZ 123 .,!?",
    "😀👩‍👩‍👧🇵🇭🏳️‍🌈👍🏽",
    "\x00\x01\x07\x08\x0b\x1b\x7f\x80\x9f\r\n\t",
    "\u200e\u200f\u202a\u202b\u202e\u2066\u2069\ufeff\u200b\u200d",
    "नमस्ते सहयोग गर्नुहोस्",
    "ช่วยด้วย ជួយខ្ញុំ ຊ່ວຍ",
    "ساعدوني لو سمحتم",
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
    "\ud800\udfff\udc00\ud83d",
    "{}[]<>'\"\\/;:--%$&=+#|^~`",
)
_WHOLE = (
    "", " ", "\n", "0", "😀" * 3000, "x" * 10_000, "1" * 10_000, "\ud83d", "\ude00\ud83d", "\x00", "null", "[]", "{}",
    '{"a": 1}', '{"intent": "restart"}', "/restart", "/distress_violence", "/start" * 50,
    "' OR 1=1; DROP TABLE inbound; --", "%s%s%n", "%00",
    "<script>alert(1)</script>", "&#0;", "${jndi:ldap://x}", "../../etc/passwd", "\u202eevil", "a\u0300" * 2000,
    "🇵" * 501, "\r\n\r\n",
)  # fmt: skip


def junk(number: int = 1000) -> list[str]:
    """Empty, very long, emoji, control characters, direction marks, halves of surrogate pairs, JSON, SQL, HTML, mixtures."""
    chance = random.Random(20)
    texts = list(_WHOLE)
    while len(texts) < number:
        alphabet = "".join(chance.sample(_ALPHABETS, chance.choice((1, 1, 2, 4))))
        texts.append("".join(chance.choices(alphabet, k=chance.choice((1, 5, 40, 160, 700)))))
    return texts[:number]
