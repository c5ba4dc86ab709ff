"""E-mail to partners: a call for help in an inbox that somebody reads."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib
from starlette.routing import Route

from bot.messages import DeliveryError, Outbound, Receive
from bot.segments import clean
from bot.settings import Settings

NO_SUCH_ADDRESS = {550, 553}
"""A mail server's answers when the address itself is the mistake. Anything else may be over soon."""


class Email:
    """The `email` channel. Addresses are e-mail addresses. timeout: seconds for connecting, and for each answer."""

    name = "email"

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        url = urlsplit(settings.smtp_url.get_secret_value())
        self._user, self._password = unquote(url.username or ""), unquote(url.password or "")
        self._host, self._timeout, self._tls = url.hostname or "localhost", timeout, url.scheme == "smtps"
        self._port = url.port or (465 if self._tls else 587 if self._user else 25)
        public = urlsplit(settings.public_url).hostname or ""
        self._sender = self._user if self._user.count("@") == 1 else f"kasama@{public or 'localhost'}"
        # Never looked up in the DNS: a slow name server would hold up a call for help.
        self._own_name = public or socket.gethostname() or "localhost"

    def render(self, message: Outbound) -> list[str]:
        """The text as it is."""
        return [clean(message.text)]

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand the message to the mail server; returns its Message-ID, the same for the same key."""
        mail = self._mail(address, message, key)
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._user or None,
                password=self._password or None,
                use_tls=self._tls,
                start_tls=self._start_tls(),
                timeout=self._timeout,
                local_hostname=self._own_name,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code if error.recipients else 0) from None
        except aiosmtplib.SMTPRecipientRefused as error:
            raise _refused(error.code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise DeliveryError(str(error.code), refused=True) from None
        except aiosmtplib.SMTPConnectError as error:
            raise DeliveryError(type(error).__name__, refused=True) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(type(error).__name__) from None
        return str(mail["Message-ID"])

    def _start_tls(self) -> bool | None:
        """Encrypted as soon as the server offers it. Not on this machine: the traffic does not leave it, and a mail
        server here rarely has a certificate that anybody could check.
        """
        if self._tls:
            return False
        try:
            return False if ipaddress.ip_address(self._host).is_loopback else None
        except ValueError:
            return False if self._host == "localhost" else None

    def _mail(self, address: str, message: Outbound, key: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["To"] = address
            mail["From"] = self._sender
            mail["Subject"] = " ".join(clean(message.subject).split()) or "Kasama"
            mail["Date"] = format_datetime(datetime.now(UTC))
            digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:32]
            mail["Message-ID"] = f"<{digest}@{self._sender.rpartition('@')[2]}>"
            mail["X-Kasama-Delivery"] = "".join(c for c in key if " " < c < "\x7f")
            mail["Auto-Submitted"] = "auto-generated"  # so that no holiday notice answers it
            text = self.render(message)[0]
            # Readable in the raw too, which whole base64 would not be.
            mail.set_content(text, cte=None if text.isascii() else "quoted-printable")
        except (ValueError, MessageError, IndexError):
            raise DeliveryError("not an address", permanent=True) from None
        return mail

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """Always None: a mail server does not tell. By the Message-ID, which is the same again, mail programs can."""
        return None

    def routes(self, receive: Receive) -> list[Route]:
        """None: nobody writes to us by e-mail."""
        return []

    async def run(self, receive: Receive) -> None:
        """Nothing to fetch."""

    async def close(self) -> None:
        """Nothing to close: each message has a connection of its own."""


def _refused(code: int) -> DeliveryError:
    return DeliveryError(f"{code} recipient refused", permanent=code in NO_SUCH_ADDRESS, refused=True)
