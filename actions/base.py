"""What all actions share: reading the tracker, and looking for danger before anything else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.turn import Step, Turn, Understood

DISTRESS_CASE = 0.80
"""Probability of danger from which a case is opened without asking."""

DISTRESS_SURE = 0.95
"""The same where the safety check has looked at her words and found reason to ask only ("what if he hits me")."""

DISTRESS_CHECK = 0.10
"""Probability of danger from which she is asked whether she is in danger; below it the question would only frighten."""


QUESTIONS = frozenset(
    (
        "ask_route",
        "ask_origin",
        "ask_destination",
        "help_ask",
        "human_ask",
        "delete_ask",
        "language_ask",
        "clarify",
        "clarify_again",
        "clarify_person",
        "out_of_scope",
        "menu",
        "menu_more",
        "nothing_to_confirm",
        "nothing_to_decline",
    )
)
"""Phrases that want an answer of another kind; left out when she must be asked whether she is in danger."""


class KasamaAction(Action, ABC):  # type: ignore[misc]
    """An action with a name, as the domain knows it, and a decision."""

    action: str
    looks_for_danger = True

    def name(self) -> str:
        """The name in the domain."""
        return self.action

    @abstractmethod
    def decide(self, turn: Turn, understood: Understood) -> Step:
        """What is to be said and changed."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Rasa's way in: reads the message and its metadata, hands back one payload."""
        message = tracker.latest_message
        understood = Understood.from_message(message)
        turn = Turn.from_metadata(message.get("metadata") or {"language": "en", "channel": "terminal"})
        step = self.step(turn, understood)
        dispatcher.utter_message(json_message={"understood": _as_json(understood), "step": step.as_json()})
        return []

    def step(self, turn: Turn, understood: Understood) -> Step:
        """`decide`, with danger first: the model's doubt or the safety check's is never left unasked."""
        if not self.looks_for_danger or (turn.pending or "").startswith("danger"):
            return self.decide(turn, understood)
        if understood.distress >= (DISTRESS_SURE if turn.worry else DISTRESS_CASE):
            return distress_step(turn, understood)
        step = self.decide(turn, understood)
        if (
            (turn.worry or understood.distress >= DISTRESS_CHECK)
            and not turn.case_open
            and "open_case" not in step.effects
        ):
            wanted = step.effects.get("pending")
            # One question in a message: this one. What she asked for help with is asked after a no.
            step.choices.clear()
            step.replies[:] = [reply for reply in step.replies if reply.get("phrase") not in QUESTIONS]
            ask_danger(step, "danger_help" if wanted in ("help", "human") else "danger")
        return step


def distress_step(turn: Turn, understood: Understood) -> Step:
    """Opens a case; the first reply is the conversation's, the same as for the safety check."""
    intents = [
        (name, p)
        for name, p in ((understood.intent, understood.confidence), *understood.ranking)
        if name.startswith("distress_")
    ]
    kind = intents[0][0].removeprefix("distress_") if intents else "help"
    return Step().change(open_case=kind, reason=f"model, {understood.distress:.2f} danger")


def ask_danger(step: Step, pending: str = "danger") -> Step:
    """The gentle question, with its two answers."""
    step.say("danger_check").change(pending=pending)
    return step.offer(("choice_danger_yes", "affirm"), ("choice_danger_no", "deny"))


def _as_json(understood: Understood) -> dict[str, Any]:
    return {
        "intent": {"name": understood.intent, "confidence": understood.confidence},
        "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in understood.ranking],
        "entities": list(understood.entities),
        "distress": understood.distress,
        "language": {"code": understood.language},
    }
