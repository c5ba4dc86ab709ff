"""Measures understanding on labelled lines: `kasama nlu eval`."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def label(intent: str | None) -> str:
    """The intent as evaluation counts it: every kind of distress is `distress`."""
    return "distress" if (intent or "").startswith("distress") else intent or "none"


def script(line: Mapping[str, Any]) -> str:
    """`native` or `latin`: as the line says, else by whether it has letters outside the Latin script."""
    if line.get("script"):
        return str(line["script"])
    text, lang = str(line["text"]), str(line["lang"])
    if lang in ("en", "tl", "id", "es", "ro", "fr"):
        return "native"
    return "native" if any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in text) else "latin"


def report(lines: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Accuracy and macro F1 overall and by group; what became of distress and of look-alikes; confusions."""
    truth = [label(str(line["intent"])) for line in lines]
    found = [label(r["intent"]) for r in results]
    groups: dict[str, dict[str, list[int]]] = {
        "language": defaultdict(list),
        "script": defaultdict(list),
        "intent": defaultdict(list),
        "style": defaultdict(list),
    }
    for i, line in enumerate(lines):
        groups["language"][str(line["lang"])].append(i)
        groups["script"][f"{line['lang']} {script(line)}"].append(i)
        groups["intent"][truth[i]].append(i)
        groups["style"][str(line.get("style", "plain"))].append(i)
    distress = [i for i, t in enumerate(truth) if t == "distress"]
    alike = [i for i, line in enumerate(lines) if line.get("lookalike") and truth[i] != "distress"]
    others = [i for i, t in enumerate(truth) if t != "distress" and i not in set(alike)]
    pairs = Counter(zip(truth, found, strict=True))
    confusions = {(t, f): n for (t, f), n in pairs.items() if t != f}
    return {
        "lines": len(lines),
        "accuracy": _share(range(len(lines)), lambda i: truth[i] == found[i]),
        "macro_f1": _macro_f1(truth, found),
        **{
            f"by_{name}": {
                key: {
                    "lines": len(rows),
                    "accuracy": _share(rows, lambda i: truth[i] == found[i]),
                    **_extra(name, rows, truth, found),
                }
                for key, rows in sorted(members.items())
            }
            for name, members in groups.items()
        },
        "distress": {
            "lines": len(distress),
            "case_or_check": _share(distress, lambda i: results[i]["safety"] in ("case", "check")),
            "case": _share(distress, lambda i: results[i]["safety"] == "case"),
        },
        "distress_by_language": {
            language: {
                "lines": len(rows),
                "case_or_check": _share(rows, lambda i: results[i]["safety"] in ("case", "check")),
                "case": _share(rows, lambda i: results[i]["safety"] == "case"),
            }
            for language, members in sorted(groups["language"].items())
            if (rows := [i for i in members if truth[i] == "distress"])
        },
        "precision": _share(
            (i for i, result in enumerate(results) if result["safety"] == "case"), lambda i: truth[i] == "distress"
        ),
        "lookalikes": {"lines": len(alike), "case": _share(alike, lambda i: results[i]["safety"] == "case")},
        "others": {
            "lines": len(others),
            "case": _share(others, lambda i: results[i]["safety"] == "case"),
            "check": _share(others, lambda i: results[i]["safety"] == "check"),
        },
        "romanised": _share(
            (i for i, line in enumerate(lines) if script(line) == "latin"), lambda i: truth[i] == found[i]
        ),
        "language_identified_romanised": _share(
            (i for i, line in enumerate(lines) if script(line) == "latin"),
            lambda i: results[i]["language"] == lines[i]["lang"],
        ),
        "language_identified": _share(range(len(lines)), lambda i: results[i]["language"] == lines[i]["lang"]),
        "matrix": {t: {f: n for (a, f), n in sorted(pairs.items()) if a == t} for t in sorted(set(truth))},
        "confusions": [
            {"true": t, "found": f, "lines": n} for (t, f), n in sorted(confusions.items(), key=lambda c: -c[1])[:25]
        ],
    }


def _extra(group: str, rows: Sequence[int], truth: Sequence[str], found: Sequence[str]) -> dict[str, float | None]:
    return (
        {"macro_f1": _macro_f1([truth[i] for i in rows], [found[i] for i in rows])}
        if group in ("language", "script")
        else {}
    )


def _share(rows: Iterable[int], holds: Any) -> float | None:
    kept = list(rows)
    return round(sum(bool(holds(i)) for i in kept) / len(kept), 4) if kept else None


def _macro_f1(truth: Sequence[str], found: Sequence[str]) -> float | None:
    scores = []
    for name in set(truth):
        right = sum(t == f == name for t, f in zip(truth, found, strict=True))
        total = truth.count(name) + found.count(name)
        scores.append(2 * right / total)
    return round(sum(scores) / len(scores), 4) if scores else None


def as_text(report: Mapping[str, Any]) -> str:
    """The report for people."""
    rows = [f"{report['lines']} lines   accuracy {report['accuracy']:.3f}   macro F1 {report['macro_f1']:.3f}   "
            f"language identified {report['language_identified']:.3f}"]  # fmt: skip
    for name in ("language", "script", "style", "intent"):
        rows += ["", f"by {name}"]
        rows += [f"  {key:24} {row['lines']:5}  {row['accuracy']:.3f}" for key, row in report[f"by_{name}"].items()]
    distress, alike, others = report["distress"], report["lookalikes"], report["others"]
    rows += ["", "danger"]
    if distress["lines"]:
        rows += [
            f"  {key:24} {row['lines']:5}  case or check {row['case_or_check']:.3f}  case {row['case']:.3f}"
            for key, row in report["distress_by_language"].items()
        ]
        rows.append(
            f"  distress lines {distress['lines']}: case or check {distress['case_or_check']:.3f}, case {distress['case']:.3f}"
        )
    if alike["lines"]:
        rows.append(f"  look-alikes {alike['lines']}: wrongly a case {alike['case']:.3f}")
    if others["lines"]:
        rows.append(
            f"  other lines {others['lines']}: wrongly a case {others['case']:.3f}, gently asked {others['check']:.3f}"
        )
    rows += ["", "most frequent confusions"]
    rows += [f"  {c['true']:20} taken for {c['found']:20} {c['lines']}" for c in report["confusions"][:12]]
    return "\n".join(rows)
