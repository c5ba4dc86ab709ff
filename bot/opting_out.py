"""STOP and START: who wants no messages is sent none, and the partner who has her case knows it.

`Person.stopped_by` says how we know. `keyword`: she wrote the word that her provider acts on by itself; `provider`: it refuses
our messages because she has opted out there. In both only START opens the way again, since the provider blocks us until then.
`said`: she said so where only we can honour it; then nothing comes unasked, and what she writes next opens the way again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases import CaseRoom
from bot.messages import Inbound
from bot.store.models import CaseEvent, Delivery, Person, now

log = structlog.get_logger(__name__)

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe"})
START_WORDS = frozenset({"start", "unstop"})
"""As the whole message, on every channel. What else a provider takes for these is in `Inbound.keyword`."""

FAREWELL = ":farewell"
"""End of the key of the one delivery that still goes to a woman who has just opted out: it tells her so."""

By = Literal["keyword", "provider", "said"]


def keyword(inbound: Inbound, *, stopped: bool) -> str | None:
    """`stop`, `start`, `help` or None: what her message is, beyond any understanding.

    stopped: whether she has opted out. If not, a word like YES that a provider takes for START is an answer like any other.
    """
    word = _word(inbound.text)
    if inbound.keyword == "start" and not stopped:
        return None
    if inbound.keyword:
        return inbound.keyword
    if word in STOP_WORDS:
        return "stop"
    return "start" if stopped and word in START_WORDS else None


def _word(text: str) -> str:
    """The one word that a message is, or nothing. A command of the channel counts: `/start`, and `/start` with a parameter."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    if words and words[0] == "/start":
        return "start"
    return words[0].strip(".,;:!?\"'()*-_/«»“”‘’") if len(words) == 1 else ""


class OptingOut:
    """Notes it, and tells the partner once per case."""

    def __init__(self, cases: CaseRoom) -> None:
        self._cases = cases

    async def out(self, session: AsyncSession, person: Person, by: By) -> None:
        """She wants no messages from now on."""
        if not person.stopped:
            person.stopped, person.stopped_at, person.stopped_by = True, now(), by
            person.pending, person.choices = None, []
            log.info("opted out", channel=person.channel, by=by)
        elif by != "said":
            person.stopped_by = by
        await self._tell(session, person)

    async def back(self, session: AsyncSession, person: Person) -> None:
        """She wants messages again."""
        person.stopped, person.stopped_at, person.stopped_by = False, now(), None
        log.info("opted in", channel=person.channel)
        if (case := await self._cases.current(session, person)) is not None:
            session.add(CaseEvent(case_id=case.id, what="she has opted in again and can be written to"))

    async def withhold(self, session: AsyncSession, deliveries: Iterable[Delivery]) -> None:
        """Mark those of these deliveries that go to women who have opted out as `withheld`."""
        to = {d.person_id for d in deliveries if d.person_id is not None}
        if not to:
            return
        stopped = select(Person).where(Person.id.in_(to), Person.stopped.is_(True))
        people = {p.id: p for p in (await session.execute(stopped)).scalars()}
        withheld = {d.person_id for d in deliveries if d.person_id in people and not d.key.endswith(FAREWELL)}
        for delivery in deliveries:
            if delivery.person_id in withheld and not delivery.key.endswith(FAREWELL):
                delivery.state, delivery.error = "withheld", "opted out"
        for person_id in withheld:
            await self._tell(session, people[str(person_id)])

    async def refused(self, session: AsyncSession, person_id: str) -> None:
        """The provider refused a message to her because she has opted out there."""
        if (person := await session.get(Person, person_id)) is not None:
            await self.out(session, person, "provider")

    async def _tell(self, session: AsyncSession, person: Person) -> None:
        if (case := await self._cases.current(session, person)) is not None:
            await self._cases.tell(session, case, "opted_out", "she has opted out (STOP): no message reaches her")
