"""A prediction that has been made before is looked up.

Stock turns the history into states and holds them against each of the rules, one by one, three times per message. What
comes out depends on nothing but the actions and intents so far, and there are as many of those as there are rules. What
else a policy could look at (entities, slots, text, loops, rejected actions) is seen here and then left to stock.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Optional, Tuple

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

KEPT = 4096
"""Predictions that are remembered, of the situations met last."""

LONGEST = 64
"""Events of a history that is looked up; a longer one is left to stock."""

Situation = Tuple[Tuple[Optional[str], ...], ...]


def situation(tracker: DialogueStateTracker, domain: Domain) -> Optional[Situation]:
    """All that the rules can see of a conversation, or None when there is more to see than intents and actions."""
    if tracker.active_loop or tracker.is_paused() or len(tracker.events) > LONGEST:
        return None
    seen = []
    for event in tracker.events:
        kind = type(event)
        if kind is ActionExecuted:
            if not event.action_name:
                return None
            seen.append(("action", event.action_name))
        elif kind is UserUttered:
            intent = event.intent
            if event.entities and domain.intent_properties.get(intent.get("name"), {}).get("used_entities", True):
                return None
            seen.append(("user", intent.get("name"), intent.get("full_retrieval_intent_name")))
        elif kind is DefinePrevUserUtteredFeaturization:
            if event.use_text_for_featurization:
                return None
        elif kind is SessionStarted:
            seen.append(("session",))
        elif kind is not BotUttered and not (kind is SlotSet and event.key == SESSION_START_METADATA_SLOT):
            return None
    return tuple(seen)


def only_intents(processor: MessageProcessor) -> bool:
    """Whether the model has the rules as its only policy, and no rule that reads her words."""
    policies = [
        node._component
        for node in processor.graph_runner._instantiated_nodes.values()
        if hasattr(node._component, "predict_action_probabilities")
    ]
    return (
        len(policies) == 1
        and type(policies[0]) is RulePolicy
        and not any('"text"' in rule for rule in policies[0].lookup["rules"])
    )


def apply() -> None:
    """Put it in place."""
    stock = MessageProcessor._predict_next_with_tracker

    def predict(self: MessageProcessor, tracker: DialogueStateTracker) -> PolicyPrediction:
        if "_kasama_predictions" not in self.__dict__:
            self._kasama_predictions = OrderedDict() if only_intents(self) else None
        known: Optional[OrderedDict[Situation, PolicyPrediction]] = self._kasama_predictions
        key = None if known is None or tracker.followup_action else situation(tracker, self.domain)
        if known is None or key is None:
            return stock(self, tracker)
        found = known.get(key)
        if found is None:
            found = stock(self, tracker)
            if any(type(event) is not DefinePrevUserUtteredFeaturization for event in found.events):
                return found
            known[key] = found
            if len(known) > KEPT:
                known.popitem(last=False)
        else:
            known.move_to_end(key)
        return _again(found)

    MessageProcessor._predict_next_with_tracker = predict


def _again(prediction: PolicyPrediction) -> PolicyPrediction:
    """The same prediction with events of its own, which go into one conversation."""
    events = [DefinePrevUserUtteredFeaturization(event.use_text_for_featurization) for event in prediction.events]
    return PolicyPrediction(
        prediction.probabilities,
        prediction.policy_name,
        prediction.policy_priority,
        events,
        is_end_to_end_prediction=prediction.is_end_to_end_prediction,
        is_no_user_prediction=prediction.is_no_user_prediction,
        diagnostic_data=prediction.diagnostic_data,
        hide_rule_turn=prediction.hide_rule_turn,
        action_metadata=prediction.action_metadata,
    )
