"""The figures of a run as Markdown, and as pictures."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

from benchmarks.measuring import PACES

LATENCY, THROUGHPUT = "docs/bench-latency.svg", "docs/bench-throughput.svg"
"""Pictures, from the checkout."""

Results = Mapping[str, Mapping[str, Any]]
"""Name of what was measured -> its figures, see `benchmarks.measuring`, or {"failed": why}."""


def markdown(results: Results, lengths: Results, grown: Results, seconds: float) -> str:
    """All tables. lengths: of long conversations. grown: name -> {"steps": [(conversations, MB), ...]}."""
    busy = os.getloadavg()[0]
    given = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("BENCH_")]
    command = " ".join([*given, "make bench"])
    rows = [
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load "
        f"at the end {busy:.1f}. Command: `{command}`, {seconds:g} s a measurement. One run, the same model, actions and "
        "content on one machine, one after the other; the sender of the messages shares the cores. Judge ratios, not figures.",
        "",
        "Waiting in ms at so many messages a second, p50 / p95 / p99, from the moment that a message was due:",
        "",
        "| | " + " | ".join(f"{pace}/s" for pace in PACES) + " |",
        "| --- |" + " --- |" * len(PACES),
    ]
    good = {name: found for name, found in results.items() if "failed" not in found}
    rows += [
        f"| {name} | " + " | ".join(_waits(found["at"][pace]) for pace in PACES) + " |" for name, found in good.items()
    ]
    rows += [
        "", "| | answers a second, 16 senders | against stock | CPU seconds for a million messages | memory | start |",
        "| --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    stock = next(iter(good.values()), {}).get("per_second") if "stock Rasa" in good else None
    for name, found in good.items():
        ratio = f"{found['per_second'] / stock:.1f} x" if stock else "-"
        rows.append(
            f"| {name} | {found['per_second']:.1f} | {ratio} | {found['cpu'] * 1000:.0f} | {found['memory']:.0f} MB | "
            f"{found['start']:.1f} s |"
        )
    rows += ["", "| one conversation | 5th message | last message | ratio | processor time | ratio |"]
    rows.append("| --- | --- | --- | --- | --- | --- |")
    for name, found in lengths.items():
        if "failed" in found:
            continue
        rows.append(
            f"| {name}, {found['length']} messages | {found['early']:.1f} ms | {found['late']:.1f} ms | "
            f"{found['late'] / found['early']:.2f} x | {found['early_cpu']:.1f} / {found['late_cpu']:.1f} ms | "
            f"{found['late_cpu'] / max(0.001, found['early_cpu']):.2f} x |"
        )
    for name, found in grown.items():
        if "failed" not in found:
            (_, first), (count, last) = found["steps"][0], found["steps"][-1]
            rows += ["", f"Memory of {name}: {first:.0f} MB, after {count} more conversations {last:.0f} MB "
                     f"({last / first * 100 - 100:+.1f}%)."]  # fmt: skip
    failed = {**results, **lengths, **grown}
    rows += [
        f"\nNot measured in this run: {name}: {found['failed']}" for name, found in failed.items() if "failed" in found
    ]
    rows += ["", f"![Waiting at a pace]({LATENCY})", f"![Answers a second]({THROUGHPUT})"]
    return "\n".join(rows)


def draw(root: Path, results: Results) -> None:
    """Make the pictures."""
    good = {name: found for name, found in results.items() if "failed" not in found}
    if not good:
        return
    look = {"style": CleanStyle, "js": [], "disable_xml_declaration": False, "width": 800, "height": 420}
    chart = pygal.Line(title="p95 in ms, messages a second", logarithmic=True, **look)
    chart.x_labels = [str(pace) for pace in PACES]
    for name, found in good.items():
        chart.add(name, [_p95(found["at"][pace]) for pace in PACES])
    chart.render_to_file(str(root / LATENCY))
    chart = pygal.HorizontalBar(title="answers a second, 16 senders", **look)
    for name, found in good.items():
        chart.add(name, round(found["per_second"], 1))
    chart.render_to_file(str(root / THROUGHPUT))


def _p95(at: Mapping[str, float] | None) -> float | None:
    return None if at is None or math.isinf(at["p95"]) else round(at["p95"], 1)


def _waits(at: Mapping[str, float] | None) -> str:
    if at is None:
        return "too much"
    if math.isinf(at["p50"]):
        return "no answer"
    lost = f", {at['lost']} not in time" if at["lost"] else ""
    return f"{at['p50']:.0f} / {at['p95']:.0f} / {at['p99']:.0f}{lost}"
