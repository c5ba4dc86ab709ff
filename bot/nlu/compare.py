"""Measures pipelines of Rasa side by side: `python -m bot.nlu.compare --out FOLDER PIPELINE.yml … --lines LINES.jsonl …`

Runs in the dialogue environment. Each pipeline is trained on `data/nlu` by Rasa's own command and parses every line in a fresh
process, as the server does. Prints one JSON object per pipeline: seconds of training, size of the model in MB, largest size of
the process in MB, milliseconds per message, and `bot.evaluation.report` of the lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Sequence

from bot.evaluation import report

ROOT = Path(__file__).resolve().parents[2]


class CompareError(Exception):
    """A pipeline could not be trained or run; the text holds the end of what Rasa said."""


def measure(pipeline: Path, lines: Sequence[Dict[str, Any]], folder: Path) -> Dict[str, Any]:
    """Train and measure one pipeline. folder: where its model is put. Raises `CompareError`."""
    name = pipeline.stem
    start = time.monotonic()
    command = ["-m", "rasa", "train", "nlu", "--config", str(pipeline), "--nlu", "data/nlu", "--domain", "domain.yml"]
    _run([*command, "--out", str(folder), "--fixed-model-name", name], "")
    seconds = time.monotonic() - start
    model = folder / f"{name}.tar.gz"
    messages = "\n".join(json.dumps({"text": line["text"]}) for line in lines)
    done = _run(["-m", "bot.nlu.parse", str(model)], messages)
    answers = [json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")]
    times = sorted(answer["milliseconds"] for answer in answers)
    results = [
        {
            "intent": answer["intent"]["name"],
            "language": (answer.get("language") or {}).get("code"),
            "safety": "none",
        }
        for answer in answers
    ]
    return {
        "name": name,
        "seconds": round(seconds),
        "model_mb": round(model.stat().st_size / 1e6, 1),
        "process_mb": int(done.stderr.strip().splitlines()[-1]),
        "ms": {"p50": round(times[len(times) // 2], 2), "p99": round(times[int(len(times) * 0.99)], 2)},
        "report": report(lines, results),
    }


def _run(arguments: Sequence[str], text: str) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, *arguments], input=text, text=True, capture_output=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise CompareError(
            f"{' '.join(arguments[:4])} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return done


def read(files: Sequence[Path]) -> List[Dict[str, Any]]:
    """Labelled lines of JSON-lines files."""
    return [json.loads(row) for path in files for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]


def main() -> None:
    """Print one JSON object per pipeline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lines", type=Path, nargs="+", required=True)
    parser.add_argument("pipelines", type=Path, nargs="+")
    options = parser.parse_args()
    lines = read(options.lines)
    for pipeline in options.pipelines:
        try:
            print(json.dumps(measure(pipeline, lines, options.out)), flush=True)
        except CompareError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
