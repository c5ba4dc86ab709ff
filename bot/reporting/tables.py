"""The tables of a month, ready to be published: small numbers hidden, written as CSV and drawn as SVG."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pygal
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.telling import DRILL
from bot.reporting.suppression import LEAST, Cell, hidden, with_totals
from bot.store.models import Case, Figure

TITLES = {
    "topic": "Women who asked, by route and topic",
    "language": "Women who asked, by route and language",
    "fee": "Women who were asked for a fee, by route and compared with the cap",
    "kind": "Calls for help, by route and kind",
    "outcome": "Calls for help, by route and how far they have come",
}
"""What each table is of, by its name."""

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a month. rows: routes, `PHL-HKG`, `?` for what is not known; grid: with totals as last row and column."""

    name: str
    month: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    grid: list[list[int]]
    hidden: frozenset[Cell]

    def shown(self, row: int, column: int) -> int | None:
        """A number; None where it is hidden."""
        return None if (row, column) in self.hidden else self.grid[row][column]


async def tables(session: AsyncSession, month: str) -> list[Table]:
    """All tables of a month, `2026-11`, that have something in them."""
    counts: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in TITLES}
    for figure in (await session.execute(select(Figure).where(Figure.month == month))).scalars():
        counts[figure.what][_route(figure.origin, figure.destination), figure.value] += figure.women
    start, end = span(month)
    opened = select(Case).where(Case.opened_at >= start, Case.opened_at < end, Case.kind.not_in(("request", DRILL)))
    for case in (await session.execute(opened)).scalars():
        route = _route(case.origin, case.destination)
        counts["kind"][route, case.kind] += 1
        counts["outcome"][route, case.state] += 1
    return [table(name, month, found) for name, found in counts.items() if found]


def table(name: str, month: str, counts: Counter[tuple[str, str]]) -> Table:
    """A table from counts by (row, column), with what has to be hidden."""
    rows = tuple(sorted({row for row, _ in counts}))
    columns = tuple(sorted({column for _, column in counts}))
    grid = with_totals([[counts[row, column] for column in columns] for row in rows])
    return Table(name, month, (*rows, TOTAL), (*columns, TOTAL), grid, frozenset(hidden(grid)))


def write_csv(found: list[Table], path: Path) -> None:
    """All tables in one file, a line per number; `count` is empty where it is hidden."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["month", "table", "route", "value", "count"])
        for t in found:
            for i, row in enumerate(t.rows):
                for j, column in enumerate(t.columns):
                    shown = t.shown(i, j)
                    lines.writerow([t.month, t.name, row, column, "" if shown is None else shown])


def draw(t: Table, path: Path) -> None:
    """One table as a picture in a file."""
    path.write_text(picture(t), encoding="utf-8")


def picture(t: Table, title: str | None = None) -> str:
    """One table as stacked bars, an SVG: a bar per row; what is hidden is not drawn, and the picture says how much that is."""
    note = f"; {len(t.hidden)} numbers hidden so that none below {LEAST} can be told" if t.hidden else ""
    chart = pygal.StackedBar(
        title=f"{title or TITLES[t.name]}, {t.month}{note}",
        x_label_rotation=30,
        legend_at_bottom=True,
        disable_xml_declaration=True,
        js=[],
        no_prefix=True,
        order_min=0,
    )
    chart.x_labels = t.rows[:-1]
    for j, column in enumerate(t.columns[:-1]):
        chart.add(column, [t.shown(i, j) for i in range(len(t.rows) - 1)])
    # A picture needs no program and asks no other server.
    return re.sub(r"<script.*?</script>|<!--.*?-->", "", chart.render(is_unicode=True), flags=re.DOTALL)


def _route(origin: str | None, destination: str | None) -> str:
    return f"{origin or '?'}-{destination or '?'}"


def span(month: str) -> tuple[datetime, datetime]:
    """First moment of a month, and of the next."""
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)
    return start, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
