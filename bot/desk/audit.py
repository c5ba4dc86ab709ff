"""The audit log: who did what at the desk, and when. Cases are named by number; no word of a case stands here."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.words import N_
from bot.store.desk_tables import AuditRow

DONE = {
    "signed_in": N_("signed in"),
    "signed_out": N_("signed out"),
    "signed_out_everywhere": N_("signed out everywhere"),
    "sign_in_failed": N_("sign-in failed"),
    "recovery_code": N_("used a recovery code"),
    "new_codes": N_("made new recovery codes"),
    "new_password": N_("chose a new password"),
    "joined": N_("made an account"),
    "invited": N_("invited"),
    "stopped": N_("closed the account of"),
    "started": N_("opened the account again of"),
    "looked": N_("looked at case"),
    "took": N_("took case"),
    "replied": N_("wrote to her in case"),
    "noted": N_("wrote a note in case"),
    "handed_over": N_("handed over case"),
    "passed_on": N_("asked to pass on case"),
    "bot": N_("gave back to the bot case"),
    "closed": N_("closed case"),
    "changed": N_("changed"),
    "confirmed": N_("confirmed"),
    "labelled": N_("labelled messages that were not understood:"),
    "opened_attachment": N_("opened an attachment of case"),
}
"""What can stand in `AuditRow.what`, and how it is shown."""


def note(session: AsyncSession, partner_id: str, actor: str, what: str, about: str = "") -> None:
    """Add a line, in the caller's transaction. what: a key of `DONE`; about: a case's number, a colleague's name, a file."""
    assert what in DONE, what
    session.add(AuditRow(partner_id=partner_id, actor=actor[:120], what=what, about=about[:120]))
