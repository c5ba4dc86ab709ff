"""Stands in for a partner's mail server."""

from __future__ import annotations

import email
import socket
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was taken. at: time.time() then."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    at: float

    @property
    def text(self) -> str:
        """The plain text."""
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""


class SmtpStandIn:
    """mails: what was taken. refuse_recipient, refuse_data: answers (`550 no such user`) for the next ones."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuse_recipient: list[str] = []
        self.refuse_data: list[str] = []
        self.port = 0

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a service that uses this server."""
        return {"smtp_url": f"smtp://127.0.0.1:{self.port}"}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Hook of aiosmtpd."""
        if self.refuse_recipient:
            return self.refuse_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Hook of aiosmtpd."""
        if self.refuse_data:
            return self.refuse_data.pop(0)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), message, time.time()))
        return "250 OK"

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.up()
        return self

    def up(self) -> None:
        """Listen."""
        # Its own name is given, or it would ask the DNS for it.
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, server_hostname="localhost")
        self._controller.start()

    def down(self) -> None:
        """Listen no more, until `up`."""
        self._controller.stop()

    def __exit__(self, *_: object) -> None:
        self.down()
