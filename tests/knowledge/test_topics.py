"""One fixture per question: what the answer must hold, and what it must not.

`tests/knowledge/topics/<topic>.yml` is a list of cases: origin, destination, language, asked (amount, currency,
may_be), stage; `first` and
`anywhere` are texts that page 1, or the whole answer, must hold; `never` what it must not; `known` and `facts` as in
the answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge import Knowledge, Route
from bot.replies import money
from bot.topics import TOPICS

FOLDER = Path(__file__).parent / "topics"


def cases() -> list[Any]:
    found = []
    for topic in TOPICS:
        path = FOLDER / f"{topic}.yml"
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []):
            found.append(pytest.param(topic, case, id=f"{topic}-{number}"))
    return found


@pytest.mark.parametrize("topic", TOPICS)
def test_has_a_fixture(topic: str) -> None:
    path = FOLDER / f"{topic}.yml"
    assert path.exists(), f"write tests/knowledge/topics/{path.name}: what must an answer to {topic} hold?"


def test_no_fixture_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(TOPICS)


@pytest.mark.parametrize(("topic", "case"), cases())
def test_says(knowledge: Knowledge, topic: str, case: dict[str, Any]) -> None:
    asked = money(case.get("asked"))
    route = Route(case.get("origin"), case.get("destination"))
    answer = knowledge.answer(topic, route, case.get("language", "en"), stage=case.get("stage"), asked=asked)
    whole = "\n".join(answer.pages)
    assert answer.known == case.get("known", True)
    for text in case.get("first", []):
        assert text in answer.pages[0], answer.pages[0]
    for text in case.get("anywhere", []):
        assert text in whole, whole
    for text in case.get("never", []):
        assert text not in whole, whole
    assert set(case.get("facts", [])) <= set(answer.facts)
