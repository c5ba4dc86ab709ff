"""The page behind an invitation: choose a name and a password; the second factor comes next."""

from __future__ import annotations

from starlette.responses import Response

from bot.desk import audit
from bot.desk.desk import Desk, Page, Visit
from bot.desk.passwords import hashed, weakness
from bot.desk.sessions import end_all
from bot.desk.signing_in import begin
from bot.desk.staff import ROLES, by_email, join, name_is_free
from bot.store.desk_tables import Invitation

PATH = "/desk/invitation/{token}"


def pages(desk: Desk) -> list[Page]:
    """The pages; open to whoever has a link."""
    return [Page(PATH, show, None), Page(PATH, accept, None, methods=("POST",))]


async def show(visit: Visit) -> Response:
    async with visit.desk.database.read() as session:
        invitation = await visit.desk.invitations.find(session, visit.request.path_params["token"])
        if invitation is None:
            return _over(visit)
        return await _form(visit, invitation)


async def accept(visit: Visit) -> Response:
    desk = visit.desk
    async with desk.database.read() as session:
        invitation = await desk.invitations.find(session, visit.request.path_params["token"])
        if invitation is None:
            return _over(visit)
        email = desk.vault.open(invitation.email_sealed) if invitation.email_sealed else visit.field("email", 254)
        known = await by_email(session, desk.vault, email)
        name = known.name if known else visit.field("name", 60)
        problem = ""
        if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or any(c.isspace() for c in email):
            problem = visit.say("This is not an e-mail address.")
        elif not name or not name.isprintable():
            problem = visit.say("Write the name that colleagues know you by.")
        elif known is None and not await name_is_free(session, invitation.partner_id, name):
            problem = visit.say("A colleague has this name already; add something to it.")
        password = str(visit.form.get("password", ""))
        if not problem and (weak := weakness(password, name, email)):
            problem = visit.say(weak)
        if problem:
            return await _form(visit, invitation, problem)
    kept = await hashed(password)
    async with desk.database.write() as session:
        if not await desk.invitations.use(session, invitation):
            return _over(visit)
        staff = await join(session, desk.vault, invitation, email=email, name=name, password=kept)
        await end_all(session, staff.id)
        audit.note(session, staff.partner_id, staff.name, "joined", ROLES[staff.role])
    return await begin(visit, staff, "enrol")


async def _form(visit: Visit, invitation: Invitation, problem: str = "") -> Response:
    desk = visit.desk
    email = desk.vault.open(invitation.email_sealed) if invitation.email_sealed else ""
    async with desk.database.read() as session:
        known = await by_email(session, desk.vault, email) if email else None
    return visit.page(
        "invitation.html",
        status=400 if problem else 200,
        invitation=invitation,
        email=email,
        known=known,
        typed={"email": visit.field("email"), "name": visit.field("name")},
        role=visit.say(ROLES[invitation.role]),
        problem=problem,
    )


def _over(visit: Visit) -> Response:
    return visit.problem(visit.say("This link does not work any more. Ask whoever sent it for a new one."), 404)
