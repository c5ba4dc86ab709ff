"""Changes the language, and keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actions.answer import answer_step
from actions.base import KasamaAction
from bot.turn import Step, Turn, Understood


class SetLanguage(KasamaAction):
    """`set_language`. languages: the tags that there are texts in."""

    action = "action_language"

    def __init__(self, languages: Callable[[], Sequence[str]]) -> None:
        self._languages = languages

    def decide(self, turn: Turn, understood: Understood) -> Step:
        """Sets the language that she named, and says the last answer again in it; asks when she named none."""
        served = self._languages()
        named = [str(v) for v in understood.values("language")]
        for language in named:
            if language in served:
                step = Step().say("language_set")
                if turn.topic:
                    step.replies.extend(answer_step(turn, turn.topic, {}).replies[:1])
                return step.change(language=language, pending=None, fallbacks=0, page=1)
        step = Step()
        if named:
            step.say("language_unknown", languages="languages:")
        else:
            step.say("language_ask")
        step.offer(*((f"language:{tag}", f"set_language|language={tag}") for tag in served))
        return step.change(pending="language", fallbacks=0)
