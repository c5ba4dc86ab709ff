"""Keeps the dialogue model's process alive: starts it, watches it, starts it again, and ends it with the service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import structlog

from bot import rasa_speed
from bot.dialogue_output import read_line
from bot.rasa_environment import rasa_environment

State = Literal["stopped", "starting", "ready", "waiting"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds."""

    first_restart: float = 1.0
    longest_restart: float = 30.0
    start: float = 180.0  # to load the model
    steady: float = 60.0  # ready for this long, and the next restart is quick again
    hung: float = 30.0  # without an answer
    between_checks: float = 5.0
    one_check: float = 5.0
    poll: float = 0.2  # while it starts
    stop: float = 8.0  # to end by itself


class DialogueServer:
    """The Rasa process of this service, on loopback unless told otherwise.

    model: what `bot.training.ensure_model` returned. actions_url: where Rasa asks for actions, token included.
    root: the checkout. host: what it listens on. port: 0 picks a free one. speedups: see `bot.rasa_speed`.
    command: what stands for Rasa's Python and launcher, for tests.
    """

    def __init__(
        self,
        model: Path,
        actions_url: str,
        *,
        root: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        speedups: str = "all",
        command: Sequence[str] | None = None,
        patience: Patience | None = None,
        log: Any = None,
    ) -> None:
        self.model, self.actions_url, self.root = model.resolve(), actions_url, root.resolve()
        self.state: State = "stopped"
        self.restarts = 0
        self._speedups = speedups
        self._host = host
        self._fixed_port, self._port = port, port or _free_port(0)
        python = str(self.root / ".venv-rasa" / "bin" / "python")
        self._command = list(command or [python, str(self.root / "bot" / "rasa_process.py")])
        self._patience = patience or Patience()
        self._log = (log or structlog.get_logger("bot.dialogue")).bind(part="dialogue")
        self._ready = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._last_lines: deque[str] = deque(maxlen=6)

    @property
    def url(self) -> str:
        """Address of the server; it stays the same over restarts unless another program took the port."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host
        return f"http://{host}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process and its watch; returns at once, see `ready`."""
        if self._task is None:
            self._task = asyncio.create_task(self._supervise(), name="dialogue-server")

    async def ready(self, timeout: float | None = None) -> bool:
        """Wait until the model answers, at most `timeout` seconds; whether it does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), timeout)
        return self._ready.is_set()

    async def stop(self) -> None:
        """End the process and all that it started; returns when they are gone."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.state = "stopped"

    async def _supervise(self) -> None:
        pause = self._patience.first_restart
        while True:
            began = time.monotonic()
            try:
                reason = await self._one_life()
            except OSError as error:
                reason = f"cannot be started: {error.strerror or type(error).__name__}"
            finally:
                was_ready = self._ready.is_set()
                self._ready.clear()
            if was_ready and time.monotonic() - began > self._patience.steady:
                pause = self._patience.first_restart
            self.state = "waiting"
            if not was_ready:
                for line in self._last_lines:
                    self._log.warning(line)
            self._log.error(f"the dialogue model {reason}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._patience.longest_restart)
            self.restarts += 1

    async def _one_life(self) -> str:
        """Start it and watch it; returns why it is no more. It and its children are gone on return, or when cancelled."""
        self.state = "starting"
        self._last_lines.clear()
        self._port = self._fixed_port or _free_port(self._port)
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *self._arguments(),
            cwd=self.root,
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C reaches us alone; we end it
            limit=1 << 20,
        )
        self._process = process
        reader = asyncio.create_task(self._relay(process))
        ended = asyncio.create_task(process.wait())
        watch = asyncio.create_task(self._watch(began))
        try:
            await asyncio.wait((ended, watch), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await asyncio.wait((reader,), timeout=1)
                return f"ended by itself ({_ending(ended.result())})"
            return watch.result()
        finally:
            watch.cancel()
            await self._end(process)
            reader.cancel()
            await asyncio.gather(reader, ended, watch, return_exceptions=True)

    def _arguments(self) -> list[str]:
        return [
            "run", "--interface", self._host, "--port", str(self._port), "--model", str(self.model),
            "--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--quiet",
        ]  # fmt: skip

    def _environment(self) -> dict[str, str]:
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        threads |= {"TF_INTRA_OP_PARALLELISM_THREADS": "1", "TF_INTER_OP_PARALLELISM_THREADS": "1"}
        own = {"KASAMA_ACTIONS_URL": self.actions_url, rasa_speed.VARIABLE: self._speedups, "LOG_LEVEL": "WARNING"}
        return rasa_environment({**own, **threads})

    async def _watch(self, began: float) -> str:
        """Waits until it serves, then until it hangs; returns why it has to go."""
        patience, answered = self._patience, time.monotonic()
        async with httpx.AsyncClient(base_url=self.url, timeout=patience.one_check, trust_env=False) as client:
            while True:
                if await _answers(client):
                    answered = time.monotonic()
                    if not self._ready.is_set():
                        self.state = "ready"
                        self._ready.set()
                        self._log.info("the dialogue model is ready", seconds=round(answered - began, 1))
                elif not self._ready.is_set():
                    if time.monotonic() - began > patience.start:
                        return f"was not ready after {patience.start:g} s"
                elif time.monotonic() - answered > patience.hung:
                    return f"has not answered for {patience.hung:g} s"
                await asyncio.sleep(patience.between_checks if self._ready.is_set() else patience.poll)

    async def _relay(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                raw = await process.stdout.readline()
            except ValueError:  # a line longer than the limit; its beginning is gone, the rest is read on
                continue
            if not raw:
                return
            line = read_line(raw.decode(errors="replace"), serving=self._ready.is_set())
            if line is None:
                continue
            if line.level in ("warning", "error", "critical"):
                getattr(self._log, line.level)(line.text)
            else:
                self._log.debug(line.text)
                if not self._ready.is_set():
                    self._last_lines.append(line.text)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """End the whole group: first asking, then not."""
        for sign, seconds in ((signal.SIGTERM, self._patience.stop), (signal.SIGKILL, 5.0)):
            if process.returncode is None:
                _signal_group(process.pid, sign)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(process.wait()), seconds)
        # A child may outlive its leader; the group's number stays taken as long as one does.
        _signal_group(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/")).status_code == 200
    except httpx.HTTPError:
        return False


def _signal_group(group: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else str(-code)
    return f"signal {name}" + (", most often for lack of memory" if code == -signal.SIGKILL else "")


def _free_port(wanted: int) -> int:
    """`wanted` if it can be had on loopback, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
