"""A conversation is copied by copying its state, not by living through it again.

Stock copies a tracker before each action, three times per message, by applying all of its events one after the other to
a new one, so that copying costs the more the longer the conversation is. The state after the last event is there
already. A conversation that was told which action has to follow is copied by stock, since that is taken back without an
event.
"""

from __future__ import annotations

import copy
from collections import deque

from rasa.shared.core.events import FollowupAction
from rasa.shared.core.trackers import DialogueStateTracker


def apply() -> None:
    """Put it in place."""
    stock = DialogueStateTracker.copy

    def duplicate(self: DialogueStateTracker) -> DialogueStateTracker:
        if any(type(event) is FollowupAction for event in self.events):
            return stock(self)
        twin = copy.copy(self)
        twin.events = deque(self.events, self.events.maxlen)
        twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        twin.active_loop = copy.copy(self.active_loop)
        return twin

    DialogueStateTracker.copy = duplicate
