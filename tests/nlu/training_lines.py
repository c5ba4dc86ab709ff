"""The training lines as the tests look at them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

from bot.language import read_lines

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = sorted(path.name for path in (ROOT / "data" / "nlu").iterdir() if path.is_dir())


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


def grams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


def alike(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, len(a | b))


def lines() -> dict[str, dict[str, list[str]]]:
    """Texts by language and intent."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for language, intent, text in read_lines(ROOT / "data"):
        found[language][intent].append(text)
    return found


def development(language: str) -> list[dict[str, str]]:
    path = ROOT / "tests" / "nlu" / f"{language}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
