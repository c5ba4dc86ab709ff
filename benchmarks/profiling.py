"""Where the dialogue server's time goes, stock and ours: milliseconds of each part of a message, measured by cProfile."""

from __future__ import annotations

import pstats
from pathlib import Path

PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "the whole message": (("core/agent.py", "handle_message"),),
    "understanding her words": (("bot/nlu/component.py", "process"),),
    "finding countries, money, languages": (("bot/nlu/entities.py", "process"),),
    "predicting what comes next": (("rasa_speed/rules.py", "predict"), ("core/processor.py", "_predict_next_with_tracker")),
    "composing what an action is sent": (("rasa_speed/request.py", "call"), ("actions/action.py", "_action_call_format")),
    "asking the action": (("rasa_speed/connection.py", "request"), ("utils/endpoints.py", "request")),
    "checking what the action answered": (("rasa_speed/schema.py", "validate"), ("actions/action.py", "_validate_action_result")),
    "making actions": (("rasa_speed/actions.py", "action"), ("actions/action.py", "action_for_name_or_text")),
    "copying the conversation": (("rasa_speed/tracker.py", "duplicate"), ("core/trackers.py", "copy")),
    "looking for what the domain lacks": (("core/processor.py", "_check_for_unseen_features"),),
}  # fmt: skip
"""Part -> the functions, by end of path and name, that do it; the first that was called counts, with all that it calls."""


def parts(path: Path, messages: int) -> dict[str, float]:
    """Milliseconds a message of each part; a profile makes everything slower, small calls most."""
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]
    found = {}
    for part, functions in PARTS.items():
        for end, name in functions:
            spent = [row[3] for (file, _, called), row in stats.items() if file.endswith(end) and called == name]
            if spent:
                found[part] = sum(spent) * 1000 / messages
                break
    return found


def markdown(stock: dict[str, float], ours: dict[str, float]) -> str:
    """The two profiles as a table."""
    rows = ["| profile, ms a message under cProfile | stock Rasa | ours |", "| --- | --- | --- |"]
    rows += [f"| {part} | {stock.get(part, 0):.2f} | {ours.get(part, 0):.2f} |" for part in PARTS]
    return "\n".join(rows)
