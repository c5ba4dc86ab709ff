"""One turn of the dialogue: what an action is told of her, and what it hands back.

Actions keep nothing and write nothing: they get a `Turn`, hand back a `Step`, and the conversation carries it out in one
transaction. So it does not matter which replica runs the action, and a turn that is run twice changes nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """What the service knows of her when she writes; travels to the actions as the message's metadata.

    language: the one she is answered in. spoken: the one that she writes, which may be one without a catalog.
    country: ISO 3166 alpha-3 of her phone number. topic: the last question answered, as an `Ask`. page: the last page sent.
    pending: the question that she was asked last: `route`, `danger`, `help`, `human`, `delete`, `language`, `pass_on`, `contact`;
        `danger_help`: the question about danger, and after a no the one about help.
    fallbacks: how often in a row she was not understood. worry: the safety check found words that may mean danger.
    """

    language: str
    channel: str
    origin: str | None = None
    destination: str | None = None
    country: str | None = None
    topic: dict[str, Any] | None = None
    page: int = 0
    pending: str | None = None
    fallbacks: int = 0
    route_asked: bool = False
    route_told: bool = False
    greeted: bool = False
    case_open: bool = False
    worry: bool = False
    spoken: str | None = None

    def as_metadata(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    @classmethod
    def from_metadata(cls, data: Mapping[str, Any]) -> Turn:
        """From the JSON form; raises TypeError when it is not one."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Understood:
    """What the model made of her message. entities: see the extractor; distress: probability 0..1 of any kind of danger.

    language: the one that the message is in; None where nobody looked.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    distress: float = 0.0
    language: str | None = None

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Understood:
        """From `latest_message` of a Rasa tracker."""
        intent = message.get("intent") or {}
        ranking = tuple((str(r["name"]), float(r["confidence"])) for r in message.get("intent_ranking") or ())
        return cls(
            intent=str(intent.get("name") or "nlu_fallback"),
            confidence=float(intent.get("confidence") or 0.0),
            ranking=ranking,
            entities=tuple(message.get("entities") or ()),
            distress=float(message.get("distress") or 0.0),
            language=(message.get("language") or {}).get("code"),
        )

    def values(self, entity: str, role: str | None = None) -> list[Any]:
        """Values of one kind of entity, in the order of the text; with `role`, those of that role only."""
        return [
            e["value"] for e in self.entities if e.get("entity") == entity and (role is None or e.get("role") == role)
        ]


@dataclass(slots=True)
class Step:
    """What an action hands back.

    replies: in order, each one of
        {"phrase": key, "values": {...}} - a sentence of `bot.knowledge.phrases`; a value `country:KWT` becomes its name,
            `emergency:HKG` its emergency numbers
        {"answer": topic, "asked": {"amount", "currency", "may_be"} or None} - an answer from the knowledge
        {"page": n} - page n of the last answer
    choices: [[phrase key or `language:xx`, payload], ...] under the last reply
    effects: what changes: origin, destination, language, pending, topic, page, fallbacks, route_asked, route_told, greeted,
        open_case (kind), reason, join_case (True), request_case (True), decline_case (True), case_answer (see `bot.cases.room`),
        quiet (True: a person is with her), delete, hide, stop (True)
    """

    replies: list[dict[str, Any]] = field(default_factory=list)
    choices: list[list[str]] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=dict)

    def say(self, phrase: str, **values: Any) -> Step:
        """Add a sentence."""
        self.replies.append({"phrase": phrase, "values": values})
        return self

    def offer(self, *choices: tuple[str, str]) -> Step:
        """Add choices."""
        self.choices.extend([label, payload] for label, payload in choices)
        return self

    def change(self, **effects: Any) -> Step:
        """Add effects."""
        self.effects.update(effects)
        return self

    def as_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"replies": self.replies, "choices": self.choices, "effects": self.effects}
