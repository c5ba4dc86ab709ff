"""Yes and no, to whatever she was asked last."""

from __future__ import annotations

from actions.base import KasamaAction
from bot.turn import Step, Turn, Understood


class Affirm(KasamaAction):
    """`affirm`."""

    action = "action_affirm"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """What the last question promised."""
        step = Step().change(pending=None, fallbacks=0)
        match turn.pending:
            case "danger" | "danger_help":
                return step.change(open_case="help", reason="she said yes when asked whether she is in danger")
            case "help" | "human":
                return step.say("help_passed").change(request_case=True)
            case "delete":
                return step.change(delete=True)
            case "pass_on":
                return step.change(case_answer="case_pass_yes")
        if turn.case_open:
            if "safe" in understood.values("topic"):
                return step.say("case_safe").change(join_case="she says that she is safe now")
            return step.change(join_case=True)
        return step.say("nothing_to_confirm")


class Deny(KasamaAction):
    """`deny`."""

    action = "action_deny"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """Leaves things as they are; in an open case a no may mean that she is not safe, so the partner gets it."""
        step = Step().change(pending=None, fallbacks=0)
        match turn.pending:
            case "danger":
                return step.say("danger_no")
            case "danger_help":
                step.say("help_ask").change(pending="help")
                return step.offer(("choice_yes", "affirm"), ("choice_no", "deny"))
            case "help" | "human":
                return step.say("help_declined")
            case "delete":
                return step.say("delete_kept")
            case "pass_on":
                return step.change(case_answer="case_pass_no")
        if turn.case_open:
            if "no_contact" in understood.values("topic"):
                return step.say("case_no_consent").change(decline_case=True)
            return step.change(join_case=True)
        return step.say("nothing_to_decline")
