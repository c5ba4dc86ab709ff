"""Before leaving and after coming home."""

from __future__ import annotations

from bot.knowledge.kinds import (
    Insurance,
    ItemsFact,
    Orientation,
    Pension,
    RegisterAfterArrival,
    Registration,
    Reintegration,
    Welfare,
)
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "orientation": "Before you leave {country} there is a course that you must take: {name}.",
    "orientation_time": "The course takes {time}.",
    "orientation_from_to": "The course takes {first} to {last}.",
    "orientation_refunded": "Women get the course fee back from the welfare fund.",
    "exit_clearance": "Papers you need before you fly: {items}.",
    "insurance": "Life insurance for {amount} is a must before the labour permit.",
    "registration": "Before you leave {country} you must register with {body}.",
    "registration_fee": "It costs {amount}.",
    "registration_protects": "Who is not registered loses the protection of {body}.",
    "registration_visit_visa": "Working on a visit visa is illegal.",
    "register_after_arrival": "After you arrive, register in {name}.",
    "predeparture_copies": "Leave copies of passport, contract, visa and the agency's name with somebody you trust.",
    "predeparture_learn": "Learn by heart: one number at home and one of help in {country}.",
    "predeparture_learn_help": "Learn by heart: one number at home and one that helps where you go.",
    "predeparture_bring": "Bring your own phone, some money of your own and your medicine.",
    "predeparture_contract": "Do not fly without a contract that you have read.",
    "reintegration": "Help when you come home: {name}.",
    "reintegration_amount": "Help when you come home: {name}, {amount}.",
    "reintegration_gives": "{name} gives: {items}.",
    "reintegration_for": "{name} is for: {items}.",
    "welfare": "The {name} pays {amount} for {item}.",
    "welfare_no_amount": "The {name} helps with {item}.",
    "welfare_claim": "Ask for it within {time}.",
    "welfare_claim_twice": "Ask for it within {time} of what happened and {end} of the end of the contract.",
    "pension_paid": "Your pension from there can be paid at home.",
    "pension_added": "Years of work in both countries are added together for the pension.",
    "pension_pending": "That agreement is signed; ask whether it holds already.",
    "return_papers": "Bring home: contract, payslips, medical papers, numbers of people who saw. Ask whether you can "
    "claim unpaid pay from home.",
    "return_talk": "Coming home can be hard. You may ask for somebody to talk to as well.",
}


@says("orientation")
def orientation(fact: Orientation, s: Speaker) -> list[str]:
    """The course."""
    lines = [s.t("orientation", country=s.here, name=fact.name)]
    if fact.lasts_from and fact.lasts_to:
        lines.append(s.t("orientation_from_to", first=s.number(fact.lasts_from.number), last=s.span(fact.lasts_to)))
    elif fact.lasts_to:
        lines.append(s.t("orientation_time", time=s.span(fact.lasts_to)))
    return [*lines, s.t("orientation_refunded")] if fact.fee_refunded else lines


@says("exit_clearance")
def exit_clearance(fact: ItemsFact, s: Speaker) -> list[str]:
    """Papers."""
    return [s.t("exit_clearance", items=s.items(fact.items))]


@says("insurance")
def insurance(fact: Insurance, s: Speaker) -> list[str]:
    """Before the permit."""
    return [s.t("insurance", amount=s.money(fact.cover))]


@says("registration")
def registration(fact: Registration, s: Speaker) -> list[str]:
    """Where, what it costs, what it gives."""
    lines = [s.t("registration", country=s.here, body=fact.body)]
    if fact.fee:
        lines[0] += " " + s.t("registration_fee", amount=s.money(fact.fee))
    if fact.protects:
        lines.append(s.t("registration_protects", body=fact.body))
    return [*lines, s.t("registration_visit_visa")] if fact.visit_visa_illegal else lines


@says("register_after_arrival")
def register_after_arrival(fact: RegisterAfterArrival, s: Speaker) -> list[str]:
    """An app or list."""
    return [s.t("register_after_arrival", name=fact.name)]


@says("reintegration")
def reintegration(fact: Reintegration, s: Speaker) -> list[str]:
    """Programmes."""
    if fact.amount:
        lines = [s.t("reintegration_amount", name=fact.name, amount=s.money(fact.amount))]
    else:
        lines = [s.t("reintegration", name=fact.name)]
    if fact.gives:
        lines.append(s.t("reintegration_gives", name=fact.name, items=s.items(fact.gives)))
    return [*lines, s.t("reintegration_for", name=fact.name, items=s.items(fact.for_whom))] if fact.for_whom else lines


@says("welfare")
def welfare(fact: Welfare, s: Speaker) -> list[str]:
    """Funds."""
    if fact.amount:
        lines = [s.t("welfare", name=fact.name, amount=s.money(fact.amount), item=s.item(fact.item))]
    else:
        lines = [s.t("welfare_no_amount", name=fact.name, item=s.item(fact.item))]
    if fact.claim_within and fact.claim_within_of_contract_end:
        time, end = s.span(fact.claim_within), s.span(fact.claim_within_of_contract_end)
        lines[0] += " " + s.t("welfare_claim_twice", time=time, end=end)
    elif fact.claim_within:
        lines[0] += " " + s.t("welfare_claim", time=s.span(fact.claim_within))
    return lines


@says("pension")
def pension(fact: Pension, s: Speaker) -> list[str]:
    """Between two countries."""
    lines = [s.t("pension_paid")] if fact.paid_abroad else []
    if fact.periods_added:
        lines.append(s.t("pension_added"))
    if not fact.in_force and lines:
        lines[-1] += " " + s.t("pension_pending")
    return lines
