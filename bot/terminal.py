"""A chat in the terminal, on the throwaway world: for trying things out, never for a real call for help."""

from __future__ import annotations

import asyncio

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from bot.messages import Inbound, Outbound
from bot.world import World
from channels.rendering import render


def as_lines(message: Outbound) -> str:
    """A reply as the terminal shows it: choices by number, as on SMS."""
    texts = render("terminal", message)
    return "\n".join([*texts, *(f"  {n} {choice.label}" for n, choice in enumerate(message.choices, start=1))])


async def chat(world: World) -> None:
    """Talk until the end of input or Ctrl-C. The prompt stays below the log lines."""
    session: PromptSession[str] = PromptSession()
    number = 0
    with patch_stdout(raw=True):
        while True:
            try:
                text = await session.prompt_async("you> ")
            except (EOFError, KeyboardInterrupt):
                return
            if not text.strip():
                continue
            number += 1
            said = await world.say(Inbound("terminal", "terminal", text, provider_id=f"terminal-{number}"), patience=30)
            for message in said.replies:
                print(as_lines(message), flush=True)
            if not said.replies:
                print("(no answer yet; the dialogue model may still be starting)", flush=True)
            await asyncio.sleep(0)
