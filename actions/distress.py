"""Danger that the model has seen and the safety check has not."""

from __future__ import annotations

from actions.base import DISTRESS_CASE, DISTRESS_SURE, KasamaAction, ask_danger, distress_step
from bot.turn import Step, Turn, Understood


class Distress(KasamaAction):
    """All `distress_*` intents: a case when the model is sure, else the question."""

    action = "action_distress"
    looks_for_danger = False

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """Opens the case, or asks."""
        if turn.case_open or understood.distress >= (DISTRESS_SURE if turn.worry else DISTRESS_CASE):
            return distress_step(turn, understood)
        return ask_danger(Step())
