"""Numbers: who writes, about what, in which language and on which route; fees against caps; how soon calls are taken.

Numbers so small that they could tell of one woman are hidden for everybody (`bot.reporting`), in tables, pictures and print.
"""

from __future__ import annotations

import asyncio
import re

from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import EVERYBODY
from bot.desk.words import N_
from bot.reporting import tables as monthly
from bot.reporting import traffic
from bot.reporting.suppression import LEAST
from bot.reporting.tables import Table, picture
from bot.store.models import now

NUMBERS = "/desk/numbers"
MONTHS = 24
"""Months back that can be chosen."""

TITLES = {
    "women": N_("Women who wrote, by day and channel"),
    "topic": N_("Women who asked, by route and topic"),
    "language": N_("Women who asked, by route and language"),
    "fee": N_("Women who were asked for a fee, by route and compared with the cap"),
    "unanswered": N_("Women whom the bot understood always, and not always, by language"),
    "kind": N_("Calls for help, by route and kind"),
    "outcome": N_("Calls for help, by route and how far they have come"),
}
DRAWING = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""For a picture: its own styles and nothing else, also when it is opened by itself."""


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    return [
        Page(NUMBERS, show, EVERYBODY, label=N_("Numbers")),
        Page(f"{NUMBERS}/{{table}}.svg", draw, EVERYBODY),
    ]


async def show(visit: Visit) -> Response:
    """Filter: `month`, 2026-11; by default the present one."""
    month = _month(visit)
    found = await _tables(visit, month)
    async with visit.desk.database.read() as session:
        times = await traffic.times(session, month)
    return visit.page(
        "numbers.html",
        month=month,
        months=_months(),
        tables=found,
        titles={name: visit.say(text) for name, text in TITLES.items()},
        times=times,
        points=traffic.POINTS,
        least=LEAST,
    )


async def draw(visit: Visit) -> Response:
    """One table as a picture."""
    month, name = _month(visit), visit.request.path_params["table"]
    table = next((table for table in await _tables(visit, month) if table.name == name), None)
    if table is None:
        return visit.missing()
    drawn = await asyncio.to_thread(picture, table, visit.say(TITLES[name]))
    return Response(drawn, media_type="image/svg+xml", headers=DRAWING)


async def _tables(visit: Visit, month: str) -> list[Table]:
    async with visit.desk.database.read() as session:
        found = [*await traffic.tables(session, month), *await monthly.tables(session, month)]
    order = list(TITLES)
    return sorted(found, key=lambda table: order.index(table.name))


def _month(visit: Visit) -> str:
    month = visit.request.query_params.get("month", "")
    return month if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month) else f"{now():%Y-%m}"


def _months() -> list[str]:
    year, month = now().year, now().month
    numbers = [year * 12 + month - 1 - back for back in range(MONTHS)]
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]
