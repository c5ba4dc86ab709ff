"""How fast a sender may send."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from bot.messages import Outbound


class Pace:
    """At most `rate` units in a second, and never more than a second's worth at once. rate: 0 means as fast as it goes."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._ahead = max(0.0, 1.0 - 1.0 / rate) if rate else 0.0
        self._free_at = clock()

    def wait(self) -> float:
        """Seconds until the next may go; 0: now."""
        return max(0.0, self._free_at - self._ahead - self._clock()) if self._rate else 0.0

    def take(self, units: int) -> None:
        """Something of this many units goes."""
        if self._rate:
            self._free_at = max(self._free_at, self._clock()) + units / self._rate


@runtime_checkable
class Paced(Protocol):
    """A channel whose sender has a pace."""

    pace: Pace

    def units(self, message: Outbound) -> int:
        """What `message` costs of the pace, segments on SMS."""
