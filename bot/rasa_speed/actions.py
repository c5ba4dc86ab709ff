"""An action is made once, not for every message.

Stock makes one of each of its twelve default actions, and throws them away, whenever it needs one action: four times
per message. An action that runs remotely, and those that listen, start a session and read slots, hold nothing of a
conversation, so they are kept; of any other kind stock makes a new one each time.
"""

from __future__ import annotations

from typing import Any, Dict, Tuple

import rasa.core.actions.action as module
from rasa.core.actions.action import (
    Action,
    ActionExtractSlots,
    ActionListen,
    ActionSessionStart,
    RemoteAction,
)
from rasa.shared.core.domain import Domain

KEEPS_NOTHING = (RemoteAction, ActionListen, ActionSessionStart, ActionExtractSlots)


def apply() -> None:
    """Put it in place."""
    stock = module.action_for_name_or_text

    def action(name: str, domain: Domain, endpoint: Any) -> Action:
        made: Dict[Tuple[str, int], Action] = domain.__dict__.setdefault("_kasama_actions", {})
        key = (name, id(endpoint))
        found = made.get(key)
        if found is None:
            found = stock(name, domain, endpoint)
            if type(found) in KEEPS_NOTHING:
                made[key] = found
        return found

    module.action_for_name_or_text = action
