"""The trained model inside Rasa, in its own environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from actions.base import DISTRESS_CASE, DISTRESS_CHECK, DISTRESS_SURE
from bot.safety import Safety
from bot.training import ensure_model
from tests.nlu.training_lines import LANGUAGES, ROOT, development

SAFETY = Safety(ROOT / "content" / "safety")
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}

SERVICE = {
    "greet": ["hi", "hello", "kumusta po", "namaste", "hola"],
    "thank": ["thanks", "salamat", "dhanyabad", "धन्यवाद", "gracias"],
    "affirm": ["yes", "ok", "oo", "opo", "ho", "हो", "si", "sí"],
    "deny": ["no", "hindi", "hoina", "होइन", "no gracias"],
    "stop": ["stop", "STOP"],
    "menu": ["menu", "MENU"],
    "more": ["more", "más", "iba pa"],
    "hide": ["hide", "itago", "lukau", "ocultar"],
}
CASES = [
    {"text": "agency asks 60,000 pesos placement fee, is that right?", "metadata": {"language": "en", "origin": "PHL"}},
    {"text": "salamat po sa inyo", "metadata": {"language": "en"}},
    {"text": "blorf zzkw qrrt", "metadata": {}},
    {"text": '/inform_route{"destination": "KWT"}', "metadata": {"language": "en"}},
    {"text": "tulungan nyo po ako sinasaktan ako ng amo ko", "metadata": {"language": "tl"}},
    *[
        {"text": text, "metadata": {"language": 5, "origin": ["x"]}}
        for text in ("", "🙂", "a" * 10000, "{}[]()", "null", "/", "१२३")
    ],
]


@pytest.fixture(scope="module")
def model() -> Path:
    return ensure_model(ROOT, ROOT / os.environ.get("KASAMA_HOME", "var"))


@pytest.fixture(scope="module")
def parsed(model) -> dict[str, dict]:
    words = [{"text": word} for found in SERVICE.values() for word in found]
    lines = [{"text": line["text"]} for language in LANGUAGES for line in development(language)]
    messages = [*CASES, *words, *lines]
    done = subprocess.run(
        [PYTHON, "-m", "bot.nlu.parse", model], input="\n".join(map(json.dumps, messages)), cwd=ROOT,
        env={**os.environ, **QUIET}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(answers) == len(messages)
    return {message["text"]: answer for message, answer in zip(messages, answers, strict=True)}


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, found in SERVICE.items() for text in found])
def test_service_words(parsed, intent, text):
    assert parsed[text]["intent"]["name"] == intent
    assert parsed[text]["intent"]["confidence"] >= 0.4


def test_a_question_about_fees(parsed):
    answer = parsed[CASES[0]["text"]]
    assert answer["intent"]["name"] == "ask_fees"
    assert [e["value"] for e in answer["entities"] if e["entity"] == "money"] == [{"amount": 60000, "currency": "PHP"}]
    assert answer["distress"] < 0.06
    assert len(answer["intent_ranking"]) == 10


def test_the_message_outweighs_the_hint(parsed):
    assert parsed["salamat po sa inyo"]["language"]["code"] == "tl"


def test_what_is_not_understood_is_no_topic(parsed):
    assert parsed["blorf zzkw qrrt"]["intent"]["name"] in ("nlu_fallback", "out_of_scope")
    assert parsed["१२३"]["intent"]["name"] == "nlu_fallback"
    assert parsed["१२३"]["intent_ranking"][0]["name"] != "nlu_fallback"


def test_a_picked_choice(parsed):
    answer = parsed['/inform_route{"destination": "KWT"}']
    assert answer["intent"]["name"] == "inform_route"
    assert [(e["entity"], e["value"]) for e in answer["entities"]] == [("destination", "KWT")]


def test_a_cry_for_help(parsed):
    answer = parsed["tulungan nyo po ako sinasaktan ako ng amo ko"]
    assert answer["intent"]["name"] == "distress_violence"
    assert answer["distress"] >= 0.5


def test_fast_enough(parsed):
    times = sorted(answer["milliseconds"] for answer in parsed.values())
    assert times[len(times) // 2] < 5
    assert times[int(len(times) * 0.99)] < 30  # the bar is 15; a busy machine doubles it


def test_small_enough(model):
    assert model.stat().st_size < 60_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_development_lines(parsed, language):
    lines = development(language)
    right = [_right(parsed, line) for line in lines]
    assert sum(right) / len(right) >= 0.84  # two points under the bar, so that other data may move a line or two


def test_all_development_lines(parsed):
    lines = [line for language in LANGUAGES for line in development(language)]
    assert sum(_right(parsed, line) for line in lines) / len(lines) >= 0.91
    roman = [line for line in lines if line.get("script") == "latin"]
    assert sum(_right(parsed, line) for line in roman) / len(roman) >= 0.86
    styled = [line for line in lines if line.get("style") in ("sms", "mixed")]
    assert sum(_right(parsed, line) for line in styled) / len(styled) >= 0.87


def test_danger(parsed):
    lines = [line for language in LANGUAGES for line in development(language)]
    danger = [_level(parsed, line) for line in lines if line["intent"].startswith("distress")]
    alike = [
        _level(parsed, line) for line in lines if line.get("lookalike") and not line["intent"].startswith("distress")
    ]
    others = [
        _level(parsed, line)
        for line in lines
        if not line.get("lookalike") and not line["intent"].startswith("distress")
    ]
    assert 1 - danger.count("none") / len(danger) >= 0.99
    assert danger.count("case") / len(danger) >= 0.93
    assert alike.count("case") / len(alike) <= 0.08
    assert others.count("case") / len(others) <= 0.01
    assert others.count("check") / len(others) <= 0.12


def _level(parsed, line: dict[str, str]) -> str:
    """What becomes of a line, by the lexicon and the thresholds of the actions."""
    words, distress = SAFETY.check(line["text"]).level, parsed[line["text"]]["distress"]
    if words == "case" or distress >= (DISTRESS_SURE if words == "check" else DISTRESS_CASE):
        return "case"
    return "check" if words == "check" or distress >= DISTRESS_CHECK else "none"


def _right(parsed, line: dict[str, str]) -> bool:
    found = "distress" if _level(parsed, line) == "case" else parsed[line["text"]]["intent"]["name"]
    return _label(found) == _label(line["intent"])


def _label(intent: str) -> str:
    return "distress" if intent.startswith("distress") else intent
