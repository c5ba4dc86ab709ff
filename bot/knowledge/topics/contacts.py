"""Whom to call."""

from __future__ import annotations

from bot.knowledge.contacts import emergency, written
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
    reachable = [h for h in helpers if h.phones] + [h for h in helpers if not h.phones]
    details: list[Piece] = []
    for number, helper in enumerate(reachable):
        abroad = helper.place == draft.origin and draft.destination is not None and draft.stage != "home"
        full = written(helper, s, abroad=abroad)
        if number < 2:
            draft.first.append(Piece(written(helper, s, abroad=abroad, short=True) + ".", (helper.id,)))
            if full != written(helper, s, abroad=abroad, short=True):
                details.append(Piece(full + ".", (helper.id,)))
        else:
            draft.more.append(Piece(full + ".", (helper.id,)))
    draft.more.extend(details)
    country = draft.destination or draft.origin
    numbers = [phone for contact in emergency(draft.snapshot, country) for phone in contact.phones]
    if numbers and country:
        draft.first.append(Piece(s.t("emergency_numbers", numbers=" / ".join(numbers), country=s.country(country))))
    draft.known = bool(draft.first)
    draft.rule("consulate")
    draft.choices = ("ask_complaint", "ask_rights")
