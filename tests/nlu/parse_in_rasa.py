"""Run by the dialogue environment: parses messages of standard input (JSON lines) as the server does."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from rasa.core.agent import load_agent
from rasa.core.channels.channel import UserMessage


async def main(model: str) -> None:
    agent = await load_agent(model_path=model)
    assert agent.processor is not None
    for line in sys.stdin:
        data = json.loads(line)
        message = UserMessage(data["text"], metadata=data.get("metadata") or {})
        start = time.perf_counter()
        parsed = await agent.processor.parse_message(message)
        parsed["milliseconds"] = 1000 * (time.perf_counter() - start)
        print(json.dumps(parsed, default=float), flush=True)


asyncio.run(main(sys.argv[1]))
