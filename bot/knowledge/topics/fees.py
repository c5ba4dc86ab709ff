"""What may be taken from her for the job; an amount that she names is compared with the cap."""

from __future__ import annotations

from bot.knowledge.draft import Draft, Money, Piece, Where
from bot.knowledge.kinds import FeeCap, MinimumWage
from bot.knowledge.snapshot import Entry
from bot.knowledge.values import Amount


def compose(draft: Draft) -> None:
    """The verdict on her amount, the cap, what to do; then who pays what and what breaks the rule costs."""
    s = draft.speaker
    caps = _caps(draft)
    if caps:
        main = caps[0]
        fact = main.fact
        assert isinstance(fact, FeeCap)
        verdict = _verdict(draft, main) if draft.asked else ""
        if _forbidden(fact) or verdict in ("above", "above_lowest", "as_if"):
            draft.lead(s.t("fee_no"))
        draft.main, draft.names_law = main, bool(verdict)
        draft.core("fee_cap", _place(main, draft))
        if verdict:
            _tell(draft, main, verdict)
        if verdict in ("within", "within_if"):
            draft.advise("fee_ask_receipt")
        else:
            draft.insist("fee_do_not_pay", "fee_do_not_pay_short")
        for entry in caps:
            draft.also("fee_cap", where=(_place(entry, draft),))
            _comes_to(draft, entry)
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
    if asked:
        same = [e for e in entries if (limit := _limit(draft, e)) and asked.in_currency(limit.currency)]
        entries = same + [e for e in entries if e not in same]
    return entries


def _place(main: Entry, draft: Draft) -> Where:
    if main.place == draft.origin:
        return "home"
    return "there" if main.place == draft.destination else "corridor"


def _forbidden(fact: FeeCap) -> bool:
    return fact.amount is not None and fact.amount.value == 0


def _lowest_pay(draft: Draft, entry: Entry) -> Entry | None:
    """The lowest legal pay for a month at the place of a cap that is a share of the pay, when it is known."""
    if not isinstance(entry.fact, FeeCap) or entry.fact.percent_of_first_month is None:
        return None
    for pay in draft.find("minimum_wage", _place(entry, draft)):
        if isinstance(pay.fact, MinimumWage) and pay.fact.amount and pay.fact.amount.per == "month":
            return pay
    return None


def _limit(draft: Draft, entry: Entry) -> Amount | None:
    """The most that may be taken, as money; where it is a share of the pay, what it comes to at the lowest legal pay."""
    fact = entry.fact
    assert isinstance(fact, FeeCap)
    if fact.amount:
        return fact.amount
    pay = _lowest_pay(draft, entry)
    if pay is None or fact.percent_of_first_month is None:
        return None
    assert isinstance(pay.fact, MinimumWage)
    assert pay.fact.amount
    value = pay.fact.amount.value * fact.percent_of_first_month / 100
    return Amount(value=value, currency=pay.fact.amount.currency)


def _comes_to(draft: Draft, entry: Entry) -> None:
    """Say what a share of the pay comes to, behind the cap."""
    pay, limit = _lowest_pay(draft, entry), _limit(draft, entry)
    if pay is None or limit is None:
        return
    assert isinstance(pay.fact, MinimumWage)
    assert pay.fact.amount
    s = draft.speaker
    draft.used[pay.id] = pay
    text = s.t("fee_percent_comes_to", wage=s.money(pay.fact.amount), amount=s.money(limit))
    at = max((n for n, piece in enumerate(draft.more, 1) if entry.id in piece.facts), default=0)
    draft.more.insert(at, Piece(text, (entry.id, pay.id)))


def _verdict(draft: Draft, entry: Entry) -> str:
    """`illegal`, `above`, `above_lowest` (the limit grows with her pay), `within`, `as_if` and `within_if` (she named no
    currency), `other` (no common currency), `depends` (on pay that is not known)."""
    asked = draft.asked
    assert asked is not None
    assert isinstance(entry.fact, FeeCap)
    if asked.amount <= 0:
        return ""
    if _forbidden(entry.fact):
        return "illegal"
    limit = _limit(draft, entry)
    if limit is None:
        return "depends"
    same = asked.in_currency(limit.currency)
    if same is False:
        return "other"
    if asked.amount <= limit.value:
        return "within" if same else "within_if"
    if not same:
        return "as_if"
    return "above" if entry.fact.amount is not None else "above_lowest"


BANDS = ("forbidden", "within", "above_2", "above_5", "above_more", "unknown")
"""How an amount that was asked compares with the cap: nothing may be taken; at most the cap; up to twice, up to five times, more
than five times the cap; no cap is known, or none in this currency."""


def band(draft: Draft) -> str:
    """One of `BANDS` for the amount that she named."""
    caps = _caps(draft)
    if not caps or draft.asked is None:
        return "unknown"
    verdict, limit = _verdict(draft, caps[0]), _limit(draft, caps[0])
    if verdict == "illegal":
        return "forbidden"
    if verdict in ("within", "within_if"):
        return "within"
    if verdict not in ("above", "above_lowest", "as_if") or limit is None:
        return "unknown"
    times = draft.asked.amount / limit.value
    return "above_2" if times <= 2 else "above_5" if times <= 5 else "above_more"


def _tell(draft: Draft, entry: Entry, verdict: str) -> None:
    s, asked, limit = draft.speaker, draft.asked, _limit(draft, entry)
    assert isinstance(asked, Money)
    said = limit.currency if limit and asked.in_currency(limit.currency) else asked.currency
    hers = s.cash(asked.amount, said)
    if limit is None or verdict == "illegal":
        draft.lead(s.t("fee_asked_depends" if limit is None else "fee_asked_illegal", asked=hers), entry)
        return
    difference = s.cash(asked.amount - limit.value, limit.currency)
    money = s.cash(asked.amount, limit.currency)
    keys = {"above": "fee_asked_above", "above_lowest": "fee_asked_above_lowest", "as_if": "fee_asked_as_if",
            "other": "fee_asked_other_currency", "within": "fee_asked_within", "within_if": "fee_asked_within_if"}  # fmt: skip
    text = s.t(keys[verdict], asked=hers, difference=difference, money=money, currency=limit.currency)
    pay = _lowest_pay(draft, entry)
    draft.lead(text, entry, *((pay,) if pay else ()))
