"""Rasa's way into the model: gives a message its language, intent, ranking and chance of distress."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language import LanguageModel, main_script, read_lines
from bot.nlu.concepts import Concepts
from bot.nlu.encoder import Encoder
from bot.nlu.understanding import Understanding

FALLBACK = "nlu_fallback"
RANKED = 10
DATA = Path(__file__).resolve().parents[2] / "data"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KasamaUnderstanding(GraphComponent, IntentClassifier):
    """Classifies intents and distress.

    Sets `intent`, `intent_ranking` (without the fallback, so that guesses can be offered), `distress` (0 to 1) and
    `language` (code and probability). `metadata.spoken`, or else `metadata.language`, is a hint that a message in another
    language overrides.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """threshold: least confidence; below it the intent is `nlu_fallback`. hint: weight of `metadata.language`.

        encoder: folder of a transformer, from the checkout; none by default.
        """
        return {"threshold": 0.15, "hint": 0.9, "encoder": None}

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource,
        model: Understanding | None = None, tongues: LanguageModel | None = None,
    ) -> None:  # fmt: skip
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model
        self._tongues = tongues

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KasamaUnderstanding:
        """An untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> KasamaUnderstanding:  # fmt: skip
        """A trained component."""
        with model_storage.read_from(resource) as folder:
            model = Understanding.load(Path(folder), _encoder(config))
            tongues = LanguageModel.load(Path(folder) / "language.json")
        return cls(config, model_storage, resource, model, tongues)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all lines; each line's language is the folder that it stands in."""
        folder_of = {text: language for language, _, text in read_lines(DATA)}
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        self._tongues = LanguageModel.train((folder_of[text], text) for text in texts if text in folder_of)
        languages = [folder_of.get(text) or self._tongues.identify(text)[0][0] for text in texts]
        intents = [example.get(INTENT) for example in examples]
        concepts = Concepts.read(DATA / "concepts")
        self._model = Understanding.train(texts, intents, languages, concepts, _encoder(self._config))
        with self._storage.write_to(self._resource) as folder:
            self._model.save(Path(folder))
            self._tongues.save(Path(folder) / "language.json")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set what was understood on each message that has a text."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/") and self._model and self._tongues:
                self._read(message, text)
        return messages

    def _read(self, message: Message, text: str) -> None:
        assert self._model and self._tongues
        metadata = message.get("metadata") or {}
        hint = metadata.get("spoken") or metadata.get("language")
        prior = {hint: self._config["hint"]} if hint in self._tongues.languages else None
        language, chance = self._tongues.identify(text, prior)[0]
        reading = self._model.read(text, language)
        name, confidence = reading.ranking[0]
        if confidence < self._config["threshold"] or not main_script(text):  # numbers and emoji alone ask for nothing
            name, confidence = FALLBACK, 1.0 - confidence
        ranking = [{"name": intent, "confidence": share} for intent, share in reading.ranking[:RANKED]]
        message.set("intent", {"name": name, "confidence": confidence}, add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("distress", round(reading.distress, 4), add_to_output=True)
        message.set("language", {"code": language, "confidence": round(chance, 4)}, add_to_output=True)


def _encoder(config: Dict[str, Any]) -> Optional[Encoder]:
    folder = config.get("encoder")
    return Encoder.load(DATA.parent / folder) if folder else None
