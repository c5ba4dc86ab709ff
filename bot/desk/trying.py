"""Trying it out at the desk: a talk on the throwaway world, and why each answer is as it is.

What is remembered is of people who work here and play: it stays in this process, for the last hundred of them.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot import people
from bot.desk.pages import direction, runs
from bot.desk.preview_page import reasons
from bot.knowledge import Knowledge, Route
from bot.messages import Inbound, Outbound
from bot.replies import money
from bot.segments import Segments, count
from bot.world import World
from channels.rendering import BY_SMS, render

KEPT = 100
PATIENCE = 20
"""Seconds that an answer is waited for."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as it stands on the phone. runs: see `pages.runs`. choices: number and label, of what can be pressed."""

    runs: list[tuple[str, str]]
    dir: str
    segments: Segments
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What she wrote and what she got. understood: intent, confidence (0 to 1), language, entities, safety; empty where no answer
    came in time. kind: of the case that it opened. reasons: the sentences of the answer with the facts behind them."""

    text: str
    dir: str
    understood: dict[str, Any]
    kind: str | None
    bubbles: tuple[Bubble, ...]
    reasons: list[dict[str, Any]]


@dataclass(slots=True)
class Talk:
    """One conversation. address: nobody's number. language, origin, destination: what is known of her from the start."""

    channel: str = "sms"
    language: str = ""
    origin: str = ""
    destination: str = ""
    address: str = field(default_factory=lambda: f"~{secrets.token_hex(8)}")
    exchanges: list[Exchange] = field(default_factory=list)


class Talks:
    """The talks of those who are at the desk, by the number of their account."""

    def __init__(self, sandbox: World, knowledge: Knowledge) -> None:
        self._sandbox, self._knowledge = sandbox, knowledge
        self._talks: OrderedDict[int, Talk] = OrderedDict()

    def of(self, staff: int) -> Talk:
        """Her talk; a new one if she has none."""
        talk = self._talks.get(staff)
        return talk if talk is not None else self.begin(staff, Talk())

    def begin(self, staff: int, talk: Talk) -> Talk:
        """Leave the old talk for a new one."""
        self._talks[staff] = talk
        self._talks.move_to_end(staff)
        while len(self._talks) > KEPT:
            self._talks.popitem(last=False)
        return talk

    async def say(self, staff: int, text: str) -> None:
        """Let a message go its road on the throwaway world, and note what became of it."""
        talk = self.of(staff)
        number = f"desk-{time.time_ns()}-{secrets.token_hex(4)}"
        inbound = Inbound(channel=talk.channel, address=talk.address, text=text, provider_id=number)
        if not talk.exchanges:
            await self._introduce(talk, inbound)
        said = await self._sandbox.say(inbound, language=talk.language or None, patience=PATIENCE)
        bubbles = [bubble for reply in said.replies for bubble in _bubbles(talk.channel, reply)]
        why = await self._why(inbound, said.understood, [reply.text for reply in said.replies])
        talk.exchanges.append(Exchange(text, direction(text), said.understood, said.kind, tuple(bubbles), why))
        del talk.exchanges[:-50]

    async def _introduce(self, talk: Talk, inbound: Inbound) -> None:
        world = self._sandbox
        async with world.database.write() as session:
            person = await people.find_or_make(session, world.vault, self._knowledge, inbound)
            person.origin, person.destination = talk.origin or None, talk.destination or None
            person.origin_said, person.destination_said = bool(talk.origin), bool(talk.destination)

    async def _why(self, inbound: Inbound, understood: dict[str, Any], replies: list[str]) -> list[dict[str, Any]]:
        """The sentences of the reply that come from facts: those of the answer to the question that she asked last."""
        world = self._sandbox
        async with world.database.read() as session:
            person = await people.known(session, world.vault, inbound.channel, inbound.address)
        topic = (person.topic or {}).get("topic") if person is not None else None
        if person is None or not topic:
            return []
        route = Route(person.origin, person.destination)
        asked = money((person.topic or {}).get("asked"))
        answer = self._knowledge.answer(str(topic), route, person.language or "en", asked=asked)
        sent = " ".join(" ".join(replies).split())
        return [row for row in reasons(self._knowledge, answer) if " ".join(row["text"].split()) in sent]


def _bubbles(channel: str, reply: Outbound) -> list[Bubble]:
    texts = render(channel, reply)
    pressed = () if channel in BY_SMS else tuple((str(n), c.label) for n, c in enumerate(reply.choices, start=1))
    last = len(texts) - 1
    return [
        Bubble(runs(channel, text, reply), direction(text), count(text), pressed if n == last else ())
        for n, text in enumerate(texts)
    ]
