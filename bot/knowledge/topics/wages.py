"""Lowest pay, how it comes, what may be taken off."""

from __future__ import annotations

from bot.knowledge.draft import Draft, Piece


def compose(draft: Draft) -> None:
    """The amount at her place of work, else what her own country asks; then payment and deductions."""
    if not draft.core("minimum_wage", "corridor", "there"):
        draft.core("no_minimum_wage", "there")
        draft.core("minimum_wage", "home")
    elif floors := draft.find("minimum_wage", "home"):
        draft.also("minimum_wage", where=("home",))
        higher = draft.speaker.t("wage_minimum_higher_counts")
        draft.more.append(Piece(higher, tuple(entry.id for entry in floors)))
    draft.core("food_allowance", "there", keep=True)
    draft.advise("wage_keep_record")
    draft.also(
        "minimum_wage",
        "housing_allowance",
        "no_deduction",
        "deduction_limit",
        "wage_payment",
        "unpaid_wage",
        "year_bonus",
        "social_security",
        "overtime",
        "end_of_service",
        "severance",
    )
    draft.tip("wage_unpaid_ask")
    if draft.destination is None or draft.find("minimum_wage", "corridor") or draft.find("minimum_wage", "there"):
        # Where no minimum is known for her, the convention's rule would promise her one that the law may not give.
        draft.rule("minimum_wage")
    draft.rule("paid_monthly")
    draft.bound()
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "legal_aid", "welfare_office")
    draft.choices = ("ask_complaint", "ask_working_time", "ask_contacts")
