"""The action server that comes with Rasa (rasa_sdk), with our actions: `python -m benchmarks.action_server PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.registry import all_actions
from bot.knowledge import Knowledge

CONTENT = Path(__file__).resolve().parents[1] / "content"


def main() -> None:
    """Serve on loopback until ended."""
    knowledge, executor = Knowledge(CONTENT), ActionExecutor()
    for action in all_actions(knowledge, lambda: knowledge.languages):
        executor.register_action(action)
    app = create_app(executor)
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
