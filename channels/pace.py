"""How fast messages may go out where the provider limits it per chat and overall, and what happens when it says: too many.

A message waits here only for a moment; for longer it goes back into the outbox, where it is in nobody's way.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from bot.messages import DeliveryError

PATIENCE = 2.0
"""Seconds that a message waits here for its turn."""

REMEMBERED = 10_000
"""Chats whose last message is remembered."""


class Pace:
    """Turns to send. Of the overall pace a part is kept for urgent messages, so that a crowd never holds them up.

    per_second: messages overall. kept: of these, for urgent ones only. chat_seconds: between two messages to one chat.
    group_minute: messages a minute to one group (`group=True`). clock, sleep: for tests.
    """

    def __init__(
        self,
        *,
        per_second: int = 30,
        kept: int = 5,
        chat_seconds: float = 1.0,
        group_minute: int = 20,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        # One less than the share of each: a second that begins just before a turn holds one turn more.
        self._between = {False: 1 / (per_second - kept - 1), True: 1 / (kept - 1)}
        self._next = {False: 0.0, True: 0.0}
        self._chat_seconds, self._group_minute = chat_seconds, group_minute
        self._clock, self._sleep = clock, sleep
        self._chats: dict[str, float] = {}
        self._groups: dict[str, deque[float]] = {}
        self._closed: dict[str, float] = {}
        self._all_closed = 0.0

    async def turn(self, chat: str, *, urgent: bool, group: bool = False) -> None:
        """Wait for the turn of a message to this chat. Raises `DeliveryError` with the seconds to come back in."""
        moment = self._clock()
        self._refuse_until(max(self._all_closed, self._closed.get(chat, 0.0)), moment, patience=0.0)
        free = max(moment, self._chats.get(chat, 0.0))
        recent = self._groups.setdefault(chat, deque(maxlen=self._group_minute)) if group else None
        if recent is not None and len(recent) == self._group_minute:
            free = max(free, recent[0] + 60)
        self._refuse_until(free, moment)
        lane = urgent and self._next[True] <= self._next[False]
        self._refuse_until(self._next[lane], moment)
        self._chats[chat] = free + self._chat_seconds
        if recent is not None:
            recent.append(free)
        self._tidy(moment)
        if free > moment:
            await self._sleep(free - moment)
        # The overall turn is taken only now: one that is kept for a chat that is still waiting would be lost to the others.
        moment = self._clock()
        lane = urgent and self._next[True] <= self._next[False]
        at = max(moment, self._next[lane])
        self._next[lane] = at + self._between[lane]
        if at > moment:
            await self._sleep(at - moment)

    def too_many(self, chat: str, seconds: float) -> None:
        """The provider wants nothing for this chat for so long; from a second chat in that time: nothing at all."""
        moment = self._clock()
        others = any(until > moment for name, until in self._closed.items() if name != chat)
        self._closed[chat] = moment + seconds
        if others:
            self._all_closed = max(self._all_closed, moment + seconds)

    def _refuse_until(self, at: float, moment: float, patience: float = PATIENCE) -> None:
        if at - moment > patience:
            raise DeliveryError("429 waiting for its turn", retry_after=at - moment, refused=True)

    def _tidy(self, moment: float) -> None:
        for kept in (self._chats, self._closed):
            if len(kept) > REMEMBERED:
                for chat in [c for c, until in kept.items() if until <= moment]:
                    del kept[chat]
        if len(self._groups) > REMEMBERED:
            for chat in [c for c, times in self._groups.items() if not times or times[-1] + 60 <= moment]:
                del self._groups[chat]
