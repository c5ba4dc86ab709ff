"""A mailbox of the tests' own: a real IMAP server on loopback (pymap), gone afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from imap_tools import AND, BaseMailBox, MailBoxUnencrypted

USER, PASSWORD = "kasama@line.example", "a pass:word@/"


class MailboxStandIn:
    """The server of one mailbox, `USER`'s."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder = tempfile.mkdtemp(prefix="kasama-mailbox-")
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the setting has it."""
        return f"imap://kasama%40line.example:a%20pass%3Aword%40%2F@127.0.0.1:{self.port}/INBOX"

    def __enter__(self) -> Self:
        self.up()
        return self

    def up(self) -> None:
        """Listen; what was in the mailbox before `down` is gone."""
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls"]
        command = [str(Path(sys.executable).with_name("pymap")), *options, "dict"]
        self._server = subprocess.Popen(
            [*command, "--demo-user", USER, "--demo-password", PASSWORD],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline and self._server.poll() is None, "the IMAP server did not start"
                time.sleep(0.05)

    def down(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def __exit__(self, *_: object) -> None:
        self.down()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _box(self) -> BaseMailBox:
        return MailBoxUnencrypted("127.0.0.1", self.port, timeout=5).login(USER, PASSWORD)

    def put(self, *mails: bytes, seen: bool = False) -> None:
        """Mails arrive. seen: somebody has opened them."""
        with self._box() as box:
            for mail in mails:
                box.append(mail, flag_set=["\\Seen"] if seen else None)

    def left(self) -> list[tuple[str, bool]]:
        """What is in the mailbox: subject, and whether it is marked as read."""
        with self._box() as box:
            unread = set(box.uids(AND(seen=False)))
            return [(mail.subject, mail.uid not in unread) for mail in box.fetch(mark_seen=False)]

    def empty(self) -> None:
        """Delete everything."""
        with self._box() as box:
            box.delete(box.uids())
