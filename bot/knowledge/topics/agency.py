"""Whether an agency or an offer is honest."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Where to look up the licence, warning signs, what proves nothing, what breaking the rules costs."""
    draft.core("licence_check", "home")
    draft.core("ban", "corridor", "home")
    draft.advise("agency_tricks")
    draft.also("licence_check", "licence_no_proof", "illegal_recruitment", "fee_disguises", "legal_routes", "fee_cap")
    draft.penalties("no_licence", "fee", "contract_changed")
    draft.also("ban", "registration", "agreement", "work_card")
    draft.tip("agency_wait", "fee_do_not_pay")
    draft.rule("agencies_controlled", "no_fee")
    draft.help_kinds = ("agency_authority", "hotline", "welfare_office", "labour_office", "anti_trafficking", "ngo")
    draft.home_first = True
    draft.choices = ("ask_fees", "ask_contract", "ask_predeparture")
