"""What to do about messages that need no model: no words, a picked choice, a yes to the question about danger, START."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bot.choices import number_in, pick
from bot.store.models import Case, Person
from bot.turn import Step, Understood

_COMMAND = re.compile(r"/\w*_\w*(?:\{.*\})?|/\w+\{.*\}", re.DOTALL)
"""A slash and a single name with an underscore or braces, as names inside the dialogue model are written: `/ask_fees`."""

_OF_THE_MODEL = re.compile(r"/(?:distress_\w+|help_request)(?:\{.*\})?|/\w+\{.*\}", re.DOTALL)
"""Those that nobody in need writes: the model's own names for danger, and anything with braces."""

ASKS_FOR_WORDS = frozenset({"media", "media_again"})
"""Phrases that tell her to write instead; not twice in the same words."""


def means_nothing(text: str) -> bool:
    """Whether a text is nothing but a name inside the dialogue model, so that its letters are no words of hers.

    `/help_me` is none: it is looked at for danger as any message.
    """
    return _OF_THE_MODEL.fullmatch(text.strip()) is not None


def decide(
    person: Person, case: Case | None, text: str, words: str, payload: str | None, body: dict[str, Any], *, worry: bool
) -> tuple[Understood, Step] | None:
    """What to do; None where the model is needed. words: the text as the model would get it. worry: see `Turn`."""
    if payload is None and not any(unicodedata.category(c)[0] in "LN" for c in words):
        return Understood("out_of_scope", 1.0), _without_words(person, case, body)
    if (person.pending or "").startswith("danger") and payload == "affirm":
        reason = "she said yes when asked whether she is in danger"
        return Understood("affirm", 1.0), Step().change(open_case="help", reason=reason)
    if payload is not None and payload.startswith(("case_", "contact_")):
        if case is None:
            return not_understood("old_choice")
        return Understood("affirm", 1.0), Step().change(case_answer=payload, pending=None)
    if payload is None and _COMMAND.fullmatch(text.strip()):  # never the model's to read, whatever letters are in it
        return not_understood("clarify_again")
    if payload is not None or worry:
        return None
    if words.casefold() == "start":  # the word that carriers know, whatever she speaks
        return Understood("greet", 1.0), Step().say("start").change(fallbacks=0)
    if number_in(words) is not None:
        return not_understood("old_choice")
    return None


def is_words(body: dict[str, Any], person: Person) -> bool:
    """Whether a stored message is text that may belong to what she writes before and after it."""
    text = str(body["text"])
    if body["payload"] or body["media"] or body.get("location") or not any(c.isalpha() for c in text):
        return False
    if _COMMAND.fullmatch(text.strip()):
        return False
    return pick(text, person.choices, offered_at=person.choices_at, language=person.language or "en") is None


def _without_words(person: Person, case: Case | None, body: dict[str, Any]) -> Step:
    """A photo, a voice message, a place, a sticker, or nothing at all."""
    kind = "location" if body.get("location") else "media" if body["media"] else "empty"
    sent, sticker = ", ".join(body["media"]) or kind, body["media"] == ["sticker"]
    if (person.pending or "").startswith("danger") and kind != "empty" and not sticker:
        # She was asked whether she is in danger, and nothing can tell whether this is a no.
        return Step().change(open_case="help", reason=f"sent this when asked whether she is in danger: {sent}")
    if case is not None and kind != "empty":
        return Step().change(join_case=f"she sent: {sent}")
    if kind == "location" and body.get("edited"):
        return Step()  # it moves, and she has been told
    if sticker:
        return Step().say("sticker")
    return Step().say("media_again" if kind == "media" and person.asked_for_words else kind)


def not_understood(phrase: str) -> tuple[Understood, Step]:
    """A phrase, the topics and a person."""
    step = Step().say(phrase).offer(("choice_menu", "menu"), ("choice_person", "talk_to_human"))
    return Understood("nlu_fallback", 1.0), step
