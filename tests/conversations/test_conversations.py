"""The transcripts of this folder, through the trained model and the real actions, all in one run of `kasama say --jsonl`.

A transcript: `channel`, `sender` (optional) and `turns`; each turn has `her` and what must hold of the answer:
`intent`, `safety`, `kind`, `language`; `says` / `never`: texts that the replies contain / do not contain;
`choices`: how many; `segments`: at most so many; `replies`: how many messages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
TRANSCRIPTS: dict[str, dict[str, Any]] = {
    f"{path.stem}: {title}": transcript
    for path in sorted(HERE.glob("*.yml"))
    for title, transcript in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    lines, owners = [], []
    for n, (title, transcript) in enumerate(TRANSCRIPTS.items()):
        sender = transcript.get("sender") or f"nobody-{n}"
        if any(
            t is not transcript and t.get("sender") == transcript.get("sender") is not None
            for t in TRANSCRIPTS.values()
        ):
            raise AssertionError(f"{title}: two transcripts have the sender {sender}")
        for turn in transcript["turns"]:
            lines.append({"text": turn["her"], "channel": transcript.get("channel", "terminal"), "sender": sender})
            owners.append(title)
    command = [sys.executable, "-m", "bot", "say", "--jsonl"]
    done = subprocess.run(
        command,
        input="\n".join(map(json.dumps, lines)),
        text=True,
        capture_output=True,
        cwd=HERE.parents[1],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results: dict[str, list[dict[str, Any]]] = {title: [] for title in TRANSCRIPTS}
    for title, text in zip(owners, done.stdout.splitlines(), strict=True):
        results[title].append(json.loads(text))
    return results


@pytest.mark.parametrize("title", TRANSCRIPTS)
def test_transcript(title: str, spoken: dict[str, list[dict[str, Any]]]) -> None:
    for turn, result in zip(TRANSCRIPTS[title]["turns"], spoken[title], strict=True):
        told = "\n".join(reply["text"] for reply in result["replies"])
        where = f"\nher:    {turn['her']}\nkasama: {told}\n{ {k: v for k, v in result.items() if k != 'replies'} }"
        for name in ("intent", "safety", "kind", "language"):
            if name in turn:
                assert result[name] == turn[name], f"{name}{where}"
        for text in turn.get("says", []):
            assert text.lower() in told.lower(), f"does not say {text!r}{where}"
        for text in turn.get("never", []):
            assert text.lower() not in told.lower(), f"says {text!r}{where}"
        if "choices" in turn:
            assert sum(len(reply["choices"]) for reply in result["replies"]) == turn["choices"], where
        if "replies" in turn:
            assert len(result["replies"]) == turn["replies"], where
        if "segments" in turn:
            assert max((reply["segments"] for reply in result["replies"]), default=0) <= turn["segments"], where
        assert "{" not in told and "None" not in told, where
