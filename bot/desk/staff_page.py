"""Colleagues: who has an account, inviting somebody, closing an account. A coordinator sees her own partner's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.sessions import end_all
from bot.desk.staff import LEADING, OPERATOR, ROLES, by_email, colleagues
from bot.desk.words import N_
from bot.store.desk_tables import Invitation, Staff
from bot.store.models import now

STAFF = "/desk/staff"


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    return [
        Page(STAFF, show, LEADING, label=N_("Colleagues")),
        Page(f"{STAFF}/invite", invite, LEADING, methods=("POST",)),
        Page(f"{STAFF}/{{number:int}}/account", switch, LEADING, methods=("POST",)),
    ]


async def show(visit: Visit, problem: str = "", link: str = "", invited: str = "") -> Response:
    desk = visit.desk
    async with desk.database.read() as session:
        people = await colleagues(session, _whose(visit))
        wanted = select(Invitation).where(Invitation.used_at.is_(None), Invitation.ends_at > now())
        if (partner := _whose(visit)) is not None:
            wanted = wanted.where(Invitation.partner_id == partner)
        waiting = list((await session.execute(wanted.order_by(Invitation.at))).scalars())
    return visit.page(
        "staff.html",
        status=400 if problem else 200,
        people=[(one, desk.vault.open(one.email_sealed)) for one in people],
        waiting=[(one, desk.vault.open(one.email_sealed)) for one in waiting],
        roles=[(role, visit.say(ROLES[role])) for role in _may_give(visit)],
        role_names={role: visit.say(name) for role, name in ROLES.items()},
        partners=_partners(visit),
        problem=problem,
        link=link,
        invited=invited,
    )


async def invite(visit: Visit) -> Response:
    """A link for a colleague, shown once; for one who has an account it leads to a new password and second factor."""
    desk = visit.desk
    email, role = visit.field("email", 254), visit.field("role", 12)
    partner = visit.field("partner", 40) if _whose(visit) is None else visit.staff.partner_id
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or any(c.isspace() for c in email):
        return await show(visit, visit.say("This is not an e-mail address."))
    if role not in _may_give(visit) or partner not in dict(_partners(visit)) or (role == OPERATOR != partner):
        return await show(visit, visit.say("This role cannot be given here."))
    async with desk.database.write() as session:
        known = await by_email(session, desk.vault, email)
        if known is not None and not _may_change(visit, known):
            return await show(
                visit, visit.say("Somebody with this address works at another partner or has a higher role.")
            )
        token = await desk.invitations.make(session, email, role, partner, visit.staff.name)
        visit.note(session, "invited", visit.say(ROLES[role]) if known is None else known.name)
    return await show(visit, link=desk.link(f"/desk/invitation/{token}"), invited=email)


async def switch(visit: Visit) -> Response:
    """Close an account, at once and everywhere, or open it again."""
    async with visit.desk.database.write() as session:
        staff = await _find(session, visit)
        if staff is None:
            return visit.missing()
        if staff.id == visit.staff.id:
            return visit.problem(visit.say("You cannot close your own account; a colleague can."), 409)
        staff.active = visit.field("active") == "yes"
        await end_all(session, staff.id)
        visit.note(session, "started" if staff.active else "stopped", staff.name)
    return visit.go(STAFF)


async def _find(session: AsyncSession, visit: Visit) -> Staff | None:
    staff = await session.get(Staff, visit.request.path_params["number"])
    return staff if staff is not None and _may_change(visit, staff) else None


def _whose(visit: Visit) -> str | None:
    """The partner whose colleagues she sees; None: all."""
    return None if visit.staff.role == OPERATOR else str(visit.staff.partner_id)


def _may_give(visit: Visit) -> list[str]:
    return [role for role in ROLES if role != OPERATOR or visit.staff.role == OPERATOR]


def _may_change(visit: Visit, staff: Staff) -> bool:
    if visit.staff.role == OPERATOR:
        return True
    return staff.partner_id == visit.staff.partner_id and staff.role != OPERATOR


def _partners(visit: Visit) -> list[tuple[str, str]]:
    partners = visit.desk.knowledge.snapshot.content.partners
    every = [(code, partners[code].named(visit.tongue.tag)) for code in sorted(partners)]
    return every if _whose(visit) is None else [pair for pair in every if pair[0] == visit.staff.partner_id]
