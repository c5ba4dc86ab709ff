"""Sending money home."""

from __future__ import annotations

from bot.knowledge.draft import Draft
from bot.knowledge.speaking import SAYS


def compose(draft: Draft) -> None:
    """How to compare, what it costs on average, an account in her own name."""
    draft.advise("remittance_compare")
    for entry in draft.snapshot.facts.get(("WORLD", "remittance_cost"), ()):
        draft.lead(SAYS["remittance_cost"](entry.fact, draft.speaker)[0], entry, keep=True)
    draft.advise("remittance_own_account")
    draft.tip("remittance_licensed", "remittance_decide")
    draft.also("wage_payment", where=("there",))
    draft.rule("remittance_cheaper", "paid_monthly")
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "welfare_office")
    draft.choices = ("ask_wages", "ask_return", "ask_contacts")
