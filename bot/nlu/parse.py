"""Parses messages as Rasa's server does: `python -m bot.nlu.parse MODEL.tar.gz < lines.jsonl`, in the dialogue environment.

Each line holds a `text` and perhaps `metadata`; each answer is what Rasa understood, with the `milliseconds` that it took. The
last line of standard error is the process's largest size in MB.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from rasa.core.agent import load_agent
from rasa.core.channels.channel import UserMessage


async def main(model: str) -> None:
    """Answer line by line."""
    agent = await load_agent(model_path=model)
    assert agent.processor is not None
    for line in sys.stdin:
        data = json.loads(line)
        message = UserMessage(data["text"], metadata=data.get("metadata") or {})
        start = time.perf_counter()
        parsed = await agent.processor.parse_message(message)
        parsed["milliseconds"] = 1000 * (time.perf_counter() - start)
        print(json.dumps(parsed, default=float), flush=True)
    print(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform == "darwin" else 1024), file=sys.stderr
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
