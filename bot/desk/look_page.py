"""What she reads, in the desk: the preview of any question, route, language and channel, with the facts behind it."""

from __future__ import annotations

from starlette.responses import Response

from bot.desk.content_page import CONTENT
from bot.desk.desk import Desk, Page, Visit
from bot.desk.preview_page import shown
from bot.desk.staff import EDITING

PREVIEW = f"{CONTENT}/preview"


def pages(desk: Desk) -> list[Page]:
    """The page."""
    return [Page(PREVIEW, show, EDITING)]


async def show(visit: Visit) -> Response:
    """The same as `kasama content preview` says."""
    return visit.page("look.html", **shown(visit.desk.knowledge, visit.request.query_params, visit.tongue.tag))
