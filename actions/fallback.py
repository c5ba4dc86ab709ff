"""Not understood: guesses first, then topics, then a person; never the same words twice in a row."""

from __future__ import annotations

from actions.base import KasamaAction
from actions.route import SetRoute
from actions.service import Menu
from bot.routes import Countries, named_route
from bot.topics import label
from bot.turn import Step, Turn, Understood


class Clarify(KasamaAction):
    """`nlu_fallback`, and whatever no rule covers."""

    action = "action_clarify"

    def __init__(self, countries: Countries) -> None:
        self._countries = countries

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """A bare country name is a route; in an open case the message joins it; else guesses, menu, person."""
        if turn.case_open:
            return Step().change(join_case=True)
        route = named_route(turn, understood, self._countries)
        if route and turn.pending == "route":
            return SetRoute(self._countries).decide(turn, understood)
        if turn.fallbacks >= 2:
            step = Step().say("clarify_person").change(pending="human", fallbacks=turn.fallbacks + 1)
            return step.offer(("choice_yes", "affirm"), ("choice_no", "deny"))
        guesses = [name for name, _ in understood.ranking if name.startswith("ask_")][:3]
        if turn.fallbacks == 1 or not guesses:
            step = Menu().decide(turn, understood)
            step.replies[:] = [{"phrase": "clarify_again", "values": {}}]
            return step.change(fallbacks=turn.fallbacks + 1)
        step = Step().say("clarify").change(pending=None, fallbacks=1)
        return step.offer(*((label(topic), topic) for topic in guesses), ("choice_other", "menu"))


class OutOfScope(Clarify):
    """`out_of_scope`: says what Kasama is for; asked again, goes the same way as not understood."""

    action = "action_out_of_scope"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The limit, with a way on."""
        if turn.case_open or turn.fallbacks or turn.pending == "route":
            return super().decide(turn, understood)
        step = Step().say("out_of_scope").change(fallbacks=1, pending=None)
        return step.offer(("choice_menu", "menu"), ("choice_person", "talk_to_human"))
