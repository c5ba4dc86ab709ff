"""What to do, bring and learn before leaving."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Bans first, then the course, the papers and the card; then a checklist."""
    s = draft.speaker
    draft.core("ban", "corridor", "home")
    draft.core("work_card", "corridor", "home")
    draft.core("registration", "home")
    draft.core("orientation", "home")
    draft.core("exit_clearance", "home")
    draft.core("contract_registration", "home")
    draft.core("legal_routes", "home")
    draft.advise("predeparture_contract")
    draft.also(
        "ban",
        "agreement",
        "insurance",
        "minimum_age",
        "employer_interview",
        "quota",
        "licence_check",
        "worker_pays",
        "employer_pays",
        "register_after_arrival",
        "work_card",
        "sim_card",
        where=("corridor", "home"),
    )
    draft.also("work_permit", "minimum_age", "sim_card", where=("there",))
    draft.tip("predeparture_copies")
    if draft.destination:
        draft.tip("predeparture_learn", country=s.country(draft.destination))
    else:
        draft.tip("predeparture_learn_help")
    draft.tip("predeparture_bring")
    draft.rule("contract_before_border", "information")
    draft.help_kinds = ("hotline", "welfare_office", "agency_authority", "ngo", "labour_office")
    draft.home_first = True
    draft.choices = ("ask_contract", "ask_agency", "ask_fees")
