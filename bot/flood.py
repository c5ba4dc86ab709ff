"""Keeps count of who writes how much: one sender must not take the time of all others. A call for help is never counted out."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW = 60.0
"""Seconds over which messages are counted."""

SENDERS = 50_000
"""Senders that are remembered; the one that wrote longest ago is forgotten first."""


class Flood:
    """Counts messages per person. limit: messages in a minute that are answered; 0: no limit."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, person_id: str) -> int:
        """Note one message; returns by how many she is over the limit, 0 when she is not."""
        if not self._limit:
            return 0
        times = self._times.pop(person_id, None) or deque(maxlen=2 * self._limit)
        self._times[person_id] = times
        if len(self._times) > SENDERS:
            self._times.popitem(last=False)
        present = self._clock()
        while times and present - times[0] > WINDOW:
            times.popleft()
        times.append(present)
        return max(0, len(times) - self._limit)
