"""A person should act, and there is no danger: with her consent the message goes to the partner."""

from __future__ import annotations

from actions.base import KasamaAction
from bot.turn import Step, Turn, Understood


class _AskConsent(KasamaAction):
    question: str
    waits_for: str

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """In an open case it simply joins; otherwise she is asked first."""
        if turn.case_open:
            return Step().change(join_case=True)
        step = Step().say(self.question).change(pending=self.waits_for, fallbacks=0)
        return step.offer(("choice_yes", "affirm"), ("choice_no", "deny"))


class HelpRequest(_AskConsent):
    """`help_request`."""

    action = "action_help_request"
    question = "help_ask"
    waits_for = "help"


class TalkToHuman(_AskConsent):
    """`talk_to_human`."""

    action = "action_talk_to_human"
    question = "human_ask"
    waits_for = "human"
