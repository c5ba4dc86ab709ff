"""`kasama say` and `kasama nlu eval`: through the running service when there is one, else through one started for it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.evaluation import as_text, report
from bot.logs import configure_logs
from bot.messages import Outbound
from bot.saying import LineError, say
from bot.settings import Settings
from channels.rendering import BY_SMS

AT_ONCE = 8
"""Conversations under way at the same time; the messages of one sender stay in order."""

Say = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


def run(settings: Settings, line: Mapping[str, Any] | None, *, live: bool) -> None:
    """Say one line and print the replies, or say the JSON lines of standard input and write the results as JSON lines."""
    configure_logs("ERROR", stream=sys.stderr)
    if line is None:
        lines = [_json(n, text) for n, text in enumerate(sys.stdin, start=1) if text.strip()]
        asyncio.run(
            _say_all(settings, lines, live=live, write=lambda r: print(json.dumps(r, ensure_ascii=False), flush=True))
        )
        return
    try:
        result = asyncio.run(_say_all(settings, [line], live=live))[0]
    except LineError as error:
        sys.exit(str(error))
    for reply in result["replies"]:
        print(reply["text"])
        if line["channel"] not in BY_SMS:
            print(
                *(f"  {n} {label}" for n, label in enumerate(reply["choices"], start=1)),
                sep="\n",
                end="\n" if reply["choices"] else "",
            )
        if line["channel"] in BY_SMS:
            print(f"[{reply['segments']} SMS, {reply['encoding']}]")
    if result["case_id"]:
        print(f"(case {result['case_id']}, {result['kind']})")
    if not result["replies"]:
        sys.exit("No reply: the dialogue model did not answer in time.")


def evaluate(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Say each labelled line as a conversation of its own, and print the report."""
    made = measure(settings, [file])
    print(json.dumps(made, ensure_ascii=False, indent=1) if as_json else as_text(made))


def measure(settings: Settings, files: Sequence[Path]) -> dict[str, Any]:
    """`bot.evaluation.report` of labelled lines, each said as a conversation of its own. Exits with a sentence on a bad file."""
    configure_logs("ERROR", stream=sys.stderr)
    lines = [line for file in files for line in _labelled(file)]
    results = asyncio.run(_say_all(settings, [{"text": line["text"]} for line in lines], live=False))
    return report(lines, results)


def _labelled(file: Path) -> list[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        sys.exit(f"{file}: cannot be read ({error.strerror}).")
    lines = [_json(n, row) for n, row in enumerate(text.splitlines(), start=1) if row.strip()]
    for n, line in enumerate(lines, start=1):
        missing = [name for name in ("text", "lang", "intent") if not isinstance(line.get(name), str)]
        if missing:
            sys.exit(f"{file}, line {n}: {', '.join(missing)} is missing.")
    if not lines:
        sys.exit(f"{file}: there are no lines in it.")
    return lines


def _json(number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as error:
        sys.exit(f"line {number} is not JSON: {error}")
    if not isinstance(line, dict):
        sys.exit(f"line {number} is not a JSON object")
    return line


async def _say_all(
    settings: Settings,
    lines: Sequence[Mapping[str, Any]],
    *,
    live: bool,
    write: Callable[[dict[str, Any]], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """The results in the order of the lines, each written as soon as all before it are there."""
    results: list[asyncio.Future[dict[str, Any]]] = [asyncio.get_running_loop().create_future() for _ in lines]
    queues: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        queues.setdefault(str(line.get("sender") or f"\0{i}"), []).append(i)

    async def work(rows: Iterable[int], speak: Say) -> None:
        for i in rows:
            try:
                results[i].set_result(await speak(lines[i]))
            except LineError as error:
                if len(lines) == 1:
                    raise
                results[i].set_result({"error": str(error)})

    async with _speaker(settings, live=live) as speak:
        gate = asyncio.Semaphore(AT_ONCE)

        async def guarded(rows: list[int]) -> None:
            async with gate:
                await work(rows, speak)

        tasks = [asyncio.create_task(guarded(rows)) for rows in queues.values()]
        done = []
        for i in range(len(lines)):
            while not results[i].done():
                working: set[asyncio.Future[Any]] = {t for t in tasks if not t.done()}
                await asyncio.wait({results[i], *working}, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    if task.done():
                        task.result()  # raises what ended it
            done.append(results[i].result())
            write(done[-1])
        await asyncio.gather(*tasks)
        return done


@asynccontextmanager
async def _speaker(settings: Settings, *, live: bool) -> AsyncIterator[Say]:
    running = running_service(settings)
    if running is not None:
        async with httpx.AsyncClient(
            base_url=f"{running['url']}/internal/{running['token']}", timeout=90, trust_env=False
        ) as client:

            async def over_http(line: Mapping[str, Any]) -> dict[str, Any]:
                response = await client.post("/say", json={"line": dict(line), "live": live})
                if response.status_code == 400:
                    raise LineError(response.json()["error"])
                response.raise_for_status()
                return dict(response.json())

            yield over_http
        return

    from bot.service import Service
    from channels.rendering import render

    service = Service(settings, live=live, port=0)
    serving = asyncio.create_task(service.run())
    try:
        world = service.world if live and service.world else service.sandbox
        if not await service.dialogue_ready(120):
            print("the dialogue model does not answer; calls for help are still recognised", file=sys.stderr)

        def rendered(channel: str, message: Outbound) -> list[str]:
            return render(channel, message)

        async def here(line: Mapping[str, Any]) -> dict[str, Any]:
            return await say(world, line, rendered)

        yield here
    finally:
        service.should_end()
        await serving


def running_service(settings: Settings) -> dict[str, Any] | None:
    """Where the running service listens, if there is one."""
    path = settings.home / "run.json"
    try:
        found = json.loads(path.read_text())
        os.kill(found["pid"], 0)
        httpx.get(f"{found['url']}/healthz", timeout=2, trust_env=False).raise_for_status()
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return None
    return dict(found)
