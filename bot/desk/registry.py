"""All pages of the desk, in the order of the navigation. A new page: one module with `pages(desk)`, and a line here."""

from __future__ import annotations

from collections.abc import Callable

from bot.desk import (
    account_page,
    audit_page,
    case_page,
    case_work,
    cases_page,
    content_page,
    entry_page,
    events,
    joining,
    look_page,
    numbers_page,
    oidc,
    sentences_page,
    signing_in,
    staff_page,
    trying_page,
    unanswered_page,
)
from bot.desk.desk import Desk, Page

ALL: tuple[Callable[[Desk], list[Page]], ...] = (
    cases_page.pages,
    case_page.pages,
    case_work.pages,
    events.pages,
    content_page.pages,
    entry_page.pages,
    sentences_page.pages,
    look_page.pages,
    unanswered_page.pages,
    trying_page.pages,
    numbers_page.pages,
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
