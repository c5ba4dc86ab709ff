"""Composes the answer to one question, for her route and in her language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.knowledge.draft import Draft, Money, Piece, Stage
from bot.knowledge.pages import lay_out
from bot.knowledge.snapshot import Snapshot
from bot.knowledge.topics import TOPICS
from bot.messages import Choice
from bot.topics import label

ROUTE_QUESTION = {"GSM-7": 95, "UCS-2": 40}
"""Characters kept free on page 1 where the dialogue still has to ask for her route."""


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where, ISO 3166 alpha-3; None for what is not known."""

    origin: str | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """pages: the first holds the essential thing; joined they are the full answer. choices: at most 3 questions that follow.

    facts: ids of the facts that the text rests on. known: False where the text says that nothing is known for her route.
    """

    pages: tuple[str, ...]
    choices: tuple[Choice, ...]
    facts: tuple[str, ...]
    known: bool


def compose(
    snapshot: Snapshot, topic: str, route: Route, language: str, stage: Stage | None, asked: Money | None, today: date,
) -> Answer:  # fmt: skip
    """Answer a question. topic: `ask_fees` and so on; raises `KeyError` for one that does not exist."""
    speaker = snapshot.speaker(language).at("", there=True)
    draft = Draft(snapshot, route.origin, route.destination, speaker, stage, asked, today)
    TOPICS[topic](draft)
    if draft.stage == "home" and stage is None:
        draft.destination = route.destination
    known = draft.known
    if not known:
        _unknown(draft, topic)
    labels = [speaker.t(label(name)) for name in draft.choices]
    reserve = 0 if route.origin and route.destination else ROUTE_QUESTION["UCS-2" if speaker.t("unit_day", n=2).strip("0123456789 ")[:1] > "\u024f" else "GSM-7"]
    pages, count = lay_out(draft, labels, reserve)
    choices = tuple(Choice(text, name) for text, name in list(zip(labels, draft.choices, strict=True))[:count])
    return Answer(pages, choices, tuple(draft.used), known)


def _unknown(draft: Draft, topic: str) -> None:
    """Say honestly that nothing is known, what holds in most countries, and who knows."""
    s = draft.speaker
    country = draft.destination or draft.origin
    if topic in ("ask_predeparture", "ask_agency", "ask_return", "ask_fees"):
        country = draft.origin or draft.destination
    advice = list(draft.first)
    draft.first = []
    if country:
        draft.first.append(Piece(s.t("not_known", country=s.country(country))))
    world, draft.rules = draft.rules, []
    for number, piece in enumerate(p for p in world):
        entry = draft.snapshot.content.facts[piece.facts[0]]
        if entry.kind == "convention_rule":
            text = s.t("world_rule") + " " + piece.text if number == 0 and draft.first else piece.text
            (draft.first if number == 0 else draft.more).append(replace(piece, text=text))
        else:
            draft.rules.append(piece)
    draft.first.extend(advice)
    if world and draft.main is None:
        draft.main = draft.used.get(world[0].facts[0])
    if not draft.first:
        draft.first.append(Piece(s.t("not_known_route")))
    if draft.help_kinds and country and not draft.helpers(*draft.help_kinds):
        draft.more.append(Piece(s.t("ask_person")))
