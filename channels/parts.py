"""Long messages that a provider takes in several parts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.messages import DeliveryError

Part = TypeVar("Part")


class PartsSent:
    """Remembers, while the process lives, which parts of a delivery the provider has taken, so that none is sent twice.

    most: deliveries remembered; only long ones that failed half-way are.
    """

    def __init__(self, most: int = 1000) -> None:
        self._ids: OrderedDict[str, list[str]] = OrderedDict()
        self._most = most

    async def send(self, key: str, parts: Sequence[Part], send_part: Callable[[Part], Awaitable[str]]) -> list[str]:
        """Send the parts that are left; returns the provider's ids of all. `send_part` raises `DeliveryError`."""
        ids = self._ids.pop(key, [])
        try:
            for part in parts[len(ids) :]:
                ids.append(await send_part(part))
        except DeliveryError:
            if ids:
                self._ids[key] = ids
                while len(self._ids) > self._most:
                    self._ids.popitem(last=False)
            raise
        return ids
