"""Leaving, changing employer, status, complaints, health."""

from __future__ import annotations

from decimal import Decimal

from bot.knowledge.kinds import (
    ChangeEmployer,
    ComplaintBody,
    ComplaintDeadline,
    Maternity,
    MedicalCare,
    SickLeave,
    SimpleRule,
    StayAfterEnd,
    TerminationNotice,
    TicketHome,
)  # fmt: skip
from bot.knowledge.speaking import Speaker, says
from bot.knowledge.values import Span

SENTENCES: dict[str, str | tuple[str, str]] = {
    "notice": "In {country} you can end the contract with {time} notice.",
    "notice_writing": "In {country} you can end the contract with {time} notice in writing.",
    "notice_or_pay": "Instead of notice you can pay {time} of pay.",
    "change_yes": "In {country} you may change employer.",
    "change_if_she_agrees": "In {country} you can be moved to another employer only if you agree.",
    "change_for_reasons": "In {country} you can change employer without the old one's consent, for example if {items}. "
    "The authority decides.",
    "change_no": "In {country} you cannot change employer without the old one.",
    "change_through": "Changing employer goes through {platform}.",
    "mobility_reform_excludes": "The easier rules for changing jobs in {country} left domestic workers out.",
    "ticket_employer": "Your employer pays the ticket home.",
    "ticket_agency": "The agency pays the ticket home.",
    "ticket_employer_every": "Your employer pays a ticket home and back every {time}.",
    "ticket_agency_every": "The agency pays a ticket home and back every {time}.",
    "stay_after_end": "When the contract ends you may stay {time}.",
    "stay_no_work": "After the contract has ended you may not work.",
    "no_absconding_report_after_complaint": "In {country} the employer may not report you as run away after you have "
    "complained and are registered in the shelter.",
    "sponsor_exit": "In {country} you cannot leave or enter the country without your sponsor's consent (kafala).",
    "victim_permit": "In {country} there is a stay permit for women who get away from violence or control.",
    "shelter_state": "In {country} the state has a shelter for women workers who left their employer.",
    "leaving_plan": "Before you go: papers or photos of them, phone, some money, a place to sleep, and tell one person "
    "you trust.",
    "leaving_ask_first": "Leaving without notice can cost pay or visa. Ask before you go, unless you are in danger.",
    "status_first_ask": "Talk first to an NGO or your embassy, not the police. You decide the next step.",
    "status_no_blame": "Many women get into this without doing wrong.",
    "complaint_body": "In {country} complaints go to: {body}.",
    "complaint_body_first": "In {country} complaints go first to: {body}, before any court.",
    "complaint_body_agency": "Complaints about an agency: {body}.",
    "complaint_body_web": "{body} on the internet: {web}.",
    "complaint_deadline_work": "Do it within {time}.",
    "complaint_deadline_agency": "About an agency it must be dealt with within {time}, so go early.",
    "complaint_proof": "Bring what you have: contract, payslips, chats, photos, notes of hours. If papers are missing, "
    "go all the same.",
    "complaint_choice": "You decide whether to complain. You can ask for advice first, without giving your name.",
    "complaint_no_dismissal": "In {country} nobody may dismiss you because you gave evidence to the authorities.",
    "sick_leave": "Ill: up to {time} off in a year.",
    "sick_leave_report": "Ill: up to {time} off in a year with a doctor's paper.",
    "maternity_no_dismissal": "In {country} you may not be dismissed because you are pregnant.",
    "maternity_paid": "Paid leave for the birth: {percent} of pay.",
    "maternity_paid_after": "Paid leave for the birth after {time} of work: {percent} of pay.",
    "medical_employer": "Your employer pays the doctor.",
    "medical_agency_and_employer": "Agency and employer pay for illness that comes from the work.",
    "medical_social_security": "The social insurance pays the doctor.",
    "medical_check_up": "You have a medical check-up every {time}.",
    "medical_check_up_yearly": "You have a medical check-up every year.",
    "health_go": "Very ill or bleeding: go to the nearest hospital or call {numbers}. You need not ask anybody first.",
    "health_keep": "Keep each doctor's paper. Your body and your test results are your own business.",
}


@says("termination_notice")
def termination_notice(fact: TerminationNotice, s: Speaker) -> list[str]:
    """How to end it."""
    lines = [s.t("notice_writing" if fact.in_writing else "notice", country=s.here, time=s.span(fact.notice))]
    return [*lines, s.t("notice_or_pay", time=s.span(fact.notice))] if fact.or_pay else lines


@says("change_employer")
def change_employer(fact: ChangeEmployer, s: Speaker) -> list[str]:
    """Another employer."""
    lines = [s.t(f"change_{fact.allowed}", country=s.here, items=s.items(fact.reasons, either=True))]
    return [*lines, s.t("change_through", platform=fact.through)] if fact.through else lines


@says("ticket_home")
def ticket_home(fact: TicketHome, s: Speaker) -> list[str]:
    """Who pays the way."""
    if fact.every:
        return [s.t(f"ticket_{fact.payer}_every", time=s.span(fact.every))]
    return [s.t(f"ticket_{fact.payer}")]


@says("stay_after_end")
def stay_after_end(fact: StayAfterEnd, s: Speaker) -> list[str]:
    """After the contract."""
    lines = [s.t("stay_after_end", time=s.span(fact.stay))]
    return [*lines, s.t("stay_no_work")] if fact.may_work is False else lines


@says("complaint_body")
def complaint_body(fact: ComplaintBody, s: Speaker) -> list[str]:
    """Where."""
    if fact.about == "agency":
        lines = [s.t("complaint_body_agency", body=fact.body)]
    else:
        lines = [s.t("complaint_body_first" if fact.before_court else "complaint_body", country=s.here, body=fact.body)]
    return [*lines, s.t("complaint_body_web", body=fact.body, web=fact.web)] if fact.web else lines


@says("complaint_deadline")
def complaint_deadline(fact: ComplaintDeadline, s: Speaker) -> list[str]:
    """By when."""
    return [s.t(f"complaint_deadline_{fact.about}", time=s.span(fact.within))]


@says("sick_leave")
def sick_leave(fact: SickLeave, s: Speaker) -> list[str]:
    """Days off when ill."""
    return [s.t("sick_leave_report" if fact.with_report else "sick_leave", time=s.span(fact.up_to))]


@says("maternity")
def maternity(fact: Maternity, s: Speaker) -> list[str]:
    """Pregnancy."""
    lines = [s.t("maternity_no_dismissal", country=s.here)] if fact.no_dismissal else []
    if fact.fine:
        lines.append(s.t("penalty_dismissal", penalties=s.t("penalty_fine", amount=s.money(fact.fine))))
    if fact.paid_percent is not None and fact.after:
        lines.append(s.t("maternity_paid_after", percent=s.percent(fact.paid_percent), time=s.span(fact.after)))
    elif fact.paid_percent is not None:
        lines.append(s.t("maternity_paid", percent=s.percent(fact.paid_percent)))
    return lines


@says("medical_care")
def medical_care(fact: MedicalCare, s: Speaker) -> list[str]:
    """Who pays."""
    lines = [s.t(f"medical_{fact.payer}")]
    if fact.check_up_every and fact.check_up_every == Span(years=Decimal(1)):
        return [*lines, s.t("medical_check_up_yearly")]
    return [*lines, s.t("medical_check_up", time=s.span(fact.check_up_every))] if fact.check_up_every else lines


@says(
    "mobility_reform_excludes",
    "no_absconding_report_after_complaint",
    "victim_permit",
    "shelter_state",
    "complaint_no_dismissal",
    "sponsor_exit",
)
def simple(fact: SimpleRule, s: Speaker) -> list[str]:
    """One sentence each."""
    return [s.t(fact.kind, country=s.here)]
