"""Measures the model alone, without Rasa, actions or the lexicon: `python -m bot.nlu.evaluate [--model M.tar.gz] FILE.jsonl …`

Runs in the dialogue environment. Without `--model` it trains from `data/` first. `kasama nlu eval` measures the whole road.
"""

from __future__ import annotations

import argparse
import json
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

from bot.evaluation import report
from bot.language import LanguageModel, read_lines, train_from
from bot.nlu.understanding import Understanding

DATA = Path(__file__).resolve().parents[2] / "data"
CASE, CHECK = 0.5, 0.06
"""Where the development sets separate best: from the first on the model is sure, from the second on it is worth asking."""


def load(model: Path) -> Tuple[Understanding, LanguageModel]:
    """The understanding inside a trained Rasa model. Raises ValueError when it holds none."""
    with tempfile.TemporaryDirectory() as name, tarfile.open(model) as archive:
        members = [m for m in archive.getmembers() if "KasamaUnderstanding" in m.name and m.isfile() and ".." not in m.name]
        if not members:
            raise ValueError(f"{model} holds no KasamaUnderstanding; train it again.")
        archive.extractall(name, members)
        folder = (Path(name) / members[0].name).parent
        return Understanding.load(folder), LanguageModel.load(folder / "language.json")


def train() -> Tuple[Understanding, LanguageModel]:
    """A model of the present training lines."""
    languages, intents, texts = zip(*read_lines(DATA), strict=True)
    return Understanding.train(texts, intents, languages), train_from(DATA)


def measure(model: Understanding, tongues: LanguageModel, lines: List[Dict[str, Any]]) -> Dict[str, Any]:
    """`bot.evaluation.report` of labelled lines, with milliseconds per line."""
    results = []
    times = []
    for line in lines:
        start = time.perf_counter()
        language = tongues.identify(line["text"])[0][0]
        reading = model.read(line["text"], language)
        times.append(1000 * (time.perf_counter() - start))
        safety = "case" if reading.distress >= CASE else "check" if reading.distress >= CHECK else "none"
        results.append({"intent": reading.ranking[0][0], "language": language, "safety": safety})
    times.sort()
    speed = {"p50": round(times[len(times) // 2], 2), "p99": round(times[int(len(times) * 0.99)], 2)}
    return {**report(lines, results), "milliseconds": speed}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    lines = [json.loads(line) for path in options.files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    model, tongues = load(options.model) if options.model else train()
    print(json.dumps(measure(model, tongues, lines), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
