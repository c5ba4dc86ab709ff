"""What must hold of the training lines: enough of them, each under one intent, in the right script, none from a test."""

from __future__ import annotations

import pytest
import yaml

from bot.language import LanguageModel, script
from bot.nlu.concepts import NOTHING, Concepts
from tests.nlu.training_lines import LANGUAGES, ROOT, alike, development, grams, lines, plain

FEWEST = {"ask_": 60, "distress_": 45, "help_request": 60, "inform_route": 30, "out_of_scope": 80, "": 15}
"""Lines of each intent and language, by how its name begins."""

LOOKALIKES = 25
"""Lines of `out_of_scope` with scary words in a harmless sense."""

SCARY = frozenset((
    "afraid", "alone", "blood", "breathe", "cry", "danger", "die", "drunk", "escape", "follow", "forced", "hit", "injury", "kill",
    "lock_in", "pain", "poison", "sell", "shout", "starve", "suicide", "threaten", "tired_of", "touch", "unconscious", "weapon",
))  # fmt: skip
"""Meanings that a line of danger could touch."""

FOREIGN = 0.02
"""Share of lines that read as another language's. Women mix languages, so a few do; more would be a mistake."""

ALIKE = 0.8
LATIN = {"en", "tl", "id", "es", "ro", "fr"}


@pytest.fixture(scope="module")
def taught() -> dict[str, dict[str, list[str]]]:
    return lines()


def _intents() -> set[str]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return {next(iter(item)) if isinstance(item, dict) else item for item in domain["intents"]} - {"nlu_fallback"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_lines(language, taught):
    thin = {intent: len(taught[language].get(intent, [])) for intent in _intents()}
    wanted = {intent: next(n for start, n in FEWEST.items() if intent.startswith(start)) for intent in thin}
    thin = {intent: count for intent, count in thin.items() if count < wanted[intent]}
    assert not thin, f"write more lines in data/nlu/{language}/<intent>.yml, {wanted}: {thin}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_scary_words_also_stand_in_harmless_lines(language, taught, concepts):
    scary = [text for text in taught[language]["out_of_scope"] if SCARY & set(concepts.find(text, language))]
    assert len(scary) >= LOOKALIKES, f"data/nlu/{language}/out_of_scope.yml: more look-alikes, there are {len(scary)}"


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts.read(ROOT / "data" / "concepts")


def test_concepts_are_the_same_in_every_language(concepts):
    assert set(concepts.words) == set(LANGUAGES)
    for language, meanings in concepts.words.items():
        differing = set(meanings) - {NOTHING} ^ set(concepts.words["en"])
        assert not differing, f"data/concepts/{language}.yml: unlike en.yml in {sorted(differing)}"
        empty = [meaning for meaning, entries in meanings.items() if not entries or not all(map(str.strip, entries))]
        assert not empty, f"data/concepts/{language}.yml: no words under {empty}"


@pytest.mark.parametrize("half", [0, 1])
def test_lines_are_in_their_language(half, taught):
    every = [(language, text) for language, found in taught.items() for texts in found.values() for text in texts]
    model = LanguageModel.train(line for number, line in enumerate(every) if number % 2 != half)
    rest = [line for number, line in enumerate(every) if number % 2 == half and len(line[1].split()) >= 4]
    for language in LANGUAGES:
        texts = [text for code, text in rest if code == language]
        strange = [
            text for text in texts if (best := model.identify(text)[0])[0] not in (language, "en") and best[1] > 0.99
        ]
        assert len(strange) <= FOREIGN * len(texts), f"data/nlu/{language}: lines of another language: {strange}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_is_in_the_domain(language, taught):
    unknown = set(taught[language]) - _intents()
    assert not unknown, f"data/nlu/{language}: these intents are not in domain.yml: {sorted(unknown)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_stands_under_two_intents(language, taught):
    seen: dict[str, str] = {}
    for intent, texts in taught[language].items():
        for text in texts:
            other = seen.setdefault(plain(text), intent)
            assert other == intent, f"data/nlu/{language}: {text!r} stands under {other} and {intent}; keep it in one"


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_an_intent_differ(language, taught):
    for intent, texts in taught[language].items():
        seen: list[tuple[str, set[str]]] = []
        for text in texts:
            found = grams(plain(text))
            if len(found) > 12:
                twin = next((other for other, theirs in seen if alike(found, theirs) > ALIKE), None)
                assert twin is None, f"data/nlu/{language}/{intent}.yml: {text!r} says the same as {twin!r}; drop one"
                seen.append((text, found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_in_a_script_of_the_language(language, taught):
    scripts = {script(letter) for texts in taught[language].values() for text in texts for letter in text} - {""}
    allowed = (
        {"LATIN"} if language in LATIN else {"LATIN", *({max(scripts - {"LATIN"})} if scripts - {"LATIN"} else ())}
    )
    assert scripts <= allowed, f"data/nlu/{language}: letters of another script: {sorted(scripts - allowed)}"
    if language not in LATIN:
        texts = [text for found in taught[language].values() for text in found]
        romanised = sum(all(script(letter) in ("LATIN", "") for letter in text) for text in texts)
        assert romanised >= len(texts) / 3, f"data/nlu/{language}: a third of the lines must be in Latin letters"


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_hold_no_entity_marks(language, taught):
    for intent, texts in taught[language].items():
        for text in texts:
            assert not set("[]{}") & set(text), (
                f"data/nlu/{language}/{intent}.yml: Rasa would read brackets as an entity: {text!r}"
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_development_line_is_taught(language, taught):
    own = [grams(plain(text)) for texts in taught[language].values() for text in texts if len(text.split()) > 2]
    for line in development(language):
        found = grams(plain(line["text"]))
        if len(line["text"].split()) > 2:
            close = max(alike(found, theirs) for theirs in own)
            assert close <= ALIKE, (
                f"tests/nlu/{language}.jsonl: {line['text']!r} is nearly a training line; change that"
            )
