"""Which law covers her, her main rights, and C189."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """The law of her place of work, the rights that matter most, whether the country is bound by C189."""
    draft.core("coverage_law", "there") or draft.core("card_law_applies", "corridor") or draft.core(
        "coverage_law", "home"
    )
    for kind in ("weekly_rest", "passport_with_worker"):
        draft.core(kind, "there")
    if not draft.known:
        draft.core("work_permit", "there")
    ratification = draft.ratification()
    if ratification:
        draft.first.append(ratification)
    if not draft.find("minimum_wage", "corridor"):
        draft.also("no_minimum_wage")
    draft.also(
        "minimum_wage",
        "sponsor_exit",
        "working_hours",
        "card_law_applies",
        "forbidden_treatment",
        "contract_form",
        "no_deduction",
        "deduction_limit",
        "sick_leave",
        "annual_leave",
        "maternity",
        "termination_notice",
        "end_of_service",
        "agreement",
        "coverage_law",
        "work_permit",
    )
    draft.rule("human_rights", "no_abuse", "keep_papers", "rest_24_hours", "court_access", "lowest_age", "better_stays")
    draft.rule("put_into_law")
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "legal_aid", "welfare_office")
    draft.choices = ("ask_wages", "ask_working_time", "ask_contacts")
