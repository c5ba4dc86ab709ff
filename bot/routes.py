"""Which corridor she means: joins the countries that she names with what was known before."""

from __future__ import annotations

from typing import Protocol

from bot.turn import Turn, Understood


class Countries(Protocol):
    """What is known of countries here."""

    def is_origin(self, code: str) -> bool:
        """Whether women leave from there, as far as the content goes."""

    def is_destination(self, code: str) -> bool:
        """Whether women go there, as far as the content goes."""


def named_route(turn: Turn, understood: Understood, countries: Countries) -> dict[str, str]:
    """`origin` and `destination` that this message names or corrects; empty when it names none.

    A role in her sentence decides. Without one: a country that can be only one of the two is that; else it fills the place that
    is empty; else it is the destination, which is what women change.
    """
    route: dict[str, str] = {}
    for role in ("origin", "destination"):
        picked = understood.values(role) or understood.values("country", role)
        if picked:
            route[role] = str(picked[-1])
    for entity in understood.entities:
        if entity.get("entity") != "country" or entity.get("role") or entity["value"] in route.values():
            continue
        code = str(entity["value"])
        if code in (turn.origin, turn.destination):
            continue
        role = _role(code, {"origin": turn.origin, "destination": turn.destination, **route}, countries)
        route.setdefault(role, code)
    return route


def _role(code: str, known: dict[str, str | None], countries: Countries) -> str:
    origin, destination = countries.is_origin(code), countries.is_destination(code)
    if origin != destination:
        return "origin" if origin else "destination"
    if known.get("destination") and not known.get("origin"):
        return "origin"
    return "destination"
