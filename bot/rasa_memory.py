"""Rasa's memory of conversations: none. What must last is in the service's database, and each message brings what is known.

Named in `endpoints.yml`. Runs under the dialogue model's own Python, where a message is worked on without asking the store again
until it is answered; so nothing that she wrote stays in the process, and there is nothing in it to erase, to bound or to share.
"""

from __future__ import annotations

from typing import Any, Iterable, Optional

from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class Forgetting(TrackerStore, SerializedTrackerAsText):
    """Keeps no tracker."""

    def __init__(self, domain: Any, event_broker: Any = None, **kwargs: Any) -> None:
        """Rasa hands in more than is needed here."""
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Forget it."""

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Nobody is known."""
        return None

    async def keys(self) -> Iterable[str]:
        """Nobody is known."""
        return []
