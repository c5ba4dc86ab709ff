"""What each action decides, without Rasa: a table of turns."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.base import DISTRESS_CASE, DISTRESS_CHECK
from actions.registry import all_actions
from bot.knowledge.phrases import PHRASES
from bot.topics import TOPICS, label
from bot.turn import Turn, Understood

ROOT = Path(__file__).resolve().parents[2]


class Countries:
    """Three origins, two destinations; Mexico is both."""

    def is_origin(self, code: str) -> bool:
        return code in ("PHL", "NPL", "GTM", "MEX")

    def is_destination(self, code: str) -> bool:
        return code in ("HKG", "KWT", "MEX")


ACTIONS = {action.name(): action for action in all_actions(Countries(), lambda: ("en", "tl", "ne", "es"))}


def turn(**known: object) -> Turn:
    return Turn(**{"language": "en", "channel": "sms", **known})  # type: ignore[arg-type]


def heard(
    intent: str, *entities: dict[str, object], distress: float = 0.0, ranking: tuple[tuple[str, float], ...] = ()
) -> Understood:
    return Understood(intent, 0.9, ranking, tuple(entities), distress)


def country(value: str, role: str | None = None) -> dict[str, object]:
    return {"entity": "country", "value": value, **({"role": role} if role else {})}


def said(step: object) -> list[str]:
    return [r.get("phrase") or r.get("answer") or "page" for r in step.replies]  # type: ignore[attr-defined]


def test_every_action_of_the_domain_exists_and_the_other_way_round() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert sorted(domain["actions"]) == sorted(ACTIONS)


def test_every_intent_has_a_rule() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    intents = {name for item in domain["intents"] for name in ([item] if isinstance(item, str) else item)}
    ruled = set()
    for path in (ROOT / "data/rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text())["rules"]:
            ruled |= {step["intent"] for step in rule["steps"] if "intent" in step}
    assert intents - ruled <= {"nlu_fallback"}, "data/rules lacks a rule for these"


def test_every_topic_has_a_label() -> None:
    assert all(label(topic) in PHRASES for topic in TOPICS)


def test_without_a_route_she_gets_the_answer_and_is_asked_for_her_route_once() -> None:
    first = ACTIONS["action_answer"].step(turn(), heard("ask_fees"))
    assert (
        said(first) == ["ask_fees", "ask_route"]
        and first.effects["route_asked"]
        and first.effects["pending"] == "route"
    )
    second = ACTIONS["action_answer"].step(turn(route_asked=True), heard("ask_wages"))
    assert said(second) == ["ask_wages"]


@pytest.mark.parametrize(
    ("known", "entities", "route"),
    [
        ({}, [country("NPL", "origin"), country("KWT", "destination")], {"origin": "NPL", "destination": "KWT"}),
        ({}, [country("KWT")], {"destination": "KWT"}),
        ({}, [country("NPL")], {"origin": "NPL"}),
        ({"origin": "GTM"}, [country("MEX")], {"destination": "MEX"}),
        ({"destination": "HKG"}, [country("MEX")], {"origin": "MEX"}),
        ({"origin": "PHL", "destination": "KWT"}, [country("HKG")], {"destination": "HKG"}),
        ({"origin": "PHL", "destination": "KWT"}, [country("NPL", "origin")], {"origin": "NPL"}),
    ],
)
def test_a_country_finds_its_place(
    known: dict[str, str], entities: list[dict[str, object]], route: dict[str, str]
) -> None:
    step = ACTIONS["action_route"].step(turn(**known), heard("inform_route", *entities))
    assert {k: v for k, v in step.effects.items() if k in ("origin", "destination")} == route


def test_after_the_route_the_open_question_is_answered_again() -> None:
    asked = {"topic": "ask_fees", "asked": {"amount": 60000, "currency": "PHP"}}
    step = ACTIONS["action_route"].step(
        turn(topic=asked, pending="route"),
        heard("inform_route", country("PHL", "origin"), country("HKG", "destination")),
    )
    assert step.replies[0] == {"answer": "ask_fees", "asked": asked["asked"]}


def test_a_picked_choice_carries_its_entities() -> None:
    step = ACTIONS["action_language"].step(turn(), heard("set_language", {"entity": "language", "value": "ne"}))
    assert step.effects["language"] == "ne" and said(step) == ["language_set"]


def test_danger_opens_a_case_whatever_the_intent() -> None:
    step = ACTIONS["action_answer"].step(
        turn(), heard("ask_living", distress=DISTRESS_CASE, ranking=(("ask_living", 0.5), ("distress_confined", 0.4)))
    )
    assert step.effects["open_case"] == "confined" and not step.replies


def test_doubt_about_danger_adds_the_gentle_question_to_the_answer() -> None:
    for asked, understood in (
        (turn(worry=True), heard("ask_living")),
        (turn(), heard("ask_living", distress=DISTRESS_CHECK)),
    ):
        step = ACTIONS["action_answer"].step(asked, understood)
        assert said(step)[0] == "ask_living" and said(step)[-1] == "danger_check"
        assert step.effects["pending"] == "danger" and [p for _, p in step.choices] == ["affirm", "deny"]


def test_yes_and_no_mean_what_was_asked() -> None:
    yes, no = ACTIONS["action_affirm"], ACTIONS["action_deny"]
    assert yes.step(turn(pending="danger"), heard("affirm")).effects["open_case"] == "help"
    assert "open_case" not in no.step(turn(pending="danger"), heard("deny")).effects
    assert yes.step(turn(pending="human"), heard("affirm")).effects["request_case"]
    assert yes.step(turn(pending="delete"), heard("affirm")).effects["delete"]
    assert "request_case" not in no.step(turn(pending="help"), heard("deny")).effects
    assert "open_case" not in yes.step(turn(), heard("affirm")).effects


def test_in_an_open_case_short_answers_go_to_the_partner() -> None:
    open_case = turn(case_open=True)
    assert ACTIONS["action_deny"].step(open_case, heard("deny")).effects["join_case"]
    assert ACTIONS["action_clarify"].step(open_case, heard("nlu_fallback")).effects["join_case"]
    declined = ACTIONS["action_deny"].step(open_case, heard("deny", {"entity": "topic", "value": "no_contact"}))
    assert declined.effects["decline_case"] and "join_case" not in declined.effects


def test_not_understood_never_says_the_same_twice() -> None:
    ranking = (("ask_fees", 0.3), ("ask_agency", 0.2), ("greet", 0.1))
    words = []
    for fallbacks in range(3):
        step = ACTIONS["action_clarify"].step(turn(fallbacks=fallbacks), heard("nlu_fallback", ranking=ranking))
        words.append(said(step)[0])
        assert 2 <= len(step.choices) <= 4
    assert len(set(words)) == 3


def test_at_most_four_choices_and_one_question() -> None:
    picked = heard("menu")
    while True:
        step = ACTIONS["action_menu"].step(turn(), picked)
        assert len(step.choices) <= 4
        following = [p for _, p in step.choices if p.startswith("menu|")]
        if not following:
            break
        picked = heard("menu", {"entity": "topic", "value": following[0].partition("=")[2]})


def test_every_phrase_that_an_action_says_exists() -> None:
    known = [
        turn(),
        turn(pending="route"),
        turn(pending="danger"),
        turn(pending="help"),
        turn(case_open=True),
        turn(fallbacks=1),
        turn(greeted=True),
    ]
    for name, action in ACTIONS.items():
        for asked in known:
            step = action.step(asked, heard("ask_fees", country("KWT"), ranking=(("ask_fees", 0.2),)))
            keys = [r["phrase"] for r in step.replies if "phrase" in r] + [
                k for k, _ in step.choices if not k.startswith("language:")
            ]
            assert all(key in PHRASES for key in keys), (name, keys)
