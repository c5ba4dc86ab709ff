"""Without a valid visa, or after running away."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """What stays hers, whom to ask first (never the police by default), ways to a permit, what the time limits are."""
    draft.advise("status_first_ask")
    draft.core("no_absconding_report_after_complaint", "there")
    draft.core("victim_permit", "there")
    draft.core("stay_after_end", "there")
    draft.core("work_card", "corridor", "home")
    draft.core("work_permit", "there")
    draft.core("sponsor_exit", "there")
    draft.core("ban", "corridor", "home")
    draft.core("shelter_state", "there")
    draft.also(
        "ban", "work_card", "card_law_applies", "one_employer_only", "change_employer", "mobility_reform_excludes"
    )
    draft.tip("status_no_blame")
    draft.rule("equal_pay_rights", "expulsion_keeps_pay", "urgent_care", "stay_when_fleeing", "no_mass_expulsion")
    draft.help_kinds = ("ngo", "embassy", "shelter", "hotline", "legal_aid", "anti_trafficking", "welfare_office")
    draft.given_order = True
    draft.choices = ("ask_contacts", "ask_leaving", "ask_rights")
