"""How cases are spoken of at the desk: states, urgency, outcomes, and why something was refused, in her language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cases import CaseRefused
from bot.desk.words import N_
from bot.store.models import Case, Person

if TYPE_CHECKING:
    from bot.desk.desk import Visit

STATES = {
    "open": N_("new"),
    "notified": N_("partner told"),
    "acknowledged": N_("taken"),
    "in_contact": N_("in contact"),
    "closed": N_("closed"),
}
FILTERS = {
    "": N_("all open"),
    "waiting": N_("nobody has taken it"),
    "mine": N_("mine"),
    **STATES,
    "all": N_("all, closed too"),
}
SEVERITIES = {
    "critical": N_("critical"),
    "urgent": N_("urgent"),
    "request": N_("request"),
}
CONSENT = {
    "told": N_("She knows that a person reads this."),
    "asked": N_("She was asked and wants contact."),
    "granted": N_("She wants contact."),
    "declined": N_("She does not want to be contacted. Do not write to her or call her."),
}
OUTCOMES = {
    "safe": N_("she is safe"),
    "left": N_("she has left the employer"),
    "home": N_("she has gone home"),
    "claim": N_("a complaint or claim is under way"),
    "referred": N_("with another organisation"),
    "answered": N_("her question is answered"),
    "silent": N_("she no longer answers"),
    "mistake": N_("no call for help"),
}
"""What a case can be closed with; the English words are kept, so that figures do not depend on who closed it."""

KINDS = (
    "violence", "sexual", "confined", "trafficking", "selfharm", "medical", "threat", "help", "request",
)  # fmt: skip
"""As a case has them; their names are phrases `kind_...` of the catalogs for women."""


class NotSo(CaseRefused):
    """A refusal of the desk's own; the text is a finished sentence in her language."""


def why_refused(visit: Visit, case: Case, person: Person, refused: CaseRefused) -> str:
    """The reason in her language; that of the desk's verbs where it is another one."""
    if isinstance(refused, NotSo):
        return str(refused)
    me = str(visit.actor)
    if case.state == "closed":
        return visit.say("This case is closed.")
    if case.taken_by and case.taken_by != me and case.taken_partner != visit.staff.partner_id:
        return visit.say("{who} has taken this case before you.", who=case.taken_by)
    if case.consent == "declined":
        return visit.say("She does not want to be contacted. Do not write to her or call her.")
    if not person.address_sealed:
        return visit.say("She has had her number deleted; nothing can be sent to her.")
    if case.taken_by and case.taken_by != me:
        return visit.say("{who} has taken this case before you.", who=case.taken_by)
    return str(refused)
