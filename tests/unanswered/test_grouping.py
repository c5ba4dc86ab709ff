"""Texts that look alike come together, in any script, quickly."""

from __future__ import annotations

import time

from bot.unanswered.grouping import groups


def test_spellings_of_one_question_come_together_and_others_stay_apart() -> None:
    texts = [
        "can i bring my cat to hong kong",
        "how to send a box home",
        "Can I bring my cats to Hongkong??",
        "how to send a box to my home",
        "என் சம்பளம் எங்கே",
        "can i bring a cat to hong kong",
        "என் சம்பளம் எங்கே போனது",
        "",
    ]
    assert groups(texts) == [[0, 2, 5], [1, 3], [4, 6], [7]]


def test_two_thousand_messages_take_seconds_at_most() -> None:
    words = [f"w{n % 97}x{n % 31}" for n in range(4000)]
    texts = [" ".join(words[n : n + 8]) for n in range(2000)]
    start = time.perf_counter()
    found = groups(texts)
    assert time.perf_counter() - start < 20
    assert sorted(n for group in found for n in group) == list(range(2000))
