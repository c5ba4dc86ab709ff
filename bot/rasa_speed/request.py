"""An action is sent the latest message, not the whole conversation.

Stock turns every event of the conversation into JSON for every action, so a message costs the more the longer the
conversation is. The actions of Kasama read the latest message, its metadata and nothing else (`actions/base.py`);
slots, state and an empty list of events go along.
"""

from __future__ import annotations

from typing import Any, Dict

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity


def apply() -> None:
    """Put it in place."""
    stock = RemoteAction._action_call_format

    def call(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        return stock(self, _Brief(tracker), domain)

    RemoteAction._action_call_format = call


class _Brief:
    """A tracker that tells its state without its events."""

    def __init__(self, tracker: DialogueStateTracker) -> None:
        self._tracker = tracker
        self.sender_id = tracker.sender_id

    def current_state(self, _verbosity: EventVerbosity) -> Dict[str, Any]:
        return {**self._tracker.current_state(EventVerbosity.NONE), "events": []}
