"""Answers a question about one of the topics, and gives the next page of an answer."""

from __future__ import annotations

from typing import Any

from actions.base import KasamaAction
from bot.routes import Countries, named_route
from bot.turn import Step, Turn, Understood


class Answer(KasamaAction):
    """All `ask_*` intents: for her route when it is known, else the general rule and, once, the question for the route."""

    action = "action_answer"

    def __init__(self, countries: Countries) -> None:
        self._countries = countries

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The answer, the assumption that it rests on, and the question for what is missing."""
        money = understood.values("money")
        ask = {"topic": understood.intent, "asked": money[0] if money else None}
        return answer_step(turn, ask, named_route(turn, understood, self._countries))


class More(KasamaAction):
    """The next page of the last answer."""

    action = "action_more"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The page after the last one; the conversation says so when there is none."""
        if turn.topic is None:
            return Step().say("menu").change(pending=None)
        return Step(replies=[{"page": turn.page + 1}]).change(page=turn.page + 1, fallbacks=0)


def answer_step(turn: Turn, ask: dict[str, Any], route: dict[str, str]) -> Step:
    """The answer to `ask` ({"topic", "asked"}) after `route` has been taken in."""
    step = Step(replies=[{"answer": ask["topic"], "asked": ask["asked"]}])
    step.change(topic=ask, page=1, fallbacks=0, greeted=True, pending=None, **route)
    origin, destination = route.get("origin") or turn.origin, route.get("destination") or turn.destination
    if not (origin and destination):
        if not turn.route_asked:
            step.say(_question(origin, destination)).change(route_asked=True, pending="route")
    elif not (turn.route_told or route):
        step.change(route_told=True)
    return step


def _question(origin: str | None, destination: str | None) -> str:
    if origin:
        return "ask_destination"
    return "ask_origin" if destination else "ask_route"
