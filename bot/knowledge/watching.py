"""Takes in changed content while the service runs."""

from __future__ import annotations

from pathlib import Path

import structlog
from watchfiles import awatch

from bot.knowledge.service import Knowledge
from bot.safety import Safety

log = structlog.get_logger(__name__)


async def watch(folder: Path, knowledge: Knowledge, safety: Safety) -> None:
    """Reload whenever a file is saved; a broken one keeps the last good version in service. Runs until cancelled."""
    async for changes in awatch(folder, step=200, debounce=400):
        try:
            if not knowledge.reload_if_changed():
                for problem in knowledge.problems:
                    log.error(f"content: {problem}")
            if any(Path(path).parent == safety.folder for _, path in changes):
                safety.reload()
        except Exception:  # content is edited by people; nothing in it may end this loop
            log.exception("content could not be reloaded; the last good version stays in service")
