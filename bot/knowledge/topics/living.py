"""Room, food, privacy, phone, going out."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """What the employer must give, privacy, contact with her family, her free time."""
    draft.core("employer_provides", "corridor", "there")
    draft.core("food_allowance", "there")
    draft.core("privacy", "there", keep=True)
    if not draft.known:
        draft.core("contact_family", "there")
    draft.also(
        "contact_family",
        "live_in_required",
        "weekly_rest",
        "daily_rest",
        "forbidden_treatment",
        "one_employer_only",
        "sim_card",
        "housing_allowance",
        "no_deduction",
        "deduction_limit",
    )
    draft.tip("living_phone", "living_photo")
    draft.rule("free_in_rest", "decent_room", "no_abuse", "home_violence_is_work", "protected_from_violence")
    draft.bound()
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "welfare_office")
    draft.choices = ("ask_working_time", "ask_rights", "ask_contacts")
