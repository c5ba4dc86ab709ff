"""Whatever goes wrong while calls for help come in, each reaches the partner, and nothing comes twice but what is counted.

A round: calls for help and questions from as many women arrive for some seconds, and meanwhile faults at random: the service is
killed, another program holds the database, the disk is full, the mail server or the SMS provider is down, the clock jumps by an
hour. `KASAMA_TEST_FAULTS=200` for the full measurement; `KASAMA_TEST_SEED` for other rounds.

A full disk takes a file system of the test's own (root), a jumping clock takes libfaketime; without them these are left out.
"""

from __future__ import annotations

import functools
import os
import random
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.forking import Forking
from tests.end_to_end.running import environment, wait_for
from tests.standins.serving import Failure
from tests.standins.smtp import SmtpStandIn
from tests.standins.twilio import TwilioStandIn

ROUNDS = int(os.environ.get("KASAMA_TEST_FAULTS", "3"))
WOMEN = 4
"""Who call for help in a round; as many ask something."""

LASTS = 6.0
"""Seconds in which the messages of a round arrive."""

SETTLES = 180.0
"""Seconds within which everything must have arrived after the last fault, also on a slow machine."""

SOS = "help, he is beating me"
DUTY = "duty@partner.example"
OPERATOR_SMS = "+85290000001"
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


class Down(list[Failure]):
    """Every request fails until it is over."""

    def pop(self, index: object = -1) -> Failure:
        return self[0]


class Trial:
    """A service on a small disk of its own, started again whenever it ends, as systemd would; and what may happen to it."""

    def __init__(self, folder: Path, twilio: TwilioStandIn, smtp: SmtpStandIn, chance: random.Random) -> None:
        self.twilio, self.smtp, self.chance = twilio, smtp, chance
        self.disk, self.clock = folder / "disk", folder / "clock"
        self.disk.mkdir()
        mounting = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(self.disk)]
        self.mounted = os.geteuid() == 0 and subprocess.run(mounting, capture_output=True).returncode == 0
        self.clock.write_text("+0\n")
        more = {} if FAKETIME is None else {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
        }  # fmt: skip
        settings = environment(
            twilio, smtp, KASAMA_OPERATOR_EMAIL=DUTY, KASAMA_OPERATOR_SMS=OPERATOR_SMS, KASAMA_PAUSE="0",
            KASAMA_RASA_URL="http://127.0.0.1:9", KASAMA_INTERNAL_TOKEN="ab" * 32, **more,
        )  # fmt: skip
        self.service = Forking(self.disk / "home", settings, folder / "service.log")
        self.kills = self.starts = 0
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        """Start it whenever it is not there."""
        while not self._over.wait(0.3):
            if not self.service.alive():
                self.starts += 1
                self.service.fork()

    def close(self) -> None:
        self._over.set()
        self._watching.join(60)
        self.service.stop()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.disk)], check=True)

    @property
    def database(self) -> Path:
        return self.service.home / "kasama.sqlite3"

    def unnotified(self, women: list[str]) -> list[str]:
        """Those of whom the partner has no mail."""
        texts = [mail.text for mail in self.smtp.mails]
        return [woman for woman in women if not any(f"{woman} (" in text for text in texts)]

    def unanswered(self, women: list[str]) -> list[str]:
        """Those who have nothing from us yet."""
        return [woman for woman in women if not self.twilio.texts(woman)]

    # Faults; each lasts as long as it is told (seconds)

    def faults(self) -> list[str]:
        names = ["killed", "locked", "no_mail", "no_sms", "unsure_mail"]
        names += ["full"] if self.mounted else []
        return names + (["jump"] if FAKETIME else [])

    def killed(self, _seconds: float) -> None:
        """As by a power cut; it is started again by itself."""
        if self.service.alive():
            self.kills += 1
            self.service.kill()

    def locked(self, seconds: float) -> None:
        """Another program writes, and takes its time."""
        with sqlite3.connect(self.database, timeout=20, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        other.close()

    def full(self, seconds: float) -> None:
        """Not a byte is left on the disk."""
        ballast = self.disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        time.sleep(seconds)
        ballast.unlink()

    def no_mail(self, seconds: float) -> None:
        """Nobody listens at the mail server's address."""
        self.smtp.down()
        time.sleep(seconds)
        self.smtp.up()

    def unsure_mail(self, _seconds: float) -> None:
        """The mail server has a passing trouble with three mails."""
        self.smtp.refuse_data += ["451 try again"] * 3

    def no_sms(self, seconds: float) -> None:
        """The SMS provider answers nothing of use."""
        self.twilio.failures = Down(
            [self.chance.choice([Failure(503), Failure(hang=1, status=500), Failure(cut=True)])]
        )
        time.sleep(seconds)
        self.twilio.failures = []

    def jump(self, _seconds: float) -> None:
        """The clock is set, by an hour there or back; it stays so."""
        self.clock.write_text(self.chance.choice(["+3600\n", "-3600\n", "+0\n"]))


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    chance = random.Random(os.environ.get("KASAMA_TEST_SEED", "6"))
    with TwilioStandIn() as twilio, SmtpStandIn() as smtp:
        trial = Trial(tmp_path, twilio, smtp, chance)
        try:
            assert wait_for(trial.service.answers, 300), trial.service.log.read_text()[-2000:]
            yield trial
        finally:
            trial.close()


def is_empty(found: Callable[[list[str]], list[str]], women: list[str]) -> bool:
    return not found(women)


def bring(trial: Trial, sender: str, text: str, sid: str, until: float) -> bool:
    """As a provider brings a message: again and again until it is taken."""
    while time.monotonic() < until:
        try:
            if trial.service.sms(trial.twilio, sender, text, sid).status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    return False


def one_round(trial: Trial, number: int) -> tuple[list[str], list[str]]:
    """Messages and faults of a round; who called for help, and which faults there were."""
    chance, taken = trial.chance, Counter[str]()
    cries = [f"+85291{number:04}{n:02}" for n in range(WOMEN)]
    asks = [f"+85292{number:04}{n:02}" for n in range(WOMEN)]
    names = chance.sample(trial.faults(), chance.choice((1, 2, 2, 3)))
    happening = [
        threading.Timer(chance.random() * LASTS * 0.7, getattr(trial, name), [1 + 3 * chance.random()])
        for name in names
    ]
    until = time.monotonic() + SETTLES

    def write(sender: str, text: str, sid: str, wait: float) -> None:
        time.sleep(wait)
        taken[sender] += bring(trial, sender, text, sid, until)

    texts = [(sender, SOS) for sender in cries] + [(sender, "how many hours may I work?") for sender in asks]
    writing = [
        threading.Thread(target=write, args=(sender, text, f"SM{number:016x}{n:016x}", chance.random() * LASTS))
        for n, (sender, text) in enumerate(texts)
    ]
    for thread in (*happening, *writing):
        thread.start()
    for thread in (*happening, *writing):
        thread.join()
    assert set(taken.values()) == {1} and len(taken) == len(texts), f"{names}: not taken in time: {taken}"
    return cries, names


def test_every_call_for_help_is_notified(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    cries: list[str] = []
    happened, slowest = Counter[str](), 0.0
    for number in range(ROUNDS):
        these, names = one_round(trial, number)
        cries += these
        happened.update(names)
        begun = time.monotonic()
        for what, still in (("not notified", trial.unnotified), ("no first reply", trial.unanswered)):
            assert wait_for(functools.partial(is_empty, still, these), SETTLES), (
                f"{number}, {names}: {what} {still(these)}"
            )
        slowest = max(slowest, time.monotonic() - begun)
        if ROUNDS > 10:
            with capsys.disabled():
                print(f"round {number}: {', '.join(names)}; settled in {time.monotonic() - begun:.1f} s", flush=True)
    time.sleep(3)
    log = trial.service.log.read_text()
    unsure = log.count("sent, perhaps for the second time")
    with sqlite3.connect(f"file:{trial.database}?mode=ro", uri=True) as database:
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (len(cries),), "one case each, none lost"
        stored = database.execute("SELECT count(*) FROM inbound").fetchone()[0]
    database.close()
    assert stored == 2 * len(cries), "questions are there too"
    keys = Counter(str(mail.message["X-Kasama-Delivery"]) for mail in trial.smtp.mails)
    twice = sum(keys.values()) - len(keys)
    first = [m for m in trial.smtp.mails if not str(m.message["Subject"]).startswith("REPEAT")]
    assert len(first) - len(cries) <= twice <= unsure, "what comes twice to a partner is a marked repeat, or counted"
    to_her = Counter((m["to"], m["body"]) for m in trial.twilio.messages if m["to"] in cries)
    assert {who: n for who, n in to_her.items() if n != 1} == {}, "nothing twice to her: the provider can tell"
    with capsys.disabled():
        print(
            f"\n{ROUNDS} rounds, {len(cries)} calls for help, all notified, the slowest round settled in {slowest:.1f} s; "
            f"{trial.kills} kills, {trial.starts} starts; faults {dict(happened)}; {twice} mails twice, {unsure} counted"
        )
