"""Whom to call."""

from __future__ import annotations

from bot.knowledge.contacts import dialable, emergency, written
from bot.knowledge.draft import Draft, Piece

ALL_KINDS = (
    "labour_office",
    "hotline",
    "embassy",
    "ngo",
    "violence_line",
    "shelter",
    "anti_trafficking",
    "legal_aid",
    "welfare_office",
    "agency_authority",
    "health_line",
)


def compose(draft: Draft) -> None:
    """Those with a number first, hers before others; then the emergency number, with whose choice it is."""
    s = draft.speaker
    draft.helpers_in_text = True
    helpers = draft.helpers(*ALL_KINDS)
    reachable = sorted(helpers, key=lambda helper: not dialable(helper, draft.position(helper.place)))
    details: list[Piece] = []
    for number, helper in enumerate(reachable):
        position = draft.position(helper.place)
        full, short = written(helper, s, position), written(helper, s, position, short=True)
        if number < 2:
            draft.first.append(Piece(short + ".", (helper.id,)))
            if full != short:
                details.append(Piece(full + ".", (helper.id,)))
        else:
            draft.more.append(Piece(full + ".", (helper.id,)))
    draft.more.extend(details)
    country = draft.destination or draft.origin
    found = {f"{country}.{contact.id}": contact.phones for contact in emergency(draft.snapshot, country)}
    numbers = [phone for phones in found.values() for phone in phones]
    if numbers and country:
        text = s.t("emergency_numbers", numbers=" / ".join(numbers), country=s.country(country))
        draft.first.append(Piece(text, tuple(found), keep=True))
    draft.known = bool(draft.first)
    draft.rule("consulate")
    draft.choices = ("ask_complaint", "ask_rights")
