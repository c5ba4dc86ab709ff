"""What conventions say, in plain words. A fact of kind convention_rule names a sentence by its key without `rule_`."""

from __future__ import annotations

from bot.knowledge.kinds import ConventionRule, Ratification
from bot.knowledge.speaking import Speaker, says

SENTENCES: dict[str, str | tuple[str, str]] = {
    "rule_no_fee": "An agency may not take money from a worker, not directly and not in other ways.",
    "rule_no_fee_deduction": "Agency fees may not come off your pay.",
    "rule_agencies_controlled": "States must control agencies, look into complaints and punish abuse.",
    "rule_told_terms": "You must be told your terms clearly, best in a written contract: pay, hours, leave, tasks, "
    "food and room.",
    "rule_contract_before_border": "You must get a written job offer or contract before you cross the border.",
    "rule_minimum_wage": "Where there is a minimum wage, it is for domestic workers too.",
    "rule_paid_monthly": "Pay goes to you yourself, regularly, at least once a month.",
    "rule_rest_24_hours": "You have at least 24 hours off in a row every week.",
    "rule_equal_hours": "Hours, overtime and leave are to be as for other workers.",
    "rule_keep_papers": "Your passport and papers stay with you.",
    "rule_no_confiscation": "Nobody but an official with the right to do so may take your papers, and then only with a "
    "receipt.",
    "rule_free_in_rest": "In your rest time you need not stay in the house.",
    "rule_lowest_age": "The lowest age for domestic work may not be lower than for other workers.",
    "rule_put_into_law": "States put these rules into laws or agreements, after asking workers' and employers' groups.",
    "rule_better_stays": "Rules that are better for you stay as they are.",
    "rule_human_rights": "States must protect the rights of domestic workers.",
    "rule_no_abuse": "You must be protected from every kind of abuse, harassment and violence.",
    "rule_decent_room": "If you live in: decent conditions that respect your privacy.",
    "rule_safe_work": "You have a right to safe and healthy work.",
    "rule_maternity": "Social insurance and protection in pregnancy are to be no worse than for other workers.",
    "rule_urgent_care": "Urgent medical care may not be refused to you because of your papers.",
    "rule_court_access": "You must be able to go to a court or complaint office like other workers, alone or with somebody.",
    "rule_complaint_ways": "There must be a way to complain that works for domestic workers.",
    "rule_consulate": "You may turn to your embassy or consulate at any time.",
    "rule_no_prison_for_contract": "Nobody may be put in prison only for not fulfilling a contract.",
    "rule_protected_from_violence": "The state must protect you from violence and threats, whoever does it.",
    "rule_no_mass_expulsion": "Nobody may be expelled as one of a group; each case is decided by itself.",
    "rule_complaints_safe": "Ways to complain about violence at work must be easy to reach, safe and fair.",
    "rule_equal_pay_rights": "Work without valid papers does not take away your pay and rest; the employer still has "
    "the duties.",
    "rule_expulsion_keeps_pay": "Being sent home does not take away pay that you have earned.",
    "rule_information": "You have a right to be told, for free, about your rights and the rules of stay.",
    "rule_stay_when_fleeing": "A woman who gets away from an abusive employer should be able to stay legally.",
    "rule_home_violence_is_work": "Violence in the house where you work is violence at work.",
    "rule_remittance_cheaper": "States are asked to make sending money cheaper and safer for women.",
    "rule_return_home": "The rules must say when you have a right to be brought home.",
    "cite_rule": "{text} ({law})",
    "world_rules": "Rules between states; a state is bound only if it has joined:",
    "c189_approved": "{country}: parliament approved the convention on domestic workers (C189) on {date}. Whether it is "
    "bound I have not checked.",
    "c189_unknown": "Whether {country} is bound by the convention on domestic workers (C189) I do not know.",
    "c189_yes": "{country} is bound by the convention on domestic workers (C189) since {date}.",
    "c189_no": "{country} was not bound by the convention on domestic workers (C189) in the list of {date}.",
}


@says("convention_rule")
def convention_rule(fact: ConventionRule, s: Speaker) -> list[str]:
    """One rule of a convention."""
    return [s.t("rule_" + fact.rule)]


@says("ratification")
def ratification(fact: Ratification, s: Speaker) -> list[str]:
    """Bound or not."""
    name = s.country(fact.country)
    if fact.ratified:
        return [s.t("c189_yes", country=name, date=s.date(fact.in_force or fact.on or fact.as_of))]
    if fact.approved:
        return [s.t("c189_approved", country=name, date=s.date(fact.approved))]
    return [s.t("c189_no", country=name, date=s.date(fact.as_of))]
