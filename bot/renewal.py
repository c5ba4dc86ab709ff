"""Puts a model of changed training data in service while the old one goes on answering."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from watchfiles import awatch

from bot.language import LanguageModel
from bot.processes import DialogueServer
from bot.training import language_path, model_path

log = structlog.get_logger(__name__)

WATCHED = ("data", "config.yml", "domain.yml")
GRACE = 15.0
"""Seconds that the old model has to finish what it was asked before."""

_START = 180.0


class Renewal:
    """The dialogue server in service, and its successor when the data has changed.

    root: the checkout. home: folder of `KASAMA_HOME`. make: a server for a model, not started. language: taken over with the
    model. command: what trains, for tests.
    """

    def __init__(
        self, root: Path, home: Path, make: Callable[[Path], DialogueServer], model: Path, language: LanguageModel,
        *, command: Sequence[str] | None = None, grace: float = GRACE,
    ) -> None:  # fmt: skip
        self.server = make(model)
        self._root, self._home, self._make, self._language = root, home, make, language
        # Gently: women are being answered meanwhile.
        gently = ["nice", "-n", "10"] if shutil.which("nice") else []
        self._command = list(command or [*gently, sys.executable, "-m", "bot.cli", "train"])
        self._grace = grace

    async def watch(self) -> None:
        """Renew whenever training data is saved; runs until cancelled."""
        paths = [self._root / name for name in WATCHED]
        async for _ in awatch(*paths, step=500, debounce=3000):
            try:
                while self.outdated and await self.renew():
                    pass  # it may have changed again while it was trained
            except Exception:  # whatever it was, the old model answers and the next change is tried
                log.exception("the changed training data could not be put in service")

    @property
    def outdated(self) -> bool:
        """Whether the data asks for another model than the one in service."""
        return model_path(self._root, self._home) != self.server.model

    async def renew(self) -> bool:
        """Train, start the new model beside the old one, then change over. Whether that was done; the log says why not."""
        log.info("training data has changed; a new model is trained while the present one answers")
        if not await self._train():
            return False
        model = model_path(self._root, self._home)
        if not model.is_file():
            log.info("training data changed again meanwhile")
            return self.outdated
        new = self._make(model)
        await new.start()
        if not await new.ready(_START):
            log.error("the new model does not start; the present one stays in service")
            await new.stop()
            return False
        self._language.take(await asyncio.to_thread(LanguageModel.load, language_path(model)))
        old, self.server = self.server, new
        log.info("the new model is in service")
        await asyncio.sleep(self._grace)
        await old.stop()
        return True

    async def _train(self) -> bool:
        process = await asyncio.create_subprocess_exec(
            *self._command, cwd=self._root, env={**os.environ, "KASAMA_HOME": str(self._home)}, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # it and what it started, when the service ends first
        if process.returncode != 0:
            log.error(
                "the model could not be trained; the present one stays in service", why=said.decode()[-1500:].strip()
            )
        return process.returncode == 0
