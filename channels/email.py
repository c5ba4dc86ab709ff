"""E-mail to partners: a call for help in an inbox that somebody reads, and what is answered to it."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from starlette.routing import Route

from bot.messages import DeliveryError, Outbound, PartnerReply, Receive, ReceivePartner
from bot.segments import clean
from bot.setting_values import is_here
from bot.settings import Settings
from bot.store.crypto import Vault
from channels.mail_reading import read_mail
from channels.mailbox import MailboxReader, Place, names_a_mail_of_ours, returned

log = structlog.get_logger(__name__)

NO_SUCH_ADDRESS = {550, 553}
"""A mail server's answers when the address itself is the mistake. Anything else may be over soon."""


class Email:
    """The `email` channel. Addresses are e-mail addresses.

    timeout: seconds for connecting, and for each answer. every: seconds between looks into the mailbox.
    receive_partner: set where the app is put together. Without it, and without a mailbox, answers are not read.
    """

    name = "email"

    def __init__(self, settings: Settings, *, timeout: float = 10.0, every: float = 10.0) -> None:
        url = urlsplit(settings.smtp_url.get_secret_value())
        self._user, self._password = unquote(url.username or ""), unquote(url.password or "")
        self._host, self._timeout, self._tls = url.hostname or "localhost", timeout, url.scheme == "smtps"
        self._port = url.port or (465 if self._tls else 587 if self._user else 25)
        public = urlsplit(settings.public_url).hostname or ""
        self._sender = self._user if self._user.count("@") == 1 else f"kasama@{public or 'localhost'}"
        self._domain = self._sender.rpartition("@")[2]
        self._settings = settings
        self.receive_partner: ReceivePartner | None = None
        place = Place.of(settings.imap_url.get_secret_value()) if settings.imap_url.get_secret_value() else None
        self._mailbox = MailboxReader(place, every=every) if place else None
        self._answers_to = place.user if place and "@" in place.user and place.user != self._sender else ""
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
        return False if is_here(self._host) else None

    def _mail(self, address: str, message: Outbound, key: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["To"] = address
            mail["From"] = self._sender
            mail["Subject"] = " ".join(clean(message.subject).split()) or "Kasama"
            mail["Date"] = format_datetime(datetime.now(UTC))
            if self._answers_to:
                mail["Reply-To"] = self._answers_to
            # Nobody can guess it, and it is the same for the same key: an answer that names it is one to this mail.
            mail["Message-ID"] = f"<k.{Vault(self._settings.keys).mark('mail', key)}@{self._domain}>"
            if message.answers:
                mail["In-Reply-To"] = mail["References"] = message.answers
            mail["X-Kasama-Delivery"] = "".join(c for c in key if " " < c < "\x7f")
            # So that no holiday notice answers it; the second is Exchange's.
            mail["Auto-Submitted"] = "auto-replied" if message.answers else "auto-generated"
            mail["X-Auto-Response-Suppress"] = "All"
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
        """None: mails are fetched."""
        return []

    async def run(self, receive: Receive) -> None:
        """Looks into the mailbox for what partners answer, if there is one. Women do not write by mail."""
        if self._mailbox is not None and self.receive_partner is not None:
            await self._mailbox.run(self._take)

    def trouble(self) -> str | None:
        """That answers are not read, in words; None: all is well, or there is no mailbox."""
        return self._mailbox.trouble if self._mailbox is not None else None

    async def _take(self, raw: bytes) -> bool:
        """Take in a mail. Whether it is about a case: such a mail holds her words and does not stay in the mailbox."""
        about_a_case = names_a_mail_of_ours(raw, self._domain)
        try:
            mail = await asyncio.to_thread(read_mail, raw, [a for a in (self._sender, self._answers_to) if a])
        except Exception as error:  # a mail may be broken in any way; its text must not get into the log
            log.error("a mail cannot be read; look at it in the mailbox", error=type(error).__name__)
            return False
        about_a_case = about_a_case or mail.quotes_ours
        if mail.automatic:
            if about_a_case:
                log.warning("no person wrote this mail, so it is no answer to a case", came_back=returned(raw))
            return about_a_case
        assert self.receive_partner is not None
        await self.receive_partner(
            PartnerReply(
                self.name,
                mail.sender,
                mail.name,
                mail.words,
                mail.fingerprint,
                thread=mail.thread,
                message_id=mail.message_id,
            )
        )
        return about_a_case

    async def close(self) -> None:
        """Nothing to close: each message has a connection of its own, and `run` closes the mailbox."""


def _refused(code: int) -> DeliveryError:
    return DeliveryError(f"{code} recipient refused", permanent=code in NO_SUCH_ADDRESS, refused=True)
