"""Makes Rasa's server faster without changing what it answers.

One module per speed-up: it says what stock Rasa does, why that is not needed, and puts something quicker in its place.
Runs under the dialogue model's own Python. The model's training does not load it, so a change here trains nothing anew.
`KASAMA_RASA_SPEEDUPS` chooses; `tests/dialogue/test_same_answers.py` holds every one of them against stock Rasa.
"""

from __future__ import annotations

import importlib
from typing import List

VARIABLE = "KASAMA_RASA_SPEEDUPS"
"""Environment variable: `all`, `none`, or names of speed-ups with commas between them."""

SPEEDUPS = (
    "imports",  # first: the others load Rasa
    "schema",
    "rules",
    "graph",
    "request",
    "connection",
    "actions",
    "domain",
    "tracker",
    "copies",
    "web",
)
"""All of them, in the order in which they are put in place; each is the module of the same name."""


def chosen(text: str) -> List[str]:
    """The speed-ups that a value of `VARIABLE` asks for. Raises ValueError for one that there is not."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"] or not names:
        return list(SPEEDUPS)
    if names == ["none"]:
        return []
    for name in names:
        if name not in SPEEDUPS:
            raise ValueError(f"{VARIABLE}: there is no speed-up {name}. There are: all, none, {', '.join(SPEEDUPS)}.")
    return [name for name in SPEEDUPS if name in names]


def apply(names: List[str]) -> None:
    """Put speed-ups in place; before Rasa is started, and for as long as the process runs."""
    for name in names:
        importlib.import_module(f"{__name__}.{name}").apply()
