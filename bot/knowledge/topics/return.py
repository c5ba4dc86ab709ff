"""Help after coming home."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Programmes of her own country, funds, pension; what to bring home."""
    draft.core("reintegration", "home", most=2)
    draft.core("welfare", "home")
    draft.core("pension", "corridor")
    draft.advise("return_papers")
    draft.also("welfare", "pension", "end_of_service", "severance", "ticket_home")
    draft.tip("return_talk")
    draft.rule("return_home", "expulsion_keeps_pay")
    draft.stage = draft.stage or "home"
    draft.help_kinds = ("welfare_office", "hotline", "violence_line", "legal_aid", "ngo")
    draft.home_first = True
    draft.choices = ("ask_complaint", "ask_remittance", "ask_contacts")
