"""The dialogue model's process, with a small server in Rasa's place and the real launcher."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from bot.dialogue_output import read_line
from bot.processes import DialogueServer, Patience

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = [sys.executable, str(ROOT / "bot" / "rasa_process.py")]
QUICK = Patience(
    first_restart=0.05, longest_restart=0.4, start=10, steady=60, hung=0.4,
    between_checks=0.05, one_check=0.2, poll=0.02, stop=0.5,
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout with nothing in it but the stand-in for Rasa."""
    (tmp_path / "rasa").mkdir()
    (tmp_path / "rasa" / "__init__.py").touch()
    shutil.copy(Path(__file__).with_name("fake_rasa.py"), tmp_path / "rasa" / "__main__.py")
    (tmp_path / "model.tar.gz").touch()
    return tmp_path


@pytest.fixture
async def server(place: Path) -> AsyncIterator[DialogueServer]:
    """A supervisor that is not started yet, and is stopped whatever happens."""
    made = DialogueServer(
        place / "model.tar.gz",
        "http://127.0.0.1:1/actions",
        root=place,
        speedups="none",
        command=LAUNCHER,
        patience=QUICK,
    )
    yield made
    await made.stop()


def facts(place: Path) -> dict[str, Any]:
    return dict(json.loads((place / "facts.json").read_text()))


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # a dead process that nobody has reaped yet does not live
    try:
        return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_program(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.DEVNULL)


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_starts_answers_and_ends_with_all_its_children(server: DialogueServer, place: Path) -> None:
    await server.start()
    assert await server.ready(10)
    assert server.state == "ready" and server.url.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(server.url)).status_code == 200
    told = facts(place)
    assert told["pid"] == server.pid
    await server.stop()
    assert server.state == "stopped" and server.pid is None
    await until(lambda: not lives(told["pid"]) and not lives(told["child"]))


async def test_no_secret_of_the_service_reaches_it(
    server: DialogueServer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KASAMA_SECRET_KEY", "TWILIO_AUTH_TOKEN", "TELEGRAM_BOT_TOKEN", "SMTP_URL", "KASAMA_DATABASE_URL"):
        monkeypatch.setenv(name, "a secret")
    await server.start()
    assert await server.ready(10)
    environment = facts(place)["environment"]
    assert "a secret" not in environment.values()
    assert environment["KASAMA_ACTIONS_URL"] == "http://127.0.0.1:1/actions"
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    arguments = facts(place)["arguments"]
    assert arguments[arguments.index("--interface") + 1] == "127.0.0.1"


async def test_a_process_that_dies_is_started_again_at_the_same_address(server: DialogueServer, place: Path) -> None:
    await server.start()
    assert await server.ready(10)
    address, first, child = server.url, facts(place)["pid"], facts(place)["child"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: server.restarts == 1)
    assert await server.ready(10)
    assert server.url == address and facts(place)["pid"] != first
    assert not lives(child), "what the dead process had started must be gone too"


async def test_a_process_that_hangs_is_ended_and_started_again(server: DialogueServer, place: Path) -> None:
    (place / "deaf").touch()
    await server.start()
    assert await server.ready(10)
    first = facts(place)["pid"]
    (place / "hang").touch()
    await until(lambda: server.state == "waiting")
    (place / "hang").unlink()
    assert await server.ready(10)
    assert not lives(first) and server.restarts == 1


async def test_a_process_that_never_starts_is_tried_less_and_less_often_and_its_last_words_are_told(
    server: DialogueServer, place: Path
) -> None:
    (place / "die").touch()
    with structlog.testing.capture_logs() as logs:
        await server.start()
        await until(lambda: server.restarts >= 3)
        assert not await server.ready(0.01)
    pauses = [line["event"].split(" in ")[1] for line in logs if "starting it again" in line["event"]]
    assert pauses[:3] == ["0.05 s", "0.1 s", "0.2 s"]
    told = [line["event"] for line in logs]
    assert any("the model file is broken" in line for line in told)
    assert any("exit code 3" in line for line in told)
    (place / "die").unlink()
    assert await server.ready(10)


async def test_a_missing_environment_is_told_and_does_not_end_the_service(place: Path) -> None:
    server = DialogueServer(place / "model.tar.gz", "http://127.0.0.1:1/", root=place, patience=QUICK)
    with structlog.testing.capture_logs() as logs:
        await server.start()
        await until(lambda: server.restarts >= 1)
    await server.stop()
    assert "cannot be started" in logs[0]["event"]


async def test_a_port_taken_meanwhile_is_left_to_its_owner(server: DialogueServer, place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
        taken.listen()
        await server.start()
        assert await server.ready(10)
        assert server.url != f"http://127.0.0.1:{taken.getsockname()[1]}"


async def test_its_words_come_out_in_our_log(server: DialogueServer) -> None:
    with structlog.testing.capture_logs() as logs:
        await server.start()
        assert await server.ready(10)
        await until(lambda: any(line["event"] == "rasa.core: something odd" for line in logs))
    line = next(line for line in logs if line["event"] == "rasa.core: something odd")
    assert line["part"] == "dialogue" and line["log_level"] == "warning"


async def test_it_dies_with_a_service_that_is_killed(place: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio
        from pathlib import Path
        from bot.processes import DialogueServer

        async def main():
            place = Path({str(place)!r})
            url = "http://127.0.0.1:1/"
            server = DialogueServer(place / "model.tar.gz", url, root=place, speedups="none", command={LAUNCHER!r})
            await server.start()
            await asyncio.sleep(60)

        asyncio.run(main())
    """)
    service = run_program(program)
    try:
        await until((place / "facts.json").exists, 15)
        told = facts(place)
        assert lives(told["pid"])
    finally:
        service.kill()
        service.wait()
    await until(lambda: not lives(told["pid"]), 5)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            "2030-01-01 10:00:00 INFO     root  - Rasa server is up and running.",
            ("info", "root: Rasa server is up and running."),
        ),
        ("\x1b[33m2030-01-01 10:00:00 WARNING  rasa.x  - Not good 'help me'\x1b[0m", ("warning", "rasa.x: Not good …")),
        ("2030-01-01 10:00:00 ERROR    rasa.x  - Text 'I don't know' was odd", ("error", "rasa.x: Text …")),
        ("2030-01-01 10:00:00 [error    ] odd thing  text=he hits me", ("error", "odd thing  …")),
        ('  File "/a/b/c.py", line 7, in run', ("debug", "at c.py:7 run")),
        ("ValueError: could not read 'tulong po'", ("warning", "ValueError")),
        ("    text = 'tulong po'", None),
        ("he hits me every day", None),
        ("/x.py:3: DeprecationWarning: old", None),
        ("", None),
        (
            '2030-01-01 10:00:00 ERROR    rasa.x  - {"event": "a.b", "event_info": "It failed", "text": "he hits me", '
            '"exception": [{"exc_type": "KeyError", "exc_value": "he", "frames": [{"filename": "/a/b.py", "lineno": 3}]}]}',
            ("error", "rasa.x: It failed | KeyError at b.py:3"),
        ),
        ('{"event": "odd", "text": "he hits me"}', ("warning", "odd")),
        ("2030-01-01 10:00:00 ERROR    rasa.x  - Cannot read: he hits me", ("error", "rasa.x: Cannot read…")),
        ('{"event": "odd", "text": "he hits', ("warning", "a record of no known form")),
    ],
)
def test_a_line_says_what_happened_and_quotes_nobody(raw: str, expected: tuple[str, str] | None) -> None:
    line = read_line(raw, serving=True)
    assert (line and tuple(line)) == expected
    assert line is None or ("hits" not in line.text and "tulong" not in line.text)
