"""What a translator is told of each sentence: when she reads it, how long it may be, which names stay as they are.

The comment goes into the template, so that Poedit and Weblate show it beside the sentence. A sentence is found by its key or
by the beginning of its key, the longest one first.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.knowledge.phrases import PHRASES

LABEL, PART, PAGE = 30, 60, 459
"""Characters: a choice, several of which share a message; a part of a list or of a line; a whole first page."""

OTHER_SCRIPTS = {PAGE: 201}
"""The same where a letter is not in the alphabet of SMS, so that a part holds 67 characters and not 153."""

SAID: dict[str, tuple[str, int]] = {
    # Around the answers
    "greet": ("The first thing she reads, when she writes hello", PAGE),
    "greet_again": ("When she writes hello again", PAGE),
    "thank": ("When she thanks", PAGE),
    "goodbye": ("When she says goodbye", PAGE),
    "bot_challenge": ("When she asks whether she writes with a person or a machine", PAGE),
    "menu": ("Above a list of topics to pick from", PAGE),
    "ask_": ("A question to her, when an answer needs to know the countries", PAGE),
    "route_": ("About her countries, after she has named them or when they are guessed from her number", PAGE),
    "language_": ("When she asks for another language", PAGE),
    "clarify": ("When she was not understood; choices follow", PAGE),
    "out_of_scope": ("When she asks about something that is not about work abroad", PAGE),
    "empty": ("When a message came without words", PAGE),
    "media": ("When she sent a picture or a voice message, which nobody can read", PAGE),
    "location": ("When she sent where she is", PAGE),
    "nothing_to_": ("When she says yes or no and nothing was asked", PAGE),
    "no_more": ("When she asks for more and all has been said", PAGE),
    "old_choice": ("When she sends the number of a choice that is no longer there", PAGE),
    "dialogue_down": ("While the part that looks up answers does not work", PAGE),
    "danger_": ("When her words may mean danger. Be gentle, and repeat nothing that she told", PAGE),
    "case_": ("After she called for help. Somebody may read over her shoulder: nothing of what happened", PAGE),
    "help_": ("When she may want that a person helps her, without danger", PAGE),
    "human_ask": ("When she asks for a person", PAGE),
    "hide_tip": (
        "By SMS after she wrote 0: how she deletes this conversation, as a friend's tip about a full phone; harmless",
        PAGE,
    ),
    "hide": ("After she wrote 0 to hide the chat: it must look harmless, about cooking, nothing about work", PAGE),
    "stop": ("After she wrote STOP, and wants no more messages", PAGE),
    "start": ("After she wrote START, and wants messages again", PAGE),
    "delete_": ("When she wants everything about her deleted", PAGE),
    "sms_left_out": ("At the end of an SMS, where her country allows no phone numbers or links in it", 110),
    "choice_": ("A choice that she picks by its number or by a button", LABEL),
    "topic_": ("A choice that she picks by its number or by a button: a topic", LABEL),
    "contact_": ("After somebody has taken her case: when and how she may be written to", PAGE),
    "contact_any_time": ("A choice that she picks by its number or by a button", LABEL),
    "reply_": ("A caseworker, a person, sends it to her with one click. It gives nothing away to somebody else", PAGE),
    "kind_": ("To the partner organisation: what kind of danger", PART),
    "unknown": ("To the partner organisation: what is not known", PART),
    # The first reply to a call for help
    "first_": ("In the first reply to a call for help. Believe, do not blame, promise nothing, repeat nothing", 160),
    # Parts of answers
    "unit_": ("A length of time inside a sentence", PART),
    "per_": ("An amount and its time, inside a sentence", PART),
    "holds_for": ("After a rule that holds only for some countries", PAGE),
    "cite_": ("Behind a rule: where it stands", PAGE),
    "laws": ("On the last page: the laws", PAGE),
    "sources": ("On the last page: where the facts are from", PAGE),
    "checked": ("On the last page: when the facts were checked, and by whom", PAGE),
    "stale": ("Behind a fact that should have been checked again by now", PAGE),
    "other_voice": ("Behind an amount, where another source says something else", PAGE),
    "often_broken": ("Behind a rule that many employers do not follow", PAGE),
    "call_first": ("On the first page: whom to call", PAGE),
    "who_helps": ("Above the list of those who help", PAGE),
    "always_open": ("Behind a phone number: answered day and night", PART),
    "free_call": ("Behind a phone number: the call costs nothing", PART),
    "from_abroad": ("Behind a phone number: the one for calls from another country", PART),
    "open_": ("Behind a phone number: when it is answered", PART),
    "office_each_province": ("Behind the name of an organisation", PART),
    "talks": ("Behind a phone number: the languages", PART),
    "emergency_numbers": ("At the end of an answer: whom to call in danger", PAGE),
    "no_contact": ("Where an answer should name whom to call and none is known", PAGE),
    "not_known": ("Where no checked rule is known. Honest, without an apology", PAGE),
    "world_rule": ("Before a rule of a convention, where her country's own rule is not known", PART),
    "item_": ("A word in a list inside a sentence, as in {items}; no full stop, small letter", PART),
    "rule_": ("What a convention says, in plain words", PAGE),
    "c189_": ("At the end of an answer about rights", PAGE),
}
"""Key, or its beginning with `_` at the end -> when it is said, and how many characters it may have in the alphabet of SMS."""

AROUND, ANSWER = "Around the answers, as the text says", "In an answer, one sentence of several"
"""For what is not named above: the sentences of the dialogue, and those of the topics, which say what they are about."""


@lru_cache(maxsize=2048)
def _of(key: str) -> tuple[str, int]:
    best = max((name for name in SAID if key == name or key.startswith(name)), key=len, default=None)
    if best is None or (not best.endswith("_") and key != best and not key.startswith(best + "_")):
        return AROUND if key in PHRASES else ANSWER, PAGE
    return SAID[best]


def most(key: str, *, gsm: bool) -> int:
    """Characters that a sentence may have at most, without what its placeholders become. gsm: in letters of SMS."""
    limit = _of(key)[1]
    return limit if gsm else OTHER_SCRIPTS.get(limit, limit)


def comments(key: str, english: str | tuple[str, str]) -> list[str]:
    """The comment of a sentence in the template, line by line."""
    when, limit = _of(key)
    other = OTHER_SCRIPTS.get(limit, limit)
    length = f"At most {limit} characters" + (f", {other} in another script than Latin." if other != limit else ".")
    names = sorted(set(re.findall(r"\{(\w+)\}", english if isinstance(english, str) else english[1])))
    kept = ["Keep as they are: " + " ".join("{" + name + "}" for name in names)] if names else []
    return [f"{when}.", length, *kept]
