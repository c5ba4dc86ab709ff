"""Every action, made with what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actions.answer import Answer, More
from actions.base import KasamaAction
from actions.confirm import Affirm, Deny
from actions.distress import Distress
from actions.fallback import Clarify, OutOfScope
from actions.help_request import HelpRequest, TalkToHuman
from actions.language import SetLanguage
from actions.route import SetRoute
from actions.service import BotChallenge, DeleteData, Goodbye, Greet, Hide, Menu, Stop, Thank
from bot.routes import Countries


def all_actions(countries: Countries, languages: Callable[[], Sequence[str]]) -> list[KasamaAction]:
    """One of each. countries: the knowledge; languages: gives the tags that there are texts in."""
    return [
        Answer(countries), More(), SetRoute(countries), SetLanguage(languages), Clarify(countries), OutOfScope(countries),
        Distress(), HelpRequest(), TalkToHuman(), Affirm(), Deny(), Greet(), Thank(), Goodbye(), BotChallenge(), Menu(), Stop(),
        Hide(), DeleteData(),
    ]  # fmt: skip
