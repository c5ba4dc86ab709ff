"""Illness, pregnancy, insurance."""

from __future__ import annotations

from bot.knowledge.contacts import emergency
from bot.knowledge.draft import Draft, Piece


def compose(draft: Draft) -> None:
    """Who pays the doctor, days off, pregnancy; where to go when it is serious."""
    draft.core("maternity", "there")
    draft.core("medical_care", "corridor", "there", "home")
    draft.core("sick_leave", "there")
    if not draft.known:
        draft.core("social_security", "there")
    country = draft.destination or draft.origin
    found = {f"{country}.{c.id}": c.phones for c in emergency(draft.snapshot, country, "medical")}
    if found:
        numbers = " / ".join(phone for phones in found.values() for phone in phones)
        draft.first.append(Piece(draft.speaker.t("health_go", numbers=numbers), tuple(found), keep=True))
    draft.also("social_security", "maternity", "medical_care", "insurance", "welfare")
    for kind in ("employer_provides", "employer_pays"):
        if any(
            {"medical_care", "medical_check", "insurance"} & set(getattr(entry.fact, "items", ()))
            for entry in draft.find(kind)
        ):
            draft.also(kind)
    draft.tip("health_keep")
    draft.rule("urgent_care", "maternity", "safe_work")
    draft.bound()
    draft.help_kinds = ("health_line", "labour_office", "hotline", "embassy", "ngo", "welfare_office")
    draft.choices = ("ask_contacts", "ask_rights", "ask_leaving")
