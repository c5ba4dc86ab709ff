"""Rasa's way to the extractors: countries with roles, money and languages as entities of a message."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.extract import extract
from bot.nlu.lookup import languages, load
from bot.nlu.tongue import tongues

LONGEST = 1000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class KasamaEntities(GraphComponent, EntityExtractorMixin):
    """Adds the entities `country` (value alpha-3, role when it is clear), `money` (amount, currency, may_be) and `language`.

    Comes after `KasamaUnderstanding`, whose language it uses. `metadata.origin` and `metadata.destination` say which peso or
    rupee is meant.
    """

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KasamaEntities:
        """A component with its vocabularies loaded."""
        for language in languages():
            load(language)
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities of each message that has a text."""
        for message in messages:
            text = (message.get(TEXT) or "")[:LONGEST]
            if text and not text.startswith("/"):
                message.set(ENTITIES, message.get(ENTITIES, []) + self._entities(text, message), add_to_output=True)
        return messages

    def _entities(self, text: str, message: Message) -> List[Dict[str, Any]]:
        metadata = message.get("metadata") or {}
        language = (message.get("language") or {}).get("code") or metadata.get("language") or "en"
        known = [code for part in ("origin", "destination") if isinstance(code := metadata.get(part), str)]
        places, sums = extract(text, language, known)
        found: List[Dict[str, Any]] = []
        for place in places:
            entity = _entity("country", place.code, place.start, place.end)
            found.append({**entity, "role": place.role} if place.role else entity)
        for sum_ in sums:
            value: Dict[str, Any] = {
                "amount": int(sum_.amount) if sum_.amount == int(sum_.amount) else sum_.amount,
                "currency": sum_.currency,
            }
            if sum_.may_be:
                value["may_be"] = list(sum_.may_be)
            found.append(_entity("money", value, sum_.start, sum_.end))
        found.extend(_entity("language", tongue.code, tongue.start, tongue.end) for tongue in tongues(text, language))
        return found


def _entity(kind: str, value: Any, start: int, end: int) -> Dict[str, Any]:
    return {"entity": kind, "value": value, "start": start, "end": end, "extractor": "KasamaEntities"}
