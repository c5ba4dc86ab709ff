"""While a person is with her, the bot stays out of the way, except when asked.

The rule, in words: what she writes went to the caseworker when it came in. The bot says something only if she picked a choice,
used one of its commands (hide, stop, delete, language), wrote BOT, or asked something that ends in a question mark and that it
has an answer to. Danger is never kept quiet: it is looked for before this.
"""

from __future__ import annotations

import unicodedata

from bot.store.models import Case, now
from bot.turn import Step

_QUESTION = ("?", "\uff1f", "\u061f", "\u1367", "\u037e")
_COMMANDS = ("hide", "stop", "start", "delete", "language", "open_case", "decline_case", "case_answer")
_BOT = frozenset({"bot", "kasama"})


def beside(case: Case | None, pending: str | None, text: str, payload: str | None, step: Step) -> Step:
    """What the bot does about a message, a person being with her or not. pending: the question that she was asked last."""
    if case is None:
        return step
    word = unicodedata.normalize("NFKC", text).strip().strip(".!").casefold()
    quiet = case.quiet_until is not None and case.quiet_until > now()
    if quiet and word in _BOT:
        return Step().change(case_answer="case_bot", pending=None)
    commanded = any(name in step.effects for name in _COMMANDS) or step.effects.get("pending") in ("delete", "language")
    answers = any("answer" in reply or "page" in reply for reply in step.replies)
    asked = text.rstrip().endswith(_QUESTION)
    if commanded or payload is not None:
        return step
    if pending == "contact" and not (answers and asked):
        return Step().change(case_answer="contact_words", pending=None)
    if quiet and not (answers and asked):
        return Step().change(join_case="she wrote", quiet=True)
    return step
