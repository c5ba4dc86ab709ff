"""What partners read: English, complete by mail, short by SMS, JSON by webhook.

Not in the catalogs: caseworkers of several countries share one inbox, and a colleague must be able to read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.messages import ABOVE, Choice, Outbound

SMS_WORDS = 400
"""Characters of her message that an SMS to a partner carries; the e-mail and `kasama cases show` have all of it."""

TELEGRAM_WORDS = 3000
"""The same for Telegram, so that it stays one message with its button."""


DRILL = "drill"
"""Kind and severity of a drill."""

DRILL_WORDS = "DRILL, nobody is in danger. This tests whether you are reached: please take it as you would a real case."


MAIL_HOW = (
    "By answering this mail, from the address that it was sent to: OK alone takes the case. CLOSE: how it ended closes it. BOT "
    "hands her back to the program. Anything else goes to her as you write it; you get it back to look at."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner is told of a case. words: (when, what she wrote), oldest first. drill: nobody is in danger."""

    number: str
    kind: str
    severity: str
    reason: str
    words: tuple[tuple[datetime, str], ...]
    opened_at: datetime
    address: str
    channel: str
    language: str
    origin: str
    destination: str
    where: str = ""
    wish: str = ""
    hidden: bool = False
    request: bool = False
    drill: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """Why a partner is told. event: one of `WITH_WORDS`, a key of `NOTES`, or taken.

    times: of a repeat, how often this partner has been told before; of a message, how many are told together.
    note: for what is no news of her: a whole sentence.
    """

    event: str
    times: int = 0
    note: str = ""


NOTES = {
    "declined": "She has said that she does not want to be contacted. Please do not write to her or call her.",
    "opted_out": "She has opted out (STOP), so nothing that is sent from here reaches her. Only she can change that, by writing "
    "START. What she writes still comes to you.",
    "unreachable": "She has blocked the bot in Telegram, so nothing that is sent from here reaches her.",
    "revoked": "She has taken back her yes: please do not write to her or call her, and delete what you have of her.",
    "bot": "She talks with the bot again. What she writes in danger still comes to you.",
}
"""Whole sentences for events that are no words of hers."""

WITH_WORDS = ("opened", "reopened", "passed", "repeat", "message", "handed")
"""Events that carry what she wrote; the others are one sentence."""

TO_TAKE = ("opened", "reopened", "passed", "repeat")
"""Events that ask somebody to take the case."""


def of_drill(number: str, opened_at: datetime) -> Told:
    """What a partner is told of a drill."""
    return Told(
        number=number,
        kind=DRILL,
        severity=DRILL,
        reason=DRILL,
        words=((opened_at, DRILL_WORDS),),
        opened_at=opened_at,
        address="nobody",
        channel=DRILL,
        language="en",
        origin="nowhere",
        destination="nowhere",
        drill=True,
    )


def compose(
    channel: str, told: Told, news: News, *, link: str = "", sent_at: datetime | None = None, mail_read: bool = False
) -> Outbound:
    """The message for a way. link: where an e-mail's reader can take the case with one click; empty: nowhere.

    mail_read: an e-mail can be answered.
    """
    subject = _subject(told, news)
    if channel == "webhook":
        return Outbound(json.dumps(_as_json(told, news, sent_at), ensure_ascii=False))
    if news.event not in WITH_WORDS:
        return Outbound(news.note if channel == "email" else f"{told.number}: {news.note}", subject=subject)
    if channel == "email":
        text = _mail(told, news, link)
        return Outbound(answerable(f"{text}\n\n{MAIL_HOW}") if mail_read else text, subject=subject)
    if channel == "telegram":
        buttons = (Choice("I take it", f"case:take:{told.number}"),) if news.event in TO_TAKE else ()
        shown = f"{subject}\n\n{_short(told, TELEGRAM_WORDS)}"
        return Outbound(shown if told.drill else f"{shown}\n\n{_telegram_hint(told, news)}", choices=buttons)
    return Outbound(_sms(told, news))


def answerable(text: str) -> str:
    """A mail with the line above which an answer is written."""
    return f"--- {ABOVE} ---\n\n{text}"


def _subject(told: Told, news: News) -> str:
    what = "DRILL, nobody is in danger:" if told.drill else "Request for help" if told.request else "Call for help"
    match news.event:
        case "message":
            return f"{what} {told.number}: she wrote again" + (f", {news.times} messages" if news.times > 1 else "")
        case "declined":
            return f"{what} {told.number}: she does not want to be contacted"
        case "opted_out":
            return f"{what} {told.number}: no message reaches her"
        case "unreachable":
            return f"{what} {told.number}: she has blocked the bot"
        case "bot":
            return f"{what} {told.number}: with the bot again"
        case "revoked":
            return f"{what} {told.number}: she has taken back her yes"
        case "taken":
            return f"{what} {told.number}: taken"
        case "handed":
            return f"{what} {told.number}: handed over to you"
        case "reopened":
            return f"{what} {told.number}: {told.kind}, in danger again"
    subject = f"{what} {told.number}" if told.request or told.drill else f"{what} {told.number}: {told.kind}"
    return f"REPEAT {news.times}: {subject}, not taken yet" if news.event == "repeat" else subject


def _mail(told: Told, news: News, link: str) -> str:
    if told.drill:
        return "\n".join([f"Drill {told.number}", DRILL_WORDS, *_to_take(told, link)])
    lines = [
        f"Case {told.number}, opened {told.opened_at:%Y-%m-%d %H:%M} UTC",
        f"Kind: {told.kind} ({told.reason})",
        f"How urgent: {told.severity}",
        *_quoted(told.words),
        f"Reply to her: {told.address} ({told.channel})",
        f"Language: {told.language}",
        f"From: {told.origin}",
        f"Works in: {told.destination}",
    ]
    if told.where:
        lines.append(f"Where she is, sent by her: {told.where}")
    if told.wish:
        lines.append(f"When and how she may be written to: {told.wish}")
    lines.append("")
    if told.hidden:
        lines.append("She has hidden the chat: somebody may be reading her phone.")
    lines.append(
        "She was told that you have her message. Before you call or write at length, ask whether it is safe for her."
    )
    return "\n".join([*lines, *(_to_take(told, link) if news.event in TO_TAKE else ())])


def _to_take(told: Told, link: str) -> list[str]:
    lines = [""]
    if link:
        lines += ["To take this case, open this page and press the button. It works once, for three days:", link]
    return [*lines, f"By SMS from your own number: OK {told.number}"]


def _quoted(words: Sequence[tuple[datetime, str]]) -> Iterator[str]:
    """A line for each message; one that is repeated at once is written once, with how often and until when."""
    for text, group in groupby(words, key=lambda pair: pair[1]):
        times = [at for at, _ in group]
        more = f" (the same {len(times)} times, until {times[-1]:%H:%M})" if len(times) > 1 else ""
        when = f", {times[0]:%Y-%m-%d %H:%M} UTC{more}" if len(words) > 1 else ""
        yield f"Her words{when}: {text}"


def _sms(told: Told, news: News) -> str:
    if told.drill:
        repeated = f"REPEAT {news.times}: " if news.event == "repeat" else ""
        return f"{repeated}DRILL, nobody is in danger. Kasama {told.number}. Take it: OK {told.number}"
    more = f"MORE, {news.times} messages, the last: " if news.times > 1 else "MORE: "
    mark = {"repeat": f"REPEAT {news.times}: ", "message": more, "reopened": "AGAIN: ", "handed": "YOURS: "}
    text = f"{mark.get(news.event, '')}Kasama {told.number} {told.kind}: {_short(told, SMS_WORDS)}"
    text += f" / {told.address} {told.origin} - {told.destination} {told.language}"
    text += f". {told.wish}" if told.wish else ""
    return f"{text}. Take it: OK {told.number}" if news.event in TO_TAKE else text


def _short(told: Told, most: int) -> str:
    """Her last message, cut to what fits."""
    words = told.words[-1][1] if told.words else ""
    return words if len(words) <= most else words[:most] + " [...]"


def _telegram_hint(told: Told, news: News) -> str:
    facts = f"{told.address} ({told.channel}), {told.language}, {told.origin} - {told.destination}, {told.severity}"
    if told.wish:
        facts += f"\nWhen and how she may be written to: {told.wish}"
    if news.event in TO_TAKE:
        return f"{facts}\nShe was told that you have her message. Answer this message to write to her."
    return f"{facts}\nAnswer this message to write to her."


def _as_json(told: Told, news: News, sent_at: datetime | None) -> dict[str, Any]:
    """The form of docs/caseworkers.md. Without her words where the event is no news of her."""
    case: dict[str, Any] = {"number": told.number}
    if news.event in WITH_WORDS:
        case |= {
            "kind": told.kind,
            "severity": told.severity,
            "reason": told.reason,
            "opened_at": told.opened_at.isoformat(),
            "messages": [{"at": at.isoformat(), "text": text} for at, text in told.words],
            "address": told.address,
            "channel": told.channel,
            "language": told.language,
            "origin": told.origin,
            "destination": told.destination,
            "where": told.where,
            "contact_wish": told.wish,
            "hidden": told.hidden,
            "drill": told.drill,
        }
    return {
        "event": f"case.{news.event}",
        "repeat": news.times,
        "note": news.note,
        "sent_at": sent_at.isoformat() if sent_at else None,
        "case": case,
    }
