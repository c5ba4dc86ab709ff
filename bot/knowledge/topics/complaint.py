"""How, where and by when to complain."""

from __future__ import annotations

from bot.knowledge.draft import Draft


def compose(draft: Draft) -> None:
    """Where, by when, with what proof; that it is her choice; what protects her."""
    work = [e for e in draft.find("complaint_body", "corridor", "there") if getattr(e.fact, "about", "") == "work"]
    if work:
        draft.lead(draft.lines(work[0])[0].text, work[0])
        draft.more.extend(draft.lines(work[0])[1:])
    else:
        draft.core("complaint_body", "corridor", "home", "there")
    draft.core("complaint_deadline", "there")
    draft.advise("complaint_proof")
    draft.tip("complaint_choice")
    draft.also(
        "complaint_body", "complaint_no_dismissal", "no_absconding_report_after_complaint", "unpaid_wage", "welfare"
    )
    draft.rule("complaint_ways", "court_access", "expulsion_keeps_pay", "complaints_safe")
    draft.bound()
    draft.help_kinds = ("labour_office", "hotline", "embassy", "ngo", "legal_aid", "agency_authority", "welfare_office")
    draft.choices = ("ask_contacts", "ask_wages", "ask_leaving")
