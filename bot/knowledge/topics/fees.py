"""What may be taken from her for the job; an amount that she names is compared with the cap."""

from __future__ import annotations

from decimal import Decimal

from bot.knowledge.draft import Draft, Money, Where
from bot.knowledge.kinds import FeeCap
from bot.knowledge.snapshot import Entry


def compose(draft: Draft) -> None:
    """The verdict on her amount, the cap, what to do; then who pays what and what breaks the rule costs."""
    s = draft.speaker
    caps = _caps(draft)
    if caps:
        main = caps[0]
        fact = main.fact
        assert isinstance(fact, FeeCap)
        verdict = _verdict(draft, fact) if draft.asked else ""
        if _forbidden(fact) or verdict in ("above", "as_if"):
            draft.lead(s.t("fee_no"))
        draft.main = main
        draft.core("fee_cap", _place(main, draft))
        if verdict:
            _tell(draft, fact, verdict, main)
        if verdict == "within":
            draft.advise("fee_ask_receipt")
        else:
            draft.insist("fee_do_not_pay", "fee_do_not_pay_short")
        draft.also("fee_cap")
    elif draft.find("employer_pays"):
        draft.core("employer_pays")
        draft.advise("fee_do_not_pay")
    else:
        draft.advise("fee_ask_receipt")
    draft.also("employer_pays", "worker_pays", "fee_disguises", "no_deduction")
    draft.penalties("fee", "no_licence")
    draft.also("loan_limit", "employer_cost_ceiling")
    draft.tip("fee_get_back")
    draft.rule("no_fee", "no_fee_deduction")
    draft.bound()
    draft.help_kinds = ("agency_authority", "hotline", "labour_office", "welfare_office", "ngo", "embassy")
    draft.home_first = True
    draft.choices = ("ask_agency", "ask_complaint", "ask_contacts")


def _caps(draft: Draft) -> list[Entry]:
    """Caps, the one to speak of first: of her agency at home, unless she is there or only that is known. Nothing
    beats a limit."""
    entries = draft.find("fee_cap", "corridor", "home", "there")
    asked = draft.asked
    if asked and asked.currency:
        same = [e for e in entries if isinstance(e.fact, FeeCap) and asked.currency in _currencies(e.fact)]
        entries = same + [e for e in entries if e not in same]
    return entries


def _place(main: Entry, draft: Draft) -> Where:
    if main.place == draft.origin:
        return "home"
    return "there" if main.place == draft.destination else "corridor"


def _currencies(fact: FeeCap) -> set[str]:
    return {amount.currency for amount in (fact.amount, fact.at_minimum_wage) if amount}


def _forbidden(fact: FeeCap) -> bool:
    return fact.amount is not None and fact.amount.value == 0


def _limit(fact: FeeCap) -> tuple[Decimal, str] | None:
    amount = fact.amount or fact.at_minimum_wage
    return (amount.value, amount.currency) if amount else None


def _verdict(draft: Draft, fact: FeeCap) -> str:
    """`illegal`, `above`, `within`, `as_if` (she named no currency), `other` (no common currency)."""
    asked = draft.asked
    assert asked is not None
    if asked.amount <= 0:
        return ""
    if _forbidden(fact):
        return "illegal"
    limit = _limit(fact)
    if limit is None:
        return "other"
    value, currency = limit
    if asked.currency not in (None, currency):
        return "other"
    if asked.amount <= value:
        return "within"
    return "above" if asked.currency else "as_if"


BANDS = ("forbidden", "within", "above_2", "above_5", "above_more", "unknown")
"""How an amount that was asked compares with the cap: nothing may be taken; at most the cap; up to twice, up to five times, more
than five times the cap; no cap is known, or none in this currency."""


def band(draft: Draft) -> str:
    """One of `BANDS` for the amount that she named."""
    caps = _caps(draft)
    if not caps or draft.asked is None:
        return "unknown"
    fact = caps[0].fact
    assert isinstance(fact, FeeCap)
    verdict, limit = _verdict(draft, fact), _limit(fact)
    if verdict == "illegal":
        return "forbidden"
    if verdict == "within":
        return "within"
    if verdict not in ("above", "as_if") or limit is None:
        return "unknown"
    times = draft.asked.amount / limit[0]
    return "above_2" if times <= 2 else "above_5" if times <= 5 else "above_more"


def _tell(draft: Draft, fact: FeeCap, verdict: str, entry: Entry) -> None:
    s, asked, limit = draft.speaker, draft.asked, _limit(fact)
    assert isinstance(asked, Money)
    hers = s.cash(asked.amount, asked.currency)
    if verdict == "illegal":
        draft.lead(s.t("fee_asked_illegal", asked=hers), entry)
    elif limit and verdict == "other":
        draft.lead(s.t("fee_asked_other_currency", asked=hers, currency=limit[1]), entry)
    elif limit:
        difference = s.cash(asked.amount - limit[0], limit[1])
        if verdict == "above":
            draft.lead(s.t("fee_asked_above", asked=hers, difference=difference), entry)
        elif verdict == "as_if":
            draft.lead(
                s.t("fee_asked_as_if", asked=hers, money=s.cash(asked.amount, limit[1]), difference=difference), entry
            )
        else:
            draft.lead(s.t("fee_asked_within", asked=hers), entry)
