"""Draws which intents are taken for which: `python -m bot.nlu.confusion PICTURE.png < report.json`.

Runs in the dialogue environment, to which Rasa brings matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Mapping

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np


def draw(report: Mapping[str, Any], path: Path) -> None:
    """Write a PNG. report: `bot.evaluation.report`; its `matrix` counts what was found per true intent."""
    matrix = report["matrix"]
    names = sorted({*matrix, *(found for row in matrix.values() for found in row)})
    shares = np.array(
        [[matrix.get(t, {}).get(f, 0) / max(1, sum(matrix.get(t, {}).values())) for f in names] for t in names]
    )
    figure, axes = plt.subplots(figsize=(10, 9), dpi=110)
    axes.imshow(np.sqrt(shares), cmap="Purples", vmin=0, vmax=1)  # the root lets single mistakes be seen
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("understood as")
    axes.set_ylabel("meant")
    for row in range(len(names)):
        for column in range(len(names)):
            if shares[row, column] >= 0.01:
                dark = shares[row, column] > 0.4
                text = f"{100 * shares[row, column]:.0f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=5, color="white" if dark else "black")
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})


if __name__ == "__main__":
    draw(json.load(sys.stdin), Path(sys.argv[1]))
