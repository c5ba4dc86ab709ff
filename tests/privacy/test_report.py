"""Nothing that is hidden in a report can be computed from what is shown."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.reporting.suppression import LEAST, hidden, with_totals
from bot.reporting.tables import draw, table, write_csv
from bot.store.models import now
from tests.privacy.test_erasure import say
from tests.privacy.worlds import make_world

Counts = list[list[int]]

SMALL = st.one_of(st.just(0), st.integers(1, 7), st.integers(0, 200))


@st.composite
def counts(draw_: st.DrawFn) -> Counts:
    rows, columns = draw_(st.integers(1, 6)), draw_(st.integers(1, 6))
    return [[draw_(SMALL) for _ in range(columns)] for _ in range(rows)]


def computable(grid: Counts, unknown: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The hidden cells that the equations of the margins determine: an independent solver, exact, by elimination.

    Every row and every column adds up to its total; a cell is determined if its unit vector lies in the space of the equations.
    """
    order = sorted(unknown)
    equations = []
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    for i in range(len(grid)):
        equations.append(
            [Fraction((-1 if j == last_column else 1) if (k, j) in unknown and k == i else 0) for k, j in order]
        )
    for j in range(len(grid[0])):
        equations.append(
            [Fraction((-1 if i == last_row else 1) if (i, k) in unknown and k == j else 0) for i, k in order]
        )
    pivots: list[int] = []
    row = 0
    for column in range(len(order)):
        found = next((r for r in range(row, len(equations)) if equations[r][column]), None)
        if found is None:
            continue
        equations[row], equations[found] = equations[found], equations[row]
        pivot = equations[row][column]
        equations[row] = [x / pivot for x in equations[row]]
        for r in range(len(equations)):
            if r != row and equations[r][column]:
                factor = equations[r][column]
                equations[r] = [x - factor * y for x, y in zip(equations[r], equations[row], strict=True)]
        pivots.append(column)
        row += 1
    return {order[c] for r, c in enumerate(pivots) if not any(x for k, x in enumerate(equations[r]) if k != c)}


def test_the_solver_finds_what_is_left_open() -> None:
    grid = with_totals([[3, 50], [20, 60]])
    assert computable(grid, {(0, 0)}) == {(0, 0)}
    assert computable(grid, {(0, 0), (0, 1), (1, 0)}) == {(0, 0), (0, 1), (1, 0)}
    assert computable(grid, {(0, 0), (0, 1), (1, 0), (1, 1)}) == set()


@settings(max_examples=400, deadline=None)
@given(counts())
def test_no_hidden_number_can_be_computed(found: Counts) -> None:
    grid = with_totals(found)
    cells = hidden(grid)
    small = {(i, j) for i, row in enumerate(grid) for j, n in enumerate(row) if 0 < n < LEAST}
    assert small <= cells
    assert computable(grid, cells) == set()
    assert all(grid[i][j] for i, j in cells), "zeros stay"
    if not small:
        assert not cells


@settings(max_examples=200, deadline=None)
@given(counts())
def test_each_hidden_number_could_be_one_more_or_one_less(found: Counts) -> None:
    """Another table of counts, none negative, with the same numbers shown, in which it differs: along a cycle, by 1."""
    grid = with_totals(found)
    cells = hidden(grid)
    for cell in cells:
        way = cycle(cells, cell)
        for sign in (1, -1):
            other = {c: grid[c[0]][c[1]] + (sign if n % 2 == 0 else -sign) * _side(grid, c) for n, c in enumerate(way)}
            assert min(other.values()) >= 0
            changed = [[other.get((i, j), n) for j, n in enumerate(row)] for i, row in enumerate(grid)]
            assert changed == with_totals([row[:-1] for row in changed[:-1]])
            assert changed[cell[0]][cell[1]] != grid[cell[0]][cell[1]]


def _side(grid: Counts, cell: tuple[int, int]) -> int:
    """Totals stand on the other side of their equations."""
    row, column = cell[0] == len(grid) - 1, cell[1] == len(grid[0]) - 1
    return -1 if row != column else 1


def cycle(cells: set[tuple[int, int]], cell: tuple[int, int]) -> list[tuple[int, int]]:
    """A way through hidden cells, turning at each, that comes back to the cell."""
    ways: dict[tuple[str, int], list[tuple[int, int]]] = {("row", cell[0]): [cell]}
    waiting = [("row", cell[0])]
    while waiting:
        node = waiting.pop(0)
        for edge in cells - {cell}:
            if edge[0 if node[0] == "row" else 1] != node[1]:
                continue
            other = ("column", edge[1]) if node[0] == "row" else ("row", edge[0])
            if other not in ways:
                ways[other] = [*ways[node], edge]
                waiting.append(other)
    assert ("column", cell[1]) in ways, f"{cell} can be computed"
    return ways["column", cell[1]]


def test_files_show_nothing_hidden(tmp_path: Path) -> None:
    found = table(
        "fee", "2026-11", Counter({("PHL-HKG", "forbidden"): 3, ("PHL-HKG", "within"): 40, ("NPL-KWT", "within"): 9})
    )
    write_csv([found], tmp_path / "figures.csv")
    draw(found, tmp_path / "fee.svg")
    lines = list(csv.DictReader((tmp_path / "figures.csv").open()))
    shown = {(line["route"], line["value"]): line["count"] for line in lines}
    assert shown[("PHL-HKG", "forbidden")] == "" == shown[("total", "forbidden")]
    assert (
        shown[("PHL-HKG", "within")] == "" and shown[("NPL-KWT", "within")] == "9" and shown[("total", "total")] == "52"
    )
    picture = (tmp_path / "fee.svg").read_text()
    assert "<svg" in picture and ">9</desc>" in picture and ">3</desc>" not in picture and ">40<" not in picture
    assert (
        "hidden" in picture and "<script" not in picture and "http://" not in picture.replace("http://www.w3.org", "")
    )


def test_from_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setenv("KASAMA_HOME", str(tmp_path))

    async def fill() -> None:
        world = make_world(tmp_path)
        await world.start()
        for n in range(6):
            await say(world, "what fee", address=f"+8529000000{n}")
        await say(world, "help, he is beating me")
        await world.stop()

    asyncio.run(fill())
    month = f"{now():%Y-%m}"
    result = CliRunner().invoke(app, ["report", "--month", month, "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "out" / f"figures-{month}.csv").read_text()
    assert f"{month},topic,?-HKG,fees,6" in text and f"{month},kind,?-HKG,violence,\n" in text.replace("\r", "")
    assert CliRunner().invoke(app, ["report", "--month", "2026-13"]).exit_code == 1
