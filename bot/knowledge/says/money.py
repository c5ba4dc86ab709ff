"""Fees, costs, penalties, loans."""

from __future__ import annotations

from bot.knowledge.kinds import (
    EmployerCostCeiling,
    EmployerPays,
    FeeCap,
    ItemsFact,
    LoanLimit,
    Penalty,
    RemittanceCost,
    WorkerPays,
)
from bot.knowledge.kinds.money import Cost
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "fee_no": "No.",
    "fee_none_agency_home": "Your agency in {country} may not take any fee from you.",
    "fee_none_agency_there": "In {country} agencies may not take any fee from you.",
    "fee_none_employer": "In {country} your employer may not make you pay for hiring you.",
    "fee_max_home": "Your agency in {country} may take at most {amount}.",
    "fee_max_there": "In {country} an agency may take at most {amount}.",
    "fee_max_percent": "In {country} an agency may take at most {percent} of your first month's pay.",
    "fee_max_months": "In {country} an agency may take at most {time} of pay.",
    "fee_max_months_a_year": "In {country} an agency may take at most {time} of pay for each year of the contract, "
    "{most} in all.",
    "fee_percent_comes_to": "At the lowest legal pay ({wage}) that is at most {amount}.",
    "fee_only_if_employer_refuses": "Even that only if the employer does not pay it.",
    "fee_after_first_wage": "Even that only after you have got your first pay.",
    "fee_no_deduction": "A fee may not be taken out of your pay later either.",
    "fee_asked_illegal": "{asked} is illegal.",
    "fee_asked_above": "{asked} is {difference} too much.",
    "fee_asked_above_lowest": "At the lowest legal pay {asked} is {difference} too much.",
    "fee_asked_depends": "Whether {asked} is too much depends on your pay.",
    "fee_asked_within": "{asked} is within this limit.",
    "fee_asked_within_if": "If {asked} means {money}: that is within this limit.",
    "fee_asked_as_if": "If {asked} means {money}: that is {difference} too much.",
    "fee_asked_other_currency": "I cannot compare {asked} with a limit in {currency}; I do not know today's rate.",
    "fee_do_not_pay": "Do not pay. If you paid: keep receipts and messages.",
    "fee_do_not_pay_short": "Do not pay; keep receipts.",
    "fee_ask_receipt": "Pay nothing without a receipt with the agency's name.",
    "fee_get_back": "If you have paid already, you can ask for it back. Receipts, chats and names of witnesses help.",
    "employer_pays": "Your employer pays: {items}.",
    "employer_pays_not_her": "You may not be asked to pay it.",
    "cost_from_age": "{cost} (from age {age}: {amount})",
    "worker_pays": "You may have to pay yourself: {items}.",
    "worker_pays_total": "Reported in all: {amount} or more.",
    "employer_cost_ceiling": "Your employer pays the agency up to {amount} for you. That is not your debt.",
    "fee_disguises": 'Watch out: some say "no fee" and then take too much for {items}.',
    "penalty_fee": "Whoever takes more from you than the law allows {penalties}.",
    "penalty_no_licence": "Whoever hires without a licence {penalties}.",
    "penalty_contract_changed": "An agency that sends you to other or worse paid work {penalties}.",
    "penalty_dismissal": "An employer who dismisses a pregnant woman {penalties}.",
    "penalty_fine": "pays a fine of {amount}",
    "penalty_fine_up_to": "pays a fine of up to {amount}",
    "penalty_prison": "may get up to {years} in prison",
    "penalty_licence": "loses the licence",
    "penalty_pays_back": "must pay you back",
    "penalty_pays_back_more": "must pay you back and {percent} more",
    "penalty_shortfall": "must pay you the difference",
    "penalty_hiring_ban": "may not hire for up to {years}",
    "loan_limit": "Loan: more than {percent} a year is a crime in {country}.",
    "loan_papers": "A lender may not keep your passport or contract; the authority asks people to report it. You choose.",
    "remittance_cost": "On average in the world, sending {sent} costs {percent}: by phone or online {digital}, by bank "
    "{bank}.",
    "remittance_compare": "Before you send, ask two or three services: how much arrives, in the money of home, after "
    "all fees.",
    "remittance_own_account": "Keep an account or wallet in your own name. Tell nobody the PIN.",
    "remittance_licensed": "Use a bank, a phone wallet or a shop with a licence, and keep the slip. Who carries cash "
    "for you gives no proof.",
    "remittance_decide": "It is your pay. You decide how much you send and how much you keep.",
}


@says("fee_cap")
def fee_cap(fact: FeeCap, s: Speaker) -> list[str]:
    """The rule, then its conditions. What a percentage comes to is `fee_percent`, which needs the pay as well."""
    there = fact.side == "destination" or (fact.side is None and s.there)
    lines = []
    if fact.amount is not None and fact.amount.value == 0:
        key = (
            "fee_none_employer"
            if fact.by == "employer"
            else "fee_none_agency_there"
            if there
            else "fee_none_agency_home"
        )
        lines.append(s.t(key, country=s.here))
    elif fact.amount is not None:
        lines.append(s.t("fee_max_there" if there else "fee_max_home", country=s.here, amount=s.money(fact.amount)))
    elif fact.percent_of_first_month is not None:
        lines.append(s.t("fee_max_percent", country=s.here, percent=s.percent(fact.percent_of_first_month)))
    elif fact.months_of_pay is not None:
        time = s.unit("month", fact.months_of_pay)
        if fact.months_at_most is not None:
            most = s.unit("month", fact.months_at_most)
            lines.append(s.t("fee_max_months_a_year", country=s.here, time=time, most=most))
        else:
            lines.append(s.t("fee_max_months", country=s.here, time=time))
    if fact.only_if_employer_refuses:
        lines[0] += " " + s.t("fee_only_if_employer_refuses")
    if fact.deduction_forbidden:
        lines.append(s.t("fee_no_deduction"))
    if fact.after_first_wage:
        lines[0] += " " + s.t("fee_after_first_wage")
    return lines


@says("employer_pays")
def employer_pays(fact: EmployerPays, s: Speaker) -> list[str]:
    """Costs of the employer."""
    lines = [s.t("employer_pays", items=s.items(fact.items))]
    return [lines[0] + " " + s.t("employer_pays_not_her")] if fact.not_her else lines


@says("worker_pays")
def worker_pays(fact: WorkerPays, s: Speaker) -> list[str]:
    """Costs of hers, each with its amount."""
    lines = [s.t("worker_pays", items=s.list([_cost(cost, s) for cost in fact.costs]))]
    if fact.total_at_least:
        lines.append(s.t("worker_pays_total", amount=s.money(fact.total_at_least)))
    return lines


def _cost(cost: Cost, s: Speaker) -> str:
    if not cost.amount:
        return s.item(cost.item)
    named = f"{s.item(cost.item)} {s.money(cost.amount)}"
    if not cost.amount_from_age:
        return named
    return s.t("cost_from_age", cost=named, age=s.number(cost.from_age or 0), amount=s.money(cost.amount_from_age))


@says("employer_cost_ceiling")
def employer_cost_ceiling(fact: EmployerCostCeiling, s: Speaker) -> list[str]:
    """Not her debt."""
    return [s.t("employer_cost_ceiling", amount=s.money(fact.amount))]


@says("fee_disguises")
def fee_disguises(fact: ItemsFact, s: Speaker) -> list[str]:
    """Tricks."""
    return [s.t("fee_disguises", items=s.items(fact.items, either=True))]


@says("penalty")
def penalty(fact: Penalty, s: Speaker) -> list[str]:
    """What the law does to those who break it."""
    parts = []
    if fact.licence_cancelled:
        parts.append(s.t("penalty_licence"))
    if fact.pays_back_extra_percent is not None:
        parts.append(s.t("penalty_pays_back_more", percent=s.percent(fact.pays_back_extra_percent)))
    elif fact.pays_back:
        parts.append(s.t("penalty_pays_back"))
    if fact.pays_shortfall:
        parts.append(s.t("penalty_shortfall"))
    if fact.fine:
        parts.append(s.t("penalty_fine", amount=s.money(fact.fine)))
    if fact.fine_up_to:
        parts.append(s.t("penalty_fine_up_to", amount=s.money(fact.fine_up_to)))
    if fact.prison_years_up_to is not None:
        parts.append(s.t("penalty_prison", years=s.unit("year", fact.prison_years_up_to)))
    if fact.hiring_ban_years_up_to is not None:
        parts.append(s.t("penalty_hiring_ban", years=s.unit("year", fact.hiring_ban_years_up_to)))
    return [s.t(f"penalty_{fact.about}", penalties=s.list(parts))]


@says("loan_limit")
def loan_limit(fact: LoanLimit, s: Speaker) -> list[str]:
    """Loans."""
    lines = [s.t("loan_limit", percent=s.percent(fact.percent_a_year), country=s.here)]
    return lines if fact.papers_as_security else [*lines, s.t("loan_papers")]


@says("remittance_cost")
def remittance_cost(fact: RemittanceCost, s: Speaker) -> list[str]:
    """World averages."""
    return [
        s.t(
            "remittance_cost", sent=s.money(fact.sent), percent=s.percent(fact.percent), digital=s.percent(fact.digital_percent),
            bank=s.percent(fact.bank_percent),
        )
    ]  # fmt: skip
