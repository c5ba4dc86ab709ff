"""The real service as a process of its own, as `make run` starts it, against stand-ins for the providers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from tests.standins.twilio import TwilioStandIn

ROOT = Path(__file__).resolve().parents[2]


def environment(*standins: object, **more: str) -> dict[str, str]:
    """Settings, as environment variables, of a service that uses these stand-ins."""
    fields = {name: value for standin in standins for name, value in standin.settings.items()}  # type: ignore[attr-defined]
    return {**{name.upper(): value for name, value in fields.items()}, **more}


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Running:
    """`kasama run` in a folder of its own.

    settings: further environment. models: folder of trained models, so that nothing is trained again.
    """

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        models = home / "models"
        if not models.exists():
            models.symlink_to(ROOT / "var" / "models")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KASAMA_", "TWILIO_", "TELEGRAM_", "SMTP_"))}
        self.environment = {**kept, "KASAMA_HOME": str(home), "KASAMA_PORT": str(self.port), **settings}
        self.log = home / "service.log"
        self.process: subprocess.Popen[bytes] | None = None
        # One for all: each new one reads every certificate of the system, and tests ask again and again.
        self.client = httpx.Client(timeout=30, trust_env=False)

    def start(self, *, model: bool = True, seconds: float = 60) -> None:
        """Start, and wait until it takes messages (`model`: until it answers questions too)."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--no-chat"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended at once:\n{self.log.read_text()[-3000:]}")
            try:
                if self.client.get(f"{self.url}/{'readyz' if model else 'healthz'}", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the service did not get ready:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """As Ctrl-C does; kills it when that does not end it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def sms(self, twilio: TwilioStandIn, sender: str, text: str, sid: str | None = None) -> httpx.Response:
        """An SMS as Twilio's webhook brings it."""
        url = self.url + "/webhooks/twilio/sms"
        body, headers = twilio.signed(url, twilio.inbound(sender, text, sid))
        return self.client.post(url, content=body, headers=headers)


def wait_for(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether `holds` came true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return holds()
