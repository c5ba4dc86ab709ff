"""Writes BENCHMARKS.md for `kasama nlu benchmark` and `kasama nlu compare`: what was measured, how and where."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.rasa_environment import rasa_environment

FILE = "BENCHMARKS.md"
PICTURE = "docs/confusion.png"
OURS = "config.yml"


class BenchmarkError(Exception):
    """A measurement could not be made; the text says why."""


def development_lines(root: Path) -> list[Path]:
    """The development sets, one file per language."""
    return sorted((root / "tests" / "nlu").glob("??.jsonl"))


def understanding(report: Mapping[str, Any]) -> str:
    """The tables of `kasama nlu benchmark` as Markdown."""
    distress, alike, others = report["distress"], report["lookalikes"], report["others"]
    rows = [
        f"{_when()} Command: `kasama nlu benchmark`. {report['lines']} development lines, whole road: lexicon, model, actions.",
        "",
        "| what | figure |",
        "| --- | --- |",
        f"| accuracy; macro F1 | {_share(report['accuracy'])}; {_share(report['macro_f1'])} |",
        f"| language identified from one message | {_share(report['language_identified'])} |",
        f"| accuracy of romanised lines | {_share(report['romanised'])} |",
        f"| language of romanised lines | {_share(report['language_identified_romanised'])} |",
        f"| {distress['lines']} calls for help: case or gentle question | {_share(distress['case_or_check'])} |",
        f"| of them opened outright as a case | {_share(distress['case'])} |",
        f"| {alike['lines']} look-alikes that opened a case | {_share(alike['case'])} |",
        f"| {others['lines']} other lines that opened a case | {_share(others['case'])} |",
        f"| of them asked the gentle question | {_share(others['check'])} |",
        f"| of all cases opened, those in danger (precision) | {_share(report['precision'])} |",
    ]
    for group, title in (
        ("language", "language"),
        ("script", "language and script"),
        ("style", "style"),
        ("intent", "intent"),
    ):
        rows += ["", f"| {title} | lines | accuracy |", "| --- | --- | --- |"]
        rows += [
            f"| {key} | {row['lines']} | {_share(row['accuracy'])} |" for key, row in report[f"by_{group}"].items()
        ]
    rows += ["", "| danger by language | calls for help | case or question | case |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {key} | {row['lines']} | {_share(row['case_or_check'])} | {_share(row['case'])} |"
        for key, row in report["distress_by_language"].items()
    ]
    rows += ["", f"![Which intents are taken for which]({PICTURE})"]
    return "\n".join(rows)


def comparison(results: Sequence[Mapping[str, Any]]) -> str:
    """The table of `kasama nlu compare` as Markdown."""
    rows = [
        f"{_when()} Command: `kasama nlu compare`. The model alone, on the same lines, one after the other in the same run.",
        "",
        "| pipeline | accuracy | macro F1 | training | model | process | parse p50 / p99 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        report = result["report"]
        rows.append(
            f"| {result['name']} | {_share(report['accuracy'])} | {_share(report['macro_f1'])} | {result['seconds']} s | "
            f"{result['model_mb']} MB | {result['process_mb']} MB | {result['ms']['p50']} / {result['ms']['p99']} ms |"
        )
    return "\n".join(rows)


def write(root: Path, section: str, text: str) -> None:
    """Put a text between the marks of a section of BENCHMARKS.md. Raises `BenchmarkError` when they are not there."""
    path = root / FILE
    page = path.read_text("utf-8")
    marks = re.compile(rf"(<!-- {section} -->\n).*?(\n<!-- /{section} -->)", re.DOTALL)
    if not marks.search(page):
        raise BenchmarkError(
            f"{FILE} has no section {section}: restore its marks <!-- {section} --> and <!-- /{section} -->."
        )
    path.write_text(marks.sub(lambda found: found[1] + text + found[2], page), "utf-8")


def draw(root: Path, report: Mapping[str, Any]) -> None:
    """Draw the confusions, in the dialogue environment, which has matplotlib. Raises `BenchmarkError`."""
    _dialogue(root, ["-m", "bot.nlu.confusion", PICTURE], json.dumps(report))


def compare(root: Path, pipelines: Sequence[str], files: Sequence[Path]) -> list[dict[str, Any]]:
    """Train and measure pipelines, `config.yml` or those of benchmarks/pipelines. Raises `BenchmarkError`."""
    known = {
        "kasama": OURS,
        **{p.stem: f"benchmarks/pipelines/{p.name}" for p in (root / "benchmarks/pipelines").glob("*.yml")},
    }
    unknown = [name for name in pipelines if name not in known]
    if unknown:
        raise BenchmarkError(f"There is no pipeline {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in pipelines:
            arguments = ["-m", "bot.nlu.compare", "--out", folder, known[name], "--lines", *map(str, files)]
            lines = _dialogue(root, arguments, "").splitlines()
            result = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
            found.append({**result, "name": name})
    return found


def _dialogue(root: Path, arguments: Sequence[str], text: str) -> str:
    done = subprocess.run(
        [root / ".venv-rasa" / "bin" / "python", *arguments], cwd=root, env=rasa_environment({}), input=text, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchmarkError(f"{arguments[1]} ended with an error:\n{done.stderr[-2000:]}")
    return done.stdout


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _when() -> str:
    return (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    )
