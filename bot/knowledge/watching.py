"""Takes in changed content while the service runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from watchfiles import awatch

from bot.knowledge.service import Knowledge
from bot.safety import Safety

log = structlog.get_logger(__name__)


def _is_in(path: str, folder: Path) -> bool:
    return Path(path).resolve().parent == folder.resolve()


async def watch(folder: Path, knowledge: Knowledge, safety: Safety) -> None:
    """Reload whenever a file is saved; a broken one keeps the last good version in service. Runs until cancelled."""
    async for changes in awatch(folder, step=200, debounce=400):
        try:
            # In a thread: reading all lexicons takes seconds, and a call for help must not wait for them.
            if not await asyncio.to_thread(knowledge.reload_if_changed):
                for problem in knowledge.problems:
                    log.error(f"content: {problem}")
            if any(_is_in(path, safety.folder) for _, path in changes):
                await asyncio.to_thread(safety.reload)
        except Exception:  # content is edited by people; nothing in it may end this loop
            log.exception("content could not be reloaded; the last good version stays in service")
