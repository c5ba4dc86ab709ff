"""Greeting, thanks, menu, stop, hide, delete: what is neither a question nor a call for help."""

from __future__ import annotations

from actions.base import KasamaAction
from bot.topics import TOPICS, label
from bot.turn import Step, Turn, Understood


class Greet(KasamaAction):
    """`greet`; also takes back a STOP."""

    action = "action_greet"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """Who this is, the first time."""
        return Step().say("greet_again" if turn.greeted else "greet").change(greeted=True, start=True, fallbacks=0)


class Thank(KasamaAction):
    """`thank`."""

    action = "action_thank"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """A short word."""
        return Step().say("thank").change(fallbacks=0)


class Goodbye(KasamaAction):
    """`goodbye`."""

    action = "action_goodbye"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """A short word."""
        return Step().say("goodbye").change(fallbacks=0)


class BotChallenge(KasamaAction):
    """`bot_challenge`."""

    action = "action_bot_challenge"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The truth about what she writes with."""
        return Step().say("bot_challenge").change(fallbacks=0)


class Menu(KasamaAction):
    """`menu`: the topics, three at a time and a fourth choice for the rest."""

    action = "action_menu"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """A page of topics; the picked page comes as entity `topic`."""
        picked = understood.values("topic")
        start = int(picked[0]) if picked and str(picked[0]).isdigit() else 0
        start = start if start < len(TOPICS) else 0
        topics, following = TOPICS[start : start + 3], start + 3
        step = Step().say("menu_more" if start else "menu").change(pending=None, fallbacks=0, greeted=True)
        step.offer(*((label(topic), topic) for topic in topics))
        if following < len(TOPICS):
            step.offer(("choice_other", f"menu|topic={following}"))
        return step


class Stop(KasamaAction):
    """`stop`: no more messages until she writes again."""

    action = "action_stop"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """One last message that says so."""
        return Step().say("stop").change(stop=True, pending=None, fallbacks=0)


class Hide(KasamaAction):
    """`hide`: a harmless message, and nothing that tells what the talk was about."""

    action = "action_hide"
    looks_for_danger = False

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """The harmless message; what the channel can clear, it clears."""
        return Step().say("hide").change(hide=True, pending=None, topic=None, page=0, fallbacks=0)


class DeleteData(KasamaAction):
    """`delete_data`, after a question."""

    action = "action_delete_data"

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """Asks, since it cannot be taken back."""
        step = Step().say("delete_ask").change(pending="delete", fallbacks=0)
        return step.offer(("choice_yes", "affirm"), ("choice_no", "deny"))
