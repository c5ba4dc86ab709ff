"""Hours, rest, leave, room, food, phone."""

from __future__ import annotations

from bot.knowledge.kinds import AnnualLeave, DailyRest, ItemsFact, Overtime, SimpleRule, WeeklyRest, WorkingHours
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "hours": "In {country} you work at most {limit}.",
    "hours_live_in": "In {country}, living in, you work at most {limit}.",
    "hours_live_out": "Not living in: at most {limit}.",
    "hours_breaks_included": "Breaks are counted in these hours.",
    "rest_daily": "Rest each day: {time} in a row.",
    "rest_daily_total": "Rest each day: {total}, of these {time} in a row.",
    "rest_break": "Break: {time}.",
    "rest_break_after": "Break: {time} after {work} of work.",
    "rest_weekly_paid": "Each week you have {time} off in a row, paid.",
    "rest_weekly": "Each week you have {time} off in a row.",
    "rest_weekly_moved": "Your employer may move your day off only if you agree.",
    "overtime_limit": "Overtime: at most {time} a day.",
    "overtime_half_day": "Overtime is paid with half a day's pay.",
    "overtime_days": "Overtime is paid with {days} days' pay.",
    "leave_yearly": "Paid leave: {time} a year.",
    "leave_after": "Paid leave: {time} after {after}.",
    "hours_record": "Write down each day when you start and stop, and days off you did not get. It is proof.",
    "hours_ask": "Ask for your day off in writing; a message is enough.",
    "provides": "Your employer gives you: {items}.",
    "privacy": "You get a place to sleep where you have reasonable privacy.",
    "live_in_required": "In {country} you must live at the address in your contract.",
    "contact_family": "In {country} your employer must let you be in contact with your family.",
    "one_employer_only": "In {country} work only for the employer in your visa, and only in the home. Other work is an "
    "offence for both sides.",
    "forbidden_treatment": "In {country} nobody may {items}.",
    "sim_card": "On arrival you should get a SIM card with the helpline number.",
    "living_phone": "Learn two numbers by heart, in case your phone is taken.",
    "living_photo": "Photos of your room and food with a date are proof.",
}


@says("working_hours")
def working_hours(fact: WorkingHours, s: Speaker) -> list[str]:
    """Limits."""
    limits = []
    if fact.a_day is not None:
        limits.append(s.t("per_day", what=s.unit("hour", fact.a_day)))
    if fact.a_week is not None:
        limits.append(s.t("per_week", what=s.unit("hour", fact.a_week)))
    key = {None: "hours", True: "hours_live_in", False: "hours_live_out"}[fact.lives_in]
    lines = [s.t(key, country=s.here, limit=s.list(limits))]
    return [*lines, s.t("hours_breaks_included")] if fact.breaks_included else lines


@says("daily_rest")
def daily_rest(fact: DailyRest, s: Speaker) -> list[str]:
    """Nights and breaks."""
    if fact.total:
        lines = [s.t("rest_daily_total", total=s.span(fact.total), time=s.span(fact.in_a_row))]
    else:
        lines = [s.t("rest_daily", time=s.span(fact.in_a_row))]
    if fact.rest_break and fact.break_after:
        lines.append(s.t("rest_break_after", time=s.span(fact.rest_break), work=s.span(fact.break_after)))
    elif fact.rest_break:
        lines.append(s.t("rest_break", time=s.span(fact.rest_break)))
    return lines


@says("weekly_rest")
def weekly_rest(fact: WeeklyRest, s: Speaker) -> list[str]:
    """Days off."""
    lines = [s.t("rest_weekly_paid" if fact.paid else "rest_weekly", time=s.span(fact.off))]
    return [*lines, s.t("rest_weekly_moved")] if fact.moved_only_if_she_agrees else lines


@says("overtime")
def overtime(fact: Overtime, s: Speaker) -> list[str]:
    """Beyond the hours."""
    lines = [s.t("overtime_limit", time=s.span(fact.at_most_a_day))] if fact.at_most_a_day else []
    if fact.pay_days is not None:
        half = fact.pay_days * 2 == 1
        lines.append(s.t("overtime_half_day") if half else s.t("overtime_days", days=s.number(fact.pay_days)))
    return lines


@says("annual_leave")
def annual_leave(fact: AnnualLeave, s: Speaker) -> list[str]:
    """Paid leave."""
    if fact.after.unit == "year" and fact.after.number == 1:
        return [s.t("leave_yearly", time=s.span(fact.leave))]
    return [s.t("leave_after", time=s.span(fact.leave), after=s.span(fact.after))]


@says("employer_provides")
def employer_provides(fact: ItemsFact, s: Speaker) -> list[str]:
    """Besides pay."""
    return [s.t("provides", items=s.items(fact.items))]


@says("forbidden_treatment")
def forbidden_treatment(fact: ItemsFact, s: Speaker) -> list[str]:
    """What nobody may do."""
    return [s.t("forbidden_treatment", country=s.here, items=s.items(fact.items, either=True))]


@says("privacy", "live_in_required", "contact_family", "one_employer_only", "sim_card")
def simple(fact: SimpleRule, s: Speaker) -> list[str]:
    """One sentence each."""
    return [s.t(fact.kind, country=s.here)]
