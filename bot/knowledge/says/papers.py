"""Passport, contract, law, agencies."""

from __future__ import annotations

from bot.knowledge.kinds import (
    Agreement,
    Ban,
    ContractForm,
    ContractRegistration,
    CoverageLaw,
    ItemsFact,
    LicenceCheck,
    MinimumAge,
    PassportWithWorker,
    Quota,
    SimpleRule,
    WorkCard,
    WorkPermit,
)  # fmt: skip
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "passport_yours": "Your passport is yours. In {country} your employer may not keep it.",
    "passport_unless": "Your passport is yours. In {country} your employer may keep it only if you agree.",
    "passport_unless_writing": "Your passport is yours. In {country} your employer may keep it only if you agree in "
    "writing.",
    "passport_back": "It must be given back when you ask.",
    "passport_also": "The same goes for: {items}.",
    "passport_ask": 'You can ask: "Please give it to me, I need it for the bank". Keep a photo of each page on your phone.',
    "passport_if_refused": "If they refuse, do not fight over it. Ask your embassy or the helpline to ask for it.",
    "contract_written": "In {country} you must get a written contract.",
    "contract_written_items": "In {country} you must get a written contract with: {items}.",
    "contract_model": "The contract must be the official form ({model}).",
    "contract_platform": "Hiring must go through {platform}.",
    "contract_languages": "The contract is in {languages}.",
    "contract_copies": ("There is {n} copy of the contract.", "There are {n} copies of the contract."),
    "contract_registration": "A contract signed before you leave is registered at {body}.",
    "contract_keep": "Read it before you sign, keep a copy and a photo. Never sign an empty page or a language you "
    "cannot read.",
    "contract_changed": "Other work or less pay than in the contract? Do not sign a new one in a hurry; ask first. "
    "Keep the first one safe.",
    "coverage_general": "In {country} the labour law covers you like other workers.",
    "coverage_special": "In {country} there is a law for domestic workers: {law}.",
    "coverage_home_law": "{country} has a law to protect its workers abroad: {law}.",
    "coverage_collective": "In {country} a national agreement covers you: {law}.",
    "coverage_partial": "In {country} only parts of the labour law cover domestic workers: {law}.",
    "coverage_household": "In {country} work in a private home is under the labour law: {law}.",
    "coverage_excluded": "In {country} the labour law leaves domestic workers out.",
    "licence_check": "An agency in {country} needs a licence. Check its name at {authority}.",
    "licence_check_where": 'An agency in {country} needs a licence. Check its name at {authority}: "{where}".',
    "licence_needed": "An agency in {country} needs a licence. Ask to see it.",
    "licence_destination": "The licence must be for the country you go to.",
    "licence_status": 'In the list only the status "{status}" is good.',
    "licence_web": "On the internet: {web}.",
    "licence_job_order": "Check also that your job is approved there.",
    "licence_no_proof": "No proof of a licence: {items}.",
    "illegal_recruitment": "Illegal: {items}.",
    "legal_routes": "Legal ways to go from {country}: {items}.",
    "agency_tricks": 'Warning signs: money first, visit visa, "leave today", no contract, only chat, they keep your passport.',
    "agency_wait": "Take your time. A good agency lets you check.",
    "age_from": "You must be {n} or older.",
    "age_home": "{country} lets women go for this work from age {n}.",
    "ban_restricted": "{country} restricts domestic work there at present.",
    "ban_banned": "{country} does not let women go for domestic work there at present.",
    "ban_undocumented": "Without its labour permit {country} counts you as undocumented.",
    "agreement_none": "I found no agreement on domestic work between {origin} and {destination}.",
    "agreement_signed": "{origin} and {destination} have a work agreement, signed {date}.",
    "agreement": "{origin} and {destination} have a work agreement.",
    "work_card": "With the card {name} you may work in {area}.",
    "work_card_valid": "The card {name} is valid {time}.",
    "work_card_get": "You get the card {name} {where}.",
    "work_card_no_work": "The card {name} lets you visit, not work.",
    "permit_needed": "To work in a home in {country} you need: {name}.",
    "permit_visa_free": "To work in a home in {country}, women who may enter without a visa need: {name}.",
    "permit_care_only": "The permit is only for care of children, old or ill people, not for cleaning.",
    "permit_tied": "The permit holds only for its region and kind of work. Keep the receipts for the whole time.",
    "permit_valid": "The permit is given for {first} to {last}, with extensions {most} at most.",
    "permit_without": "Without the permit you and the employer can be fined, and the state can send you away.",
    "permit_residence": "To apply for the permit from inside you need a stay permit of at least {time} that is still valid.",
    "card_law_applies": "With a work card the labour law of {country} protects you.",
    "quota": "Entries for family and care work were limited to {places} a year ({years}); many more apply.",
    "employer_interview": "Before you sign, a video call with the employer is a must. Ask about rooms, children, day off.",
}


@says("passport_with_worker")
def passport(fact: PassportWithWorker, s: Speaker) -> list[str]:
    """Whose it is."""
    if not fact.unless_she_agrees:
        lines = [s.t("passport_yours", country=s.here)]
    else:
        lines = [s.t("passport_unless_writing" if fact.in_writing else "passport_unless", country=s.here)]
    if fact.back_on_request:
        lines[0] += " " + s.t("passport_back")
    if fact.also:
        lines[0] += " " + s.t("passport_also", items=s.items(fact.also))
    return lines


@says("contract_form")
def contract_form(fact: ContractForm, s: Speaker) -> list[str]:
    """What it must look like."""
    lines = []
    if fact.items:
        lines.append(s.t("contract_written_items", country=s.here, items=s.items(fact.items)))
    elif fact.written:
        lines.append(s.t("contract_written", country=s.here))
    if fact.model:
        lines.append(s.t("contract_model", model=fact.model))
    if fact.platform:
        lines.append(s.t("contract_platform", platform=fact.platform))
    if fact.languages:
        lines.append(s.t("contract_languages", languages=s.languages(fact.languages)))
    if fact.copies:
        lines.append(s.t("contract_copies", n=fact.copies))
    return lines


@says("contract_registration")
def contract_registration(fact: ContractRegistration, s: Speaker) -> list[str]:
    """Before leaving."""
    return [s.t("contract_registration", body=fact.body)]


@says("coverage_law")
def coverage_law(fact: CoverageLaw, s: Speaker) -> list[str]:
    """Which law."""
    if fact.cover == "special" and not s.there:
        return [s.t("coverage_home_law", country=s.here, law=fact.law.cited())]
    return [s.t(f"coverage_{fact.cover}", country=s.here, law=fact.law.cited())]


@says("licence_check")
def licence_check(fact: LicenceCheck, s: Speaker) -> list[str]:
    """How to check."""
    if fact.authority is None:
        lines = [s.t("licence_needed", country=s.here)]
    elif fact.where:
        lines = [s.t("licence_check_where", country=s.here, authority=fact.authority, where=fact.where)]
    else:
        lines = [s.t("licence_check", country=s.here, authority=fact.authority)]
    if fact.for_each_destination:
        lines.append(s.t("licence_destination"))
    if fact.good_status:
        lines.append(s.t("licence_status", status=fact.good_status))
    if fact.web:
        lines.append(s.t("licence_web", web=fact.web))
    return [*lines, s.t("licence_job_order")] if fact.check_job_order else lines


@says("licence_no_proof", "illegal_recruitment")
def items_line(fact: ItemsFact, s: Speaker) -> list[str]:
    """Lists."""
    return [s.t(fact.kind, items=s.items(fact.items, either=True))]


@says("legal_routes")
def legal_routes(fact: ItemsFact, s: Speaker) -> list[str]:
    """Ways to go."""
    return [s.t("legal_routes", country=s.here, items=s.items(fact.items, either=True))]


@says("minimum_age")
def minimum_age(fact: MinimumAge, s: Speaker) -> list[str]:
    """Age."""
    return [s.t("age_from", n=fact.years) if s.there else s.t("age_home", country=s.here, n=fact.years)]


@says("ban")
def ban(fact: Ban, s: Speaker) -> list[str]:
    """Restrictions of her own country."""
    lines = [s.t(f"ban_{fact.degree}", country=s.origin)]
    return [*lines, s.t("ban_undocumented", country=s.origin)] if fact.without_permit_undocumented else lines


@says("agreement")
def agreement(fact: Agreement, s: Speaker) -> list[str]:
    """Between the two states."""
    names = {"origin": s.origin, "destination": s.destination}
    if not fact.found:
        return [s.t("agreement_none", **names)]
    return [s.t("agreement_signed", date=s.date(fact.signed), **names) if fact.signed else s.t("agreement", **names)]


@says("work_card")
def work_card(fact: WorkCard, s: Speaker) -> list[str]:
    """Cards of the border."""
    if not fact.may_work:
        return [s.t("work_card_no_work", name=fact.name)]
    lines = [s.t("work_card", name=fact.name, area=s.list(list(fact.area)))]
    if fact.where_to_get:
        lines.append(s.t("work_card_get", name=fact.name, where=s.item(fact.where_to_get)))
    return [*lines, s.t("work_card_valid", name=fact.name, time=s.span(fact.valid))] if fact.valid else lines


@says("work_permit")
def work_permit(fact: WorkPermit, s: Speaker) -> list[str]:
    """The permit and what it is for, then its limits."""
    name = fact.names.get(s.tag, fact.name)
    lines = [s.t("permit_visa_free" if fact.visa_free_only else "permit_needed", country=s.here, name=name)]
    if fact.care_only:
        lines[0] += " " + s.t("permit_care_only")
    if fact.tied:
        lines.append(s.t("permit_tied"))
    if fact.valid_from and fact.valid_to and fact.at_most:
        first, last = s.number(fact.valid_from.number), s.span(fact.valid_to)
        lines.append(s.t("permit_valid", first=first, last=last, most=s.span(fact.at_most)))
    if fact.without_it_fined:
        lines.append(s.t("permit_without"))
    return [*lines, s.t("permit_residence", time=s.span(fact.residence_first))] if fact.residence_first else lines


@says("quota")
def quota(fact: Quota, s: Speaker) -> list[str]:
    """Entries."""
    return [s.t("quota", places=s.number(fact.places), years=fact.years)]


@says("card_law_applies", "employer_interview")
def simple(fact: SimpleRule, s: Speaker) -> list[str]:
    """One sentence each."""
    return [s.t(fact.kind, country=s.here)]
