"""The mailbox that partners answer to, against a real IMAP server: what is taken in, what stays, what happens on a bad day."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy.exc import OperationalError

from bot.messages import Outbound, PartnerReply
from bot.settings import SettingsError
from channels import HearsPartners, TellsTrouble
from channels.email import Email
from channels.mailbox import MailboxReader, Place
from tests.cases.test_by_mail import all_sent
from tests.cases.town import HER, SOS, Town, until
from tests.channels.conftest import Inbox, settings
from tests.standins.mailbox import PASSWORD, USER, MailboxStandIn
from tests.standins.smtp import Mail, SmtpStandIn

DUTY = "duty@operator.example"


@pytest.fixture(scope="module")
def running() -> Iterator[MailboxStandIn]:
    with MailboxStandIn() as started:
        yield started


@pytest.fixture
def box(running: MailboxStandIn) -> MailboxStandIn:
    running.empty()
    return running


@pytest.fixture(scope="module")
def smtp() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as started:
        yield started


class Reading:
    """The `email` channel as it reads a mailbox, and what it hands on. failures: raised for the next mails."""

    def __init__(self, box: MailboxStandIn, **values: Any) -> None:
        self.channel = Email(settings(imap_url=box.url, **values), every=0.1)
        self.channel.receive_partner = self.receive
        assert self.channel._mailbox is not None
        self.channel._mailbox._longest_wait = 0.2
        self.replies: list[PartnerReply] = []
        self.failures: list[Exception] = []

    async def receive(self, reply: PartnerReply) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.replies.append(reply)

    async def __aenter__(self) -> Reading:
        self._task = asyncio.create_task(self.channel.run(Inbox().receive))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def settled(self, box: MailboxStandIn, left: list[tuple[str, bool]]) -> None:
        """Wait until this is what is left in the mailbox."""
        for _ in range(60):
            found = await asyncio.to_thread(box.left)
            if found == left:
                return
            await asyncio.sleep(0.1)
        assert found == left


def mail(subject: str, **headers: str) -> bytes:
    message = EmailMessage()
    given = {"From": f"Maria <{DUTY}>", "Subject": subject, "Message-ID": f"<{subject}@mail.example>", **headers}
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    message.set_content("I am here")
    return message.as_bytes()


async def ours(reading: Reading, smtp: SmtpStandIn) -> str:
    """The id of a mail that was sent."""
    return await reading.channel.send(DUTY, Outbound("a call"), key="case:482106:opened:operator:0")


async def test_what_is_about_a_case_is_deleted_and_everything_else_stays_as_read(
    box: MailboxStandIn, smtp: SmtpStandIn
) -> None:
    reading = Reading(box, **smtp.settings)
    thread = await ours(reading, smtp)
    box.put(
        mail("an answer", In_Reply_To=thread),
        mail("a letter"),
        mail("away", In_Reply_To=thread, Auto_Submitted="auto-replied"),
        mail("came back", From="mailer-daemon@mx.example", X_Failed_Recipients=DUTY, References=thread),
        mail("a newsletter", Precedence="bulk"),
    )
    async with reading:
        await reading.settled(box, [("a letter", True), ("a newsletter", True)])
    assert [(r.text, r.thread, r.address) for r in reading.replies] == [
        ("I am here", (thread,), DUTY),
        ("I am here", (), DUTY),
    ]
    assert reading.replies[0].sender == "Maria"


async def test_a_mail_that_a_colleague_has_opened_before_is_taken_in(box: MailboxStandIn, smtp: SmtpStandIn) -> None:
    reading = Reading(box, **smtp.settings)
    thread = await ours(reading, smtp)
    box.put(mail("opened", In_Reply_To=thread), seen=True)
    async with reading:
        await reading.settled(box, [])
    assert len(reading.replies) == 1


@pytest.mark.parametrize("failure", [OperationalError("her words", {}, Exception()), OSError(28, "no space")])
async def test_a_mail_that_cannot_be_stored_waits_in_order(
    box: MailboxStandIn, smtp: SmtpStandIn, failure: Exception
) -> None:
    reading = Reading(box, **smtp.settings)
    thread = await ours(reading, smtp)
    box.put(*(mail(name, In_Reply_To=thread) for name in ("one", "two")))
    reading.failures = [failure] * 3
    with structlog.testing.capture_logs() as logs:
        async with reading:
            await reading.settled(box, [])
    assert [r.message_id for r in reading.replies] == ["<one@mail.example>", "<two@mail.example>"]
    assert any("could not be stored" in entry["event"] for entry in logs) and "her words" not in str(logs)


async def test_a_mail_that_nothing_can_take_in_keeps_nobody_up(box: MailboxStandIn, smtp: SmtpStandIn) -> None:
    reading = Reading(box, **smtp.settings)
    thread = await ours(reading, smtp)
    box.put(*(mail(name, In_Reply_To=thread) for name in ("bad", "good")))

    async def receive(reply: PartnerReply) -> None:
        if reply.message_id.startswith("<bad"):
            raise KeyError("a mistake of ours")
        reading.replies.append(reply)

    reading.channel.receive_partner = receive
    with structlog.testing.capture_logs() as logs:
        async with reading:
            await reading.settled(box, [("bad", True)])
    assert len(reading.replies) == 1 and any("read it in the mailbox" in entry["event"] for entry in logs)


async def test_a_server_that_is_away_for_a_while_and_a_wrong_password(box: MailboxStandIn, smtp: SmtpStandIn) -> None:
    wrong = Reading(box, **smtp.settings)
    assert wrong.channel._mailbox is not None
    wrong.channel._mailbox._place = Place("127.0.0.1", box.port, False, USER, "wrong", "INBOX")
    reading = Reading(box, **smtp.settings)
    thread = await ours(reading, smtp)
    with structlog.testing.capture_logs() as logs:
        async with wrong, reading:
            await asyncio.sleep(0.5)
            box.down()
            await asyncio.sleep(0.5)
            box.up()
            box.put(mail("later", In_Reply_To=thread))
            await reading.settled(box, [])
    assert len(reading.replies) == 1 and wrong.replies == []
    assert any("trying again" in entry["event"] for entry in logs) and PASSWORD not in str(logs)


async def test_a_server_that_does_not_answer_holds_up_neither_the_service_nor_its_end() -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    reader = MailboxReader(Place("127.0.0.1", port, False, "u", "p", "INBOX"), every=0.1, timeout=2)

    async def take(_raw: bytes) -> bool:
        return True

    task = asyncio.create_task(reader.run(take))
    longest, start = 0.0, time.monotonic()
    while time.monotonic() - start < 1:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - before)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert longest < 0.5 and time.monotonic() - start < 3
    silent.close()


class Encrypted:
    """Speaks TLS in front of a mailbox, with a certificate that nobody else has signed."""

    def __init__(self, box: MailboxStandIn, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        day = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, day - timedelta(1), day + timedelta(1))
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        self.certificate = folder / "certificate.pem"
        self.certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(self.certificate, folder / "key.pem")
        self._box = box

    async def __aenter__(self) -> int:
        async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", self._box.port)
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

        self._server = await asyncio.start_server(through, "127.0.0.1", 0, ssl=self._context)
        return int(self._server.sockets[0].getsockname()[1])

    @staticmethod
    async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                to.write(data)
                await to.drain()
        to.close()

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_encrypted_and_only_with_a_server_that_proves_who_it_is(
    box: MailboxStandIn, smtp: SmtpStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    encrypted = Encrypted(box, tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(encrypted.certificate))
    async with encrypted as port:
        reading = Reading(box, **smtp.settings)
        assert reading.channel._mailbox is not None
        reading.channel._mailbox._place = Place("localhost", port, True, USER, PASSWORD, "INBOX")
        box.put(mail("an answer", In_Reply_To=await ours(reading, smtp)))
        with structlog.testing.capture_logs() as logs:
            async with reading:
                if trusted:
                    await reading.settled(box, [])
                else:
                    await asyncio.sleep(0.5)
    assert len(reading.replies) == trusted
    assert any(entry.get("error") == "SSLCertVerificationError" for entry in logs) is not trusted


def test_readyz_is_told_when_answers_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Email(settings(imap_url="imaps://a%40b.example:p@mail.example"))
    assert isinstance(channel, TellsTrouble) and isinstance(channel, HearsPartners)
    assert channel.trouble() is None and Email(settings()).trouble() is None
    assert channel._mailbox is not None
    channel._mailbox._well_at -= 600
    assert "not been read for 10 minutes" in str(channel.trouble())


async def test_two_services_at_one_mailbox(box: MailboxStandIn, smtp: SmtpStandIn) -> None:
    first, second = Reading(box, **smtp.settings), Reading(box, **smtp.settings)
    thread = await ours(first, smtp)
    box.put(*(mail(f"m{n}", In_Reply_To=thread) for n in range(30)))
    async with first, second:
        await first.settled(box, [])
    found = {r.provider_id for r in first.replies + second.replies}
    assert len(found) == 30, "both may find a mail; the store knows it by this id"


@pytest.mark.parametrize(
    "url", ["imap://u:p@mail.example/INBOX", "http://u:p@mail.example", "imaps://mail.example", "imaps://u:p@"]
)
def test_a_wrong_address_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="KASAMA_IMAP_URL") as caught:
        settings(imap_url=url)
    assert "u:p" not in str(caught.value)


def test_the_mailbox_must_be_where_answers_go() -> None:
    with pytest.raises(SettingsError, match="KASAMA_IMAP_URL must have an e-mail address"):
        settings(imap_url="imaps://kasama:p@mail.example", smtp_url="smtp://other:p@mail.example")
    with pytest.raises(SettingsError, match="SMTP_URL is missing"):
        settings(imap_url="imaps://a%40b.example:p@mail.example", smtp_url="", operator_email="")
    same = Email(settings(imap_url="imaps://kasama:p@mail.example", smtp_url="smtp://kasama:p@mail.example"))
    assert "Reply-To" not in same._mail(DUTY, Outbound("x"), "k")
    other = Email(settings(imap_url="imaps://a%40b.example:p@mail.example", smtp_url="smtp://kasama:p@mail.example"))
    assert other._mail(DUTY, Outbound("x"), "k")["Reply-To"] == "a@b.example"


def gmail_answer(to: Mail, words: str) -> bytes:
    """An answer as Gmail writes it."""
    reply = EmailMessage()
    reply["From"], reply["To"] = f"Maria Santos <{DUTY}>", to.message["Reply-To"]
    reply["Subject"] = f"Re: {to.message['Subject']}"
    reply["Message-ID"] = f"<CA{abs(hash(words))}@mail.gmail.example>"
    reply["In-Reply-To"] = reply["References"] = to.message["Message-ID"]
    quoted = "\n".join(f"> {line}".rstrip() for line in to.text.splitlines())
    reply.set_content(
        f"{words}\n\n-- \nMaria Santos\nExample Line\n\nOn Wed, 25 Nov 2026 at 16:24, <{USER}> wrote:\n\n{quoted}\n"
    )
    return reply.as_bytes()


async def test_the_whole_way(box: MailboxStandIn, smtp: SmtpStandIn, tmp_path: Path) -> None:
    smtp.mails.clear()
    town = Town(tmp_path, mail_read=True)
    channel = Email(settings(imap_url=box.url, **smtp.settings), every=0.2)
    town.channels["email"] = channel
    async with town:
        channel.receive_partner = town.world.receive_partner
        fetching = asyncio.create_task(channel.run(Inbox().receive))
        await town.writes(SOS)
        assert await until(lambda: len(smtp.mails) == 1)
        announced = smtp.mails[0]
        assert announced.message["Reply-To"] == USER and SOS in announced.text
        await all_sent(town)
        start = time.monotonic()
        await asyncio.to_thread(box.put, gmail_answer(announced, "I am Maria. Are you alone now?"))
        assert await until(lambda: "I am Maria. Are you alone now?" in town.channels["sms"].texts(HER))
        print(f"from the mailbox to her channel: {time.monotonic() - start:.1f} s")
        assert await until(lambda: len(smtp.mails) == 2)
        confirmed = smtp.mails[1]
        assert confirmed.recipients == (DUTY,) and "| I am Maria. Are you alone now?" in confirmed.text
        assert confirmed.message["In-Reply-To"].startswith("<CA") and confirmed.message["Subject"].startswith(
            "Re: Call for help"
        )
        assert confirmed.message["Auto-Submitted"] == "auto-replied"
        await all_sent(town)
        await asyncio.to_thread(box.put, gmail_answer(confirmed, "BOT"))
        assert await until(lambda: any("me again" in text for text in town.channels["sms"].texts(HER)))
        assert await asyncio.to_thread(box.left) == [], "what holds her words does not stay in the mailbox"
        assert not any("Example Line" in text and "Maria" in text for text in town.channels["sms"].texts(HER))
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
