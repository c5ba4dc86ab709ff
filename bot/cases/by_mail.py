"""What is particular to answers by mail: the thread names the case, and more than her caseworker's words may stand in a mail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from bot.cases.commands import REPLY, TAKE, Command
from bot.cases.work import CaseRefused
from bot.messages import ABOVE

NO_THREAD = (
    "Nothing was sent to her: this mail does not answer one about a case that was sent to you. Answer the mail about her case, "
    "from the address that it came to."
)

ELSEWHERE = (
    "Somebody has answered this mail from another address. Nothing was done, and nothing was sent to her. Answer it from this "
    "address, or at the desk."
)

EMPTY = (
    "Nothing was sent to her: no words of yours were found in your mail. Write them as plain text above the line "
    f'"{ABOVE}", or below it and the quoted text if your mail program begins each quoted line with ">".'
)

LEFT_OUT = "What else stood in your mail was not sent to her: write words for her in a mail of their own."

UNFINISHED = "Nothing was done. To close the case write how it ended too: CLOSE: safe at the shelter."

LONG_LINE = 20
"""Characters from which on a line of our mail is known again in an answer; shorter ones anybody may write."""

_BOT = re.compile(r"bot[\s:#-]*(\d{6})?[\s.!]*", re.IGNORECASE)
_CLOSE = re.compile(r"close(?:[\s:#-]*(\d{6})[\s:,.-]+|\s*[:-]\s*)(.+)", re.IGNORECASE | re.DOTALL)
_UNFINISHED = re.compile(r"close[\s:#-]*(?:\d{6})?[\s:,.!-]*", re.IGNORECASE)


def command(words: str, number: str) -> tuple[Command, bool]:
    """What a mail wants with the case of its thread, and whether more stands in it than that. Raises `CaseRefused`.

    OK or BOT in a line alone is never sent to her, nor what follows: below it stands a name more often than words.
    """
    first, _, rest = words.strip().partition("\n")
    first, whole = (unicodedata.normalize("NFKC", text).strip() for text in (first, words))
    if not whole:
        raise CaseRefused(EMPTY)
    if found := TAKE.fullmatch(first):
        return Command("take", _same(found[1], number)), bool(rest.strip())
    if found := _BOT.fullmatch(first):
        return Command("bot", _same(found[1], number)), bool(rest.strip())
    if _UNFINISHED.fullmatch(whole):
        raise CaseRefused(UNFINISHED)
    if found := _CLOSE.fullmatch(whole):
        return Command("close", _same(found[1], number), found[2].strip()), False
    if found := REPLY.fullmatch(words.strip()):
        return Command("reply", _same(unicodedata.normalize("NFKC", found[1]), number), found[2].strip()), False
    return Command("reply", number, words.strip()), False


def _same(written: str | None, number: str) -> str:
    if written and written != number:
        raise CaseRefused(
            f"Nothing was done: you wrote {written}, and the mail that you answered is about case {number}."
        )
    return number


def check(words: str, sent: str, names: Collection[str], address: str) -> None:
    """Raises `CaseRefused` when there is something in words for her that is none: somebody may read her phone.

    sent: the text of the mail that is answered. names: of the partner. address: of who answers.
    """
    folded = _folded(words)
    ours = {line for line in map(_folded, sent.splitlines()) if len(line) >= LONG_LINE}
    if ABOVE.casefold() in folded or any(line in folded for line in ours):
        raise CaseRefused(
            "Nothing was sent to her: text of our own mail stands among your words. Delete it, and write above the line "
            f'"{ABOVE}".'
        )
    domain = address.rpartition("@")[2].casefold()
    for name in (*map(_folded, names), domain):
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
            raise CaseRefused(
                f'Nothing was sent to her: "{name}" stands in your mail, perhaps in your signature, and somebody may read her '
                "phone. Send your words without it, or with a line -- before your signature. If she must read that name, write "
                "to her from the desk."
            )


def shown(words: str) -> str:
    """What the caseworker is told of her words: all of them, so that she sees a line that is missing or too many."""
    return "\n\nShe gets:\n\n" + "\n".join(f"| {line}" for line in words.split("\n"))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
