"""The audit log for coordinators: what was done at their partner's desk, the newest first."""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import Response

from bot.desk.audit import DONE
from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import LEADING, OPERATOR
from bot.desk.words import N_
from bot.store.desk_tables import AuditRow

AUDIT = "/desk/audit"
ROWS = 100
"""On one page."""


def pages(desk: Desk) -> list[Page]:
    """The page."""
    return [Page(AUDIT, show, LEADING, label=N_("Audit log"))]


async def show(visit: Visit) -> Response:
    """Filters: `about` (a case's number or a name), `before` (the number of a row, for the next page)."""
    asked = visit.request.query_params
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(ROWS + 1)
    if visit.staff.role != OPERATOR:
        wanted = wanted.where(AuditRow.partner_id == visit.staff.partner_id)
    about = asked.get("about", "").strip()[:120]
    if about:
        wanted = wanted.where((AuditRow.about == about) | (AuditRow.actor == about))
    before = asked.get("before", "")
    if before.isascii() and before.isdecimal():
        wanted = wanted.where(AuditRow.id < min(int(before), 2**53))
    async with visit.desk.database.read() as session:
        rows = list((await session.execute(wanted)).scalars())
    further = rows[ROWS - 1].id if len(rows) > ROWS else None
    done = {what: visit.say(text) for what, text in DONE.items()}
    return visit.page("audit.html", rows=rows[:ROWS], done=done, about=about, further=further)
