"""Takes in where she is from and where she works, and answers again what she had asked before."""

from __future__ import annotations

from actions.answer import answer_step
from actions.base import KasamaAction
from bot.routes import Countries, named_route
from bot.turn import Step, Turn, Understood


class SetRoute(KasamaAction):
    """`inform_route`."""

    action = "action_route"

    def __init__(self, countries: Countries) -> None:
        self._countries = countries

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The open question answered for her route; else a confirmation, and the question for the missing half."""
        route = named_route(turn, understood, self._countries)
        if not route:
            known = turn.origin and turn.destination and turn.pending != "route"
            if known:
                return Step().say(
                    "route_set", origin=f"country:{turn.origin}", destination=f"country:{turn.destination}"
                )
            return Step().say("route_unclear").change(pending="route")
        origin, destination = route.get("origin") or turn.origin, route.get("destination") or turn.destination
        if turn.topic:
            step = answer_step(turn, turn.topic, route)
            return step.change(route_told=True)
        step = Step().change(pending=None, route_told=True, greeted=True, fallbacks=0, **route)
        if origin and destination:
            return step.say("route_set", origin=f"country:{origin}", destination=f"country:{destination}")
        step.change(route_asked=True, pending="route")
        if origin:
            return step.say("route_set_origin", origin=f"country:{origin}")
        return step.say("route_set_destination", destination=f"country:{destination}")
