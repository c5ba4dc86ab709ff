"""Hides small numbers of a table with margins so that they cannot be computed from the rest: secondary cell suppression.

The table, its row and column totals and the grand total form one grid, in which each row and each column is an equation (the
parts add up to the total). A hidden number can be computed exactly if it is the only hidden one of an equation, now or after
others have been computed. In terms of graphs (Gusfield 1988): let rows and columns be the nodes and hidden numbers the edges
between them; a number can be computed if and only if its edge lies on no cycle.

1. Primary: every number from 1 to `LEAST` - 1 is hidden, totals too. A zero stays: it tells of nobody.
2. Secondary: for each hidden number on no cycle, the cheapest cycle through it is hidden, found with Dijkstra's algorithm on
   the grid (the cost of an edge is its number; what is hidden already costs nothing). Zeros are never used: on a cycle of
   numbers that are 1 or more each can be both greater and smaller by 1 without any falling below zero, so not even somebody
   who uses that counts are not negative learns one exactly. Such a cycle exists always, at the latest through the grand total.

What is hidden in step 1 and in step 2 looks the same. Sources: L. H. Cox, Suppression Methodology and Statistical Disclosure
Control, Journal of the American Statistical Association 75 (1980), 377-385; D. Gusfield, A Graph Theoretic Approach to
Statistical Data Security, SIAM Journal on Computing 17 (1988), 552-571.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

LEAST = 5
"""The smallest number that is shown, zero apart."""

Cell = tuple[int, int]
Grid = list[list[int]]


def with_totals(counts: Sequence[Sequence[int]]) -> Grid:
    """The counts with a last column of row totals and a last row of column totals."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def hidden(grid: Grid) -> set[Cell]:
    """The cells of a grid with totals that must not be shown."""
    cells = {(i, j) for i, row in enumerate(grid) for j, count in enumerate(row) if 0 < count < LEAST}
    for cell in sorted(cells, key=lambda c: grid[c[0]][c[1]]):
        if _alone(cells, cell):
            cells.update(_cheapest_cycle(grid, cells, cell))
    return cells


def _alone(cells: Iterable[Cell], cell: Cell) -> bool:
    """Whether the edge of a cell lies on no cycle of the hidden ones."""
    around: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for i, j in cells:
        if (i, j) != cell:
            around.setdefault(("row", i), set()).add(("column", j))
            around.setdefault(("column", j), set()).add(("row", i))
    goal, seen, waiting = ("column", cell[1]), {("row", cell[0])}, [("row", cell[0])]
    while waiting:
        for node in around.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return goal not in seen


def _cheapest_cycle(grid: Grid, cells: set[Cell], cell: Cell) -> list[Cell]:
    """The cells of the cheapest way from a cell's row to its column that does not use the cell."""
    start, goal = ("row", cell[0]), ("column", cell[1])
    best: dict[tuple[str, int], int] = {start: 0}
    came: dict[tuple[str, int], Cell] = {}
    waiting = [(0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == goal:
            break
        if cost > best[node]:
            continue
        for edge in _edges(grid, node):
            if edge == cell:
                continue
            other = ("column", edge[1]) if node[0] == "row" else ("row", edge[0])
            price = cost + (0 if edge in cells else grid[edge[0]][edge[1]])
            if price < best.get(other, price + 1):
                best[other], came[other] = price, edge
                heapq.heappush(waiting, (price, other))
    way, node = [], goal
    while node != start:
        edge = came[node]
        way.append(edge)
        node = ("row", edge[0]) if node[0] == "column" else ("column", edge[1])
    return way


def _edges(grid: Grid, node: tuple[str, int]) -> list[Cell]:
    kind, at = node
    if kind == "row":
        return [(at, j) for j, count in enumerate(grid[at]) if count]
    return [(i, at) for i, row in enumerate(grid) if row[at]]
