"""Runs Rasa as `bot/rasa_process.py` does, and writes a profile of its work when it ends (`BENCH_PROFILE`: the file).

Runs under the dialogue model's own Python. What the server does before it serves is left out.
"""

from __future__ import annotations

import cProfile
import os
import runpy
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Serve until ended."""
    sys.path[0] = str(ROOT)
    from bot import rasa_speed

    rasa_speed.apply(rasa_speed.chosen(os.environ.get(rasa_speed.VARIABLE, "all")))
    import rasa.core.run as run

    profile, load, close = cProfile.Profile(), run.load_agent_on_start, run.close_resources

    async def loaded(*arguments: Any) -> Any:
        agent = await load(*arguments)
        profile.enable()
        return agent

    async def closing(*arguments: Any) -> None:
        profile.disable()
        profile.dump_stats(os.environ["BENCH_PROFILE"])
        await close(*arguments)

    run.load_agent_on_start, run.close_resources = loaded, closing
    sys.argv[0] = "rasa"
    runpy.run_module("rasa", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
