"""What goes in and out of Kasama, whatever the channel.

Channels turn a provider's request into an `Inbound` and an `Outbound` into what the provider
takes. Nothing else in the service knows a provider.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bot.deeplink import DeepLink
from bot.segments import clean

ABOVE = "Write your answer above this line"
"""In mails that can be answered: what somebody writes stands above it. Short, so that no mail program breaks it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing she can pick instead of typing.

    label: what she reads, in her language, without a number before it.
    payload: what picking it means: an intent of INTENTS, with entities after `|` where it needs
        any, for example `ask_complaint` or `inform_route|destination=KWT`.
    """

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Media:
    """Something that came with a message and is not text. `kind`: photo, voice, video, document, sticker, contact."""

    kind: str
    reference: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where she says that she is, WGS 84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that a provider has handed over and that was verified to come from it.

    channel: name of the channel it came by (`sms`, `telegram`, `terminal`, `try`).
    address: where a reply goes: E.164 number on SMS, chat id on Telegram. Personal data.
    text: what she wrote, as she wrote it; may be empty.
    provider_id: the provider's own id of the message; the same id is the same message.
    payload: set when she pressed a button, or gave a command of the channel (`/language`).
    keyword: `stop`, `start` or `help` where the provider takes the whole message for that and acts on it by itself.
    language: a BCP 47 tag that the provider reports for her, only a hint.
    message_id: the provider's id of the message in its chat, where one can be deleted by it.
    edited: she has changed a message that she sent before, or a place that she shares has moved.
    link: what the link said that she came by.
    """

    channel: str
    address: str
    text: str
    provider_id: str
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    payload: str | None = None
    media: tuple[Media, ...] = ()
    location: Location | None = None
    language: str | None = None
    keyword: str | None = None
    message_id: str | None = None
    edited: bool = False
    link: DeepLink | None = None


Mark = Literal["strong", "quiet"]


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to her or to a partner, before a channel has given it its form.

    subject: for channels that have one (e-mail); others leave it out.
    valid_for: seconds after which it is of no use any more and is not sent; None: it stays true.
    urgent: goes before others where a channel must wait, and its choices stay when she writes something else.
    answers: the id of the message that it answers, for channels that show messages in threads (e-mail).
    strong, quiet: sentences of `text` that stand out, or keep in the background, where a channel can show that.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    subject: str = ""
    valid_for: float | None = None
    urgent: bool = False
    answers: str = ""
    strong: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()

    def marked(self, part: str) -> list[tuple[int, int, Mark]]:
        """What is strong or quiet in a part of the text, as a channel has cut it: (begin, end, which), none over another."""
        found: list[tuple[int, int, Mark]] = []
        both: tuple[tuple[Mark, tuple[str, ...]], ...] = (("strong", self.strong), ("quiet", self.quiet))
        for mark, sentences in both:
            for sentence in map(clean, sentences):
                at = part.find(sentence) if sentence else -1
                if at >= 0 and all(at + len(sentence) <= begin or at >= end for begin, end, _ in found):
                    found.append((at, at + len(sentence), mark))
        return sorted(found)


class DeliveryError(Exception):
    """A provider did not take a message.

    permanent: trying again cannot help (number does not exist, she blocked the bot).
    retry_after: seconds that the provider asks us to wait, if it does.
    opted_out: the recipient has told the provider that she wants no messages; permanent too.
    blocked: she does not let us write to her any more; permanent too.
    code: the provider's error code or HTTP status, for the log; never a text with personal data.
    refused: the provider certainly has not taken it, so that trying again cannot make two of it. Not so after
        a time-out, a lost connection or an answer that could not be read: there nobody knows.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        refused: bool = False,
        opted_out: bool = False,
        blocked: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent or opted_out or blocked
        self.blocked = blocked
        self.retry_after = retry_after
        self.refused = refused or self.permanent
        self.opted_out = opted_out


class AlreadyTaken(Exception):
    """The provider knows a message by the key that it was given and has taken it before. provider_id: its id of it."""

    def __init__(self, provider_id: str) -> None:
        super().__init__("already taken")
        self.provider_id = provider_id


OnStatus = Callable[[str, str, DeliveryError | str | None], Awaitable[None]]
"""Told what became of a message: provider id, the provider's word (`delivered`, `failed`, ...), and the error if there is one:
its code alone, or with what follows from it. A code alone is taken for permanent.
"""

OnReachable = Callable[[str, str, bool], Awaitable[None]]
"""Told that she has blocked us (False) or let us in again (True): channel, address."""

Receive = Callable[[Inbound], Awaitable[None]]
"""Stores an inbound message. When it returns, the message is committed and cannot be lost."""


@dataclass(frozen=True, slots=True)
class PartnerReply:
    """What somebody at a partner wrote or pressed where cases are announced: a Telegram group, a mail, or a button of a case.

    channel, address: where it was written, the chat's id on Telegram, the sender of a mail; an answer goes there.
    sender: the name that the group sees; empty when unknown. text: as written; empty for a button.
    provider_id: the provider's own id; the same id is the same reply.
    reply_to: the provider's id of the message that it answers, or whose button was pressed, as `Delivery.provider_id` has it.
    button: the payload of the pressed button, `case:...`.
    thread: for a mail, the ids of those before it in its thread, the one that it answers first. message_id: its own id, for
        the `Outbound.answers` of our answer.
    """

    channel: str
    address: str
    sender: str
    text: str
    provider_id: str
    reply_to: str | None = None
    button: str | None = None
    thread: tuple[str, ...] = ()
    message_id: str = ""


ReceivePartner = Callable[[PartnerReply], Awaitable[None]]
"""Takes in what a partner wrote. When it returns, it is stored. It decides itself whether that chat belongs to a partner."""
