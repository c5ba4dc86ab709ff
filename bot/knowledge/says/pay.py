"""Wages and what belongs to them."""

from __future__ import annotations

from datetime import date

from bot.knowledge.kinds import (
    Allowance,
    DeductionLimit,
    EndOfService,
    ItemsFact,
    MinimumWage,
    NoMinimumWage,
    Severance,
    SocialSecurity,
    UnpaidWage,
    WagePayment,
    YearBonus,
)  # fmt: skip
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "wage_minimum": "In {country} the lowest legal pay is {amount}.",
    "wage_minimum_contracts": "In {country} the lowest legal pay is {amount} (contracts signed from {date}).",
    "wage_minimum_since": "Since {date}.",
    "wage_minimum_zone": "In the {zone} the lowest pay is {amount}.",
    "wage_minimum_levels": "In {country} the lowest pay depends on your level. Living in, full time, a month: {levels}.",
    "wage_minimum_levels_hour": "Not living in, an hour: {levels}.",
    "wage_minimum_care": "Care for a person who cannot manage alone is level {level}.",
    "wage_minimum_origin": "{country} asks at least {amount} for domestic workers abroad.",
    "wage_minimum_agreement": "By the agreement of {origin} and {destination} your pay is at least {amount}.",
    "wage_minimum_step_by_step": "It is being brought in step by step.",
    "wage_minimum_higher_counts": "The higher of the two counts.",
    "wage_no_less": "Less than the lowest pay is not valid, even if you signed it.",
    "no_minimum_wage": "In {country} no lowest pay is set by law for domestic workers.",
    "no_minimum_wage_agreements": "Agreements with some home countries set one; ask your embassy.",
    "food_allowance": "Food is free, or you get at least {amount}.",
    "housing_allowance": "A place to live is free, or you get at least {amount}.",
    "deduction_limit": "In {country} at most {percent} of your pay may be taken off.",
    "deduction_limit_each": "In {country} at most {percent} of your pay may be taken off, {each} for one reason.",
    "deduction_reasons": "Only for: {items}.",
    "wage_methods": "Pay comes {methods}.",
    "wage_methods_if_agree": "Pay {methods}: only if you agree.",
    "wage_through": "Pay comes {methods} through {platform}.",
    "wage_within": "Pay comes at the latest {time} after it is due.",
    "wage_sign": "Sign only for money that you really got.",
    "wage_double_overtime": "For late or unpaid overtime the authority can order double.",
    "wage_before_debts": "What you are owed comes before other debts of the employer.",
    "no_deduction": "Not off your pay: {items}.",
    "no_deduction_all": "In {country} nothing may be taken off your pay.",
    "year_bonus": "Once a year you get {time} of extra pay.",
    "year_bonus_before": "Once a year, before {date}, you get {time} of extra pay.",
    "social_security": "Your employer must register you with {body}.",
    "social_security_items": "Your employer must register you with {body}: {items}.",
    "end_of_service_each": "At the end you get {pay} of pay for each {time}.",
    "end_of_service_yearly": "At the end you get {pay} of pay for each year of work.",
    "end_of_service_after": "After {time} you get {pay} of pay at the end.",
    "severance": "If your job is cut after {first} or more, or after {second} of service: {share} of a month's pay for "
    "each year; one of the two, not both.",
    "wage_keep_record": "Write down each day what you worked and each payment. Keep contract and messages.",
    "wage_unpaid_ask": "Not paid? Ask in writing, so that you have proof, and call early.",
}


@says("minimum_wage")
def minimum_wage(fact: MinimumWage, s: Speaker) -> list[str]:
    """The amount, then for whom and since when."""
    lines = []
    if fact.set_by == "origin" and fact.amount:
        lines.append(s.t("wage_minimum_origin", country=s.here, amount=s.money(fact.amount)))
        if fact.step_by_step:
            lines[0] += " " + s.t("wage_minimum_step_by_step")
        return lines
    if fact.amount and fact.set_by == "agreement":
        names = {"origin": s.origin, "destination": s.destination}
        lines.append(s.t("wage_minimum_agreement", amount=s.money(fact.amount), **names))
    elif fact.amount and fact.contracts_signed_since:
        since = s.date(fact.contracts_signed_since)
        lines.append(s.t("wage_minimum_contracts", country=s.here, amount=s.money(fact.amount), date=since))
    elif fact.amount:
        lines.append(s.t("wage_minimum", country=s.here, amount=s.money(fact.amount)))
    elif any(level.month for level in fact.levels):
        currency = str(fact.levels_currency)
        monthly = [f"{v.level} {s.cents(v.month)}" for v in fact.levels if v.month]
        lines.append(s.t("wage_minimum_levels", country=s.here, levels=f"{currency} " + ", ".join(monthly)))
        if fact.care_level:
            lines.append(s.t("wage_minimum_care", level=fact.care_level))
        hourly = [f"{v.level} {s.cents(v.hour)}" for v in fact.levels if v.hour]
        if hourly:
            lines.append(s.t("wage_minimum_levels_hour", levels=f"{currency} " + ", ".join(hourly)))
    if fact.zone and fact.zone_amount:
        lines.append(s.t("wage_minimum_zone", zone=s.item(fact.zone), amount=s.money(fact.zone_amount)))
    if fact.since:
        lines[0] += " " + s.t("wage_minimum_since", date=s.date(fact.since))
    if fact.no_less_by_agreement:
        lines.append(s.t("wage_no_less"))
    return lines


@says("no_minimum_wage")
def no_minimum_wage(fact: NoMinimumWage, s: Speaker) -> list[str]:
    """None set."""
    lines = [s.t("no_minimum_wage", country=s.here)]
    return [*lines, s.t("no_minimum_wage_agreements")] if fact.agreements_may else lines


@says("food_allowance", "housing_allowance")
def allowance(fact: Allowance, s: Speaker) -> list[str]:
    """The thing, or money for it."""
    return [s.t(fact.kind, amount=s.money(fact.amount))]


@says("deduction_limit")
def deduction_limit(fact: DeductionLimit, s: Speaker) -> list[str]:
    """How much, and for what alone."""
    percent = s.percent(fact.percent)
    if fact.percent_each is None:
        text = s.t("deduction_limit", country=s.here, percent=percent)
    else:
        text = s.t("deduction_limit_each", country=s.here, percent=percent, each=s.percent(fact.percent_each))
    if fact.reasons:
        text += " " + s.t("deduction_reasons", items=s.items(fact.reasons, either=True))
    return [text]


@says("wage_payment")
def wage_payment(fact: WagePayment, s: Speaker) -> list[str]:
    """How pay comes."""
    lines = []
    if fact.methods and fact.through:
        lines.append(s.t("wage_through", methods=s.items(fact.methods, either=True), platform=fact.through))
    elif fact.methods:
        lines.append(s.t("wage_methods", methods=s.items(fact.methods, either=True)))
    if fact.since:
        lines[-1:] = [" ".join([*lines[-1:], s.t("wage_minimum_since", date=s.date(fact.since))])]
    if fact.other_methods_if_she_agrees:
        lines.append(s.t("wage_methods_if_agree", methods=s.items(fact.other_methods_if_she_agrees, either=True)))
    if fact.within:
        lines.append(s.t("wage_within", time=s.span(fact.within)))
    if fact.sign_only_for_received:
        lines.append(s.t("wage_sign"))
    return lines


@says("unpaid_wage")
def unpaid_wage(fact: UnpaidWage, s: Speaker) -> list[str]:
    """When it is late."""
    lines = [s.t("wage_double_overtime")] if fact.double_for_overtime else []
    return [*lines, s.t("wage_before_debts")] if fact.before_other_debts else lines


@says("no_deduction")
def no_deduction(fact: ItemsFact, s: Speaker) -> list[str]:
    """What stays on her pay."""
    if not fact.items:
        return [s.t("no_deduction_all", country=s.here)]
    return [s.t("no_deduction", items=s.items(fact.items, either=True))]


@says("year_bonus")
def year_bonus(fact: YearBonus, s: Speaker) -> list[str]:
    """Extra pay."""
    if fact.before_day:
        month, day = (int(part) for part in fact.before_day.split("-"))
        return [s.t("year_bonus_before", date=s.day(date(2000, month, day)), time=s.span(fact.pay_of))]
    return [s.t("year_bonus", time=s.span(fact.pay_of))]


@says("social_security")
def social_security(fact: SocialSecurity, s: Speaker) -> list[str]:
    """Registration."""
    if fact.items:
        return [s.t("social_security_items", body=fact.body, items=s.items(fact.items))]
    return [s.t("social_security", body=fact.body)]


@says("end_of_service")
def end_of_service(fact: EndOfService, s: Speaker) -> list[str]:
    """Money at the end."""
    if fact.for_each and fact.for_each.unit == "year" and fact.for_each.number == 1:
        return [s.t("end_of_service_yearly", pay=s.span(fact.pay))]
    if fact.for_each:
        return [s.t("end_of_service_each", pay=s.span(fact.pay), time=s.span(fact.for_each))]
    assert fact.after is not None
    return [s.t("end_of_service_after", pay=s.span(fact.pay), time=s.span(fact.after))]


@says("severance")
def severance(fact: Severance, s: Speaker) -> list[str]:
    """Money after long service."""
    return [
        s.t(
            "severance",
            first=s.span(fact.redundancy_after),
            second=s.span(fact.long_service_after),
            share=fact.share_of_month_per_year,
        )
    ]
