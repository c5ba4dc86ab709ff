"""All pages of the desk, in the order of the navigation. A new page: one module with `pages(desk)`, and a line here."""

from __future__ import annotations

from collections.abc import Callable

from bot.desk import (
    account_page,
    audit_page,
    case_page,
    case_work,
    cases_page,
    events,
    joining,
    oidc,
    signing_in,
    staff_page,
)
from bot.desk.desk import Desk, Page

ALL: tuple[Callable[[Desk], list[Page]], ...] = (
    cases_page.pages,
    case_page.pages,
    case_work.pages,
    events.pages,
    staff_page.pages,
    audit_page.pages,
    signing_in.pages,
    joining.pages,
    account_page.pages,
    oidc.pages,
)


def furnish(desk: Desk) -> Desk:
    """Add all pages."""
    for pages in ALL:
        desk.add(*pages(desk))
    return desk
