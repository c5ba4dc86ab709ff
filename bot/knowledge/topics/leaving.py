"""Ending the contract, changing employer, going home."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Notice and change of employer first, then the way home, money at the end and the time she may stay."""
    draft.core("sponsor_exit", "there")
    draft.core("termination_notice", "corridor", "there")
    draft.core("change_employer", "corridor", "there")
    draft.core("stay_after_end", "there")
    draft.core("ticket_home", "corridor", "there")
    draft.advise("leaving_ask_first")
    draft.also(
        "termination_notice",
        "change_employer",
        "mobility_reform_excludes",
        "stay_after_end",
        "end_of_service",
        "severance",
        "no_absconding_report_after_complaint",
        "complaint_no_dismissal",
        "shelter_state",
        "one_employer_only",
    )
    draft.tip("leaving_plan")
    draft.rule("no_prison_for_contract", "return_home", "expulsion_keeps_pay")
    draft.bound()
    draft.help_kinds = ("embassy", "hotline", "labour_office", "ngo", "shelter", "welfare_office")
    draft.choices = ("ask_complaint", "ask_contacts", "ask_status")
