"""The first operator's link: there is no default password, so the first account is made with a link from the log."""

from __future__ import annotations

import structlog

from bot.desk.desk import Desk
from bot.desk.staff import has_operator

log = structlog.get_logger(__name__)


async def tell_first_operator(desk: Desk) -> None:
    """Log the link if there is no operator yet. It works until somebody has used it, for three days at most."""
    async with desk.database.read() as session:
        if await has_operator(session):
            return
    link = desk.link(f"/desk/invitation/{desk.invitations.first()}")
    log.warning("the desk has no operator yet: open this link to make the first account; it works once", link=link)
