"""Language of short, romanised and mixed messages."""

from __future__ import annotations

import time

import pytest

from bot.language import LanguageModel, main_script, train_from
from tests.nlu.training_lines import LANGUAGES, ROOT, development


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return train_from(ROOT / "data")


def test_development_lines(model):
    lines = [line for language in LANGUAGES for line in development(language)]
    right = sum(model.identify(line["text"])[0][0] == line["lang"] for line in lines)
    assert right / len(lines) >= 0.97
    roman = [line for line in lines if line.get("script") == "latin"]
    assert sum(model.identify(line["text"])[0][0] == line["lang"] for line in roman) / len(roman) >= 0.93


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("salamat po", "tl"),
        ("SOS si Juana dela Cruz po i2sa hk. Nag-run-away po ako.gus2 ko na umuwi sa pinas.pls help.", "tl"),
        ("dhanyabad", "ne"),
        ("malai talab diyena", "ne"),
        ("मलाई kafeel ले तलब दिएन", "ne"),
        ("कति", "ne"),
        ("gracias", "es"),
        ("no me pagan", "es"),
        ("my madam has my passport", "en"),
    ],
)
def test_short_messages(model, text, language):
    assert model.identify(text)[0][0] == language


def test_a_prior_decides_what_the_text_leaves_open(model):
    assert model.identify("hi", {"tl": 0.9})[0][0] == "tl"
    assert model.identify("12345 !!", {"es": 0.9})[0][0] == "es"
    assert model.identify("क", {"es": 0.9})[0][0] == "ne"
    assert model.identify("salamat po, nasa hong kong ako ngayon", {"en": 0.9})[0][0] == "tl"


@pytest.mark.parametrize("text", ["", " ", "🙂🙂", "\ud800", "1234", "привет", "\u200f\u202e", "a" * 10000])
def test_anything_gives_probabilities(model, text):
    ranked = model.identify(text)
    assert {language for language, _ in ranked} == set(LANGUAGES)
    assert sum(chance for _, chance in ranked) == pytest.approx(1.0)


def test_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "language.json")
    again = LanguageModel.load(tmp_path / "language.json")
    assert again.identify("nasa kuwait po ako") == model.identify("nasa kuwait po ako")


def test_nothing_to_learn_from_is_said():
    with pytest.raises(ValueError, match="no line"):
        LanguageModel.train([])


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "nlu" / "en").mkdir(parents=True)
    (tmp_path / "nlu" / "en" / "greet.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"greet\.yml"):
        train_from(tmp_path)


def test_fast_enough(model):
    text = (
        "nasa hong kong po ako ngayon, kinuha ng amo ko ang passport ko at hindi ako pinapayagan lumabas tuwing linggo "
        * 2
    )
    best = min(_seconds(model, text) for _ in range(20))
    assert best < 0.003


def _seconds(model: LanguageModel, text: str) -> float:
    start = time.perf_counter()
    model.identify(text)
    return time.perf_counter() - start


def test_one_native_word_outweighs_a_borrowed_one():
    assert main_script("मलाई iqama") == "DEVANAGARI"
    assert main_script("madam ले दियो") == "DEVANAGARI"
    assert main_script("my madam has kept my passport, मलाई") == "LATIN"
    assert main_script("123") == ""
