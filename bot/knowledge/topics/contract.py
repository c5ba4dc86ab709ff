"""What a contract must be and say, and what to do when it is changed."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """The form it must have, how to guard it, what changing it costs."""
    draft.core("contract_form", "there")
    draft.core("contract_registration", "home")
    draft.advise("contract_keep")
    draft.tip("contract_changed")
    draft.also(
        "contract_form",
        "contract_registration",
        "employer_interview",
        "agreement",
        "work_card",
        "card_law_applies",
        "work_permit",
        "coverage_law",
    )
    draft.penalties("contract_changed")
    draft.rule("told_terms", "contract_before_border")
    draft.bound()
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "legal_aid", "welfare_office")
    draft.choices = ("ask_wages", "ask_agency", "ask_contacts")
