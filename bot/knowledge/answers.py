"""Composes the answer to one question, for her route and in her language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.knowledge.digits import LATIN
from bot.knowledge.draft import Draft, Money, Piece, Stage
from bot.knowledge.pages import lay_out
from bot.knowledge.snapshot import Snapshot
from bot.knowledge.topics import TOPICS
from bot.messages import Choice
from bot.topics import label

ROUTE_QUESTION = {"GSM-7": 95, "UCS-2": 40}
"""Characters kept free on page 1 where the dialogue still has to ask for her route."""


AT_HOME = ("ask_predeparture", "ask_agency", "ask_return")
"""Questions that her own country answers."""


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where, ISO 3166 alpha-3; None for what is not known."""

    origin: str | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """pages: the first holds the essential thing; joined they are the full answer. choices: at most 3 questions that follow.

    facts: ids of the facts that the text rests on. known: False where the text says that nothing is known for her route.
    reasons: the sentences with the facts and contacts that each rests on; none for advice.
    frame: the sentences that name laws, sources and dates, with the facts that they are about.
    lead: the sentence that page 1 begins with.
    """

    pages: tuple[str, ...]
    choices: tuple[Choice, ...]
    facts: tuple[str, ...]
    known: bool
    reasons: tuple[tuple[str, tuple[str, ...]], ...] = ()
    frame: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lead: str = ""


def compose(
    snapshot: Snapshot,
    topic: str,
    route: Route,
    language: str,
    stage: Stage | None,
    asked: Money | None,
    today: date,
    zero: str = LATIN,
) -> Answer:
    """Answer a question. topic: `ask_fees` and so on; raises `KeyError` for one that does not exist. zero: her digits."""
    speaker = snapshot.speaker(language, zero).at("", there=True)
    draft = Draft(snapshot, route.origin, route.destination, speaker, stage, asked, today)
    draft.topic = topic
    TOPICS[topic](draft)
    for part in (draft.first, draft.rules, draft.more):
        # A fact that only its note expresses says nothing in a language that the note does not have.
        part[:] = [piece for piece in part if piece.text.strip()]
    if draft.stage == "home" and stage is None:
        draft.destination = route.destination
    known = draft.known
    if not known:
        _unknown(draft, topic)
    labels = [speaker.t(label(name)) for name in draft.choices]
    reserve = (
        0
        if route.origin and route.destination
        else ROUTE_QUESTION["UCS-2" if speaker.t("unit_day", n=2).strip("0123456789 ")[:1] > "\u024f" else "GSM-7"]
    )
    if draft.rules and known:
        draft.rules[0] = replace(draft.rules[0], text=speaker.t("world_rules") + " " + draft.rules[0].text)
    layout = lay_out(draft, labels, reserve)
    chosen = list(zip(labels, draft.choices, strict=True))[: layout.choices]
    whole = " ".join(layout.pages)
    pieces = [*draft.first, *draft.rules, *draft.more, *layout.helping]
    reasons = tuple(
        (text, p.facts) for p in pieces if (text := p.text if p.text in whole else p.short) and text in whole
    )
    frame = tuple((piece.text, piece.facts) for piece in layout.frame)
    choices = tuple(Choice(text, name) for text, name in chosen)
    return Answer(layout.pages, choices, tuple(draft.used), known, reasons, frame, layout.lead)


def _unknown(draft: Draft, topic: str) -> None:
    """Say honestly that nothing is known, what holds in most countries, and who knows."""
    s = draft.speaker
    country = draft.origin if topic in AT_HOME else draft.destination
    if topic == "ask_fees":
        country = draft.origin or draft.destination
    advice = list(draft.first)
    draft.first = []
    if country:
        draft.first.append(Piece(s.t("not_known", country=s.country(country))))
    world = [
        piece for piece in draft.rules if piece.facts and draft.used[piece.facts[0]].fact.kind == "convention_rule"
    ]
    draft.rules = [piece for piece in draft.rules if piece not in world]
    if world:
        draft.first.append(replace(world[0], text=s.t("world_rule") + " " + world[0].text))
        for piece in world[1:2]:
            world[1] = replace(piece, text=s.t("world_rules") + " " + piece.text)
        draft.more[:0] = world[1:]
        draft.main = draft.used[world[0].facts[0]]
    draft.first.extend(advice)
    if not draft.first:
        draft.first.append(Piece(s.t("not_known_route")))
