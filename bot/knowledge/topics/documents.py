"""Who may keep her passport and papers."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Whose they are by law, how to ask for them back safely, who helps when that fails."""
    draft.core("passport_with_worker", "corridor", "there", "home")
    draft.advise("passport_ask")
    draft.tip("passport_if_refused")
    draft.also("passport_with_worker", "loan_limit")
    draft.rule("keep_papers", "no_confiscation")
    draft.bound()
    draft.help_kinds = ("embassy", "hotline", "labour_office", "ngo", "welfare_office")
    draft.choices = ("ask_complaint", "ask_contacts", "ask_leaving")
