"""Hours, rest, overtime, leave."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Day off and hours first, then rest, overtime and leave."""
    draft.core("weekly_rest", "corridor", "there")
    draft.core("working_hours", "corridor", "there", most=2, keep=True)
    draft.core("daily_rest", "corridor", "there")
    draft.advise("hours_record")
    draft.also("annual_leave", "overtime", "weekly_rest", "working_hours", "daily_rest", "sick_leave")
    draft.tip("hours_ask")
    draft.rule("rest_24_hours", "equal_hours")
    draft.bound()
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "welfare_office")
    draft.choices = ("ask_wages", "ask_complaint", "ask_contacts")
