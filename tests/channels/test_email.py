"""E-mail to partners."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import DeliveryError, Outbound
from channels.email import Email
from tests.channels.conftest import Inbox, settings
from tests.standins.smtp import SmtpStandIn

DESK = "desk@ngo.example"
CALL = Outbound(
    "SOS si Juana po\nसहयोग “now” 🙏\n" + "long line " * 200, subject="Call for help: violence\r\nBcc: evil@example.org"
)


@pytest.fixture(scope="module")
def running() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as started:
        yield started


@pytest.fixture
def server(running: SmtpStandIn) -> SmtpStandIn:
    for kept in (running.mails, running.refuse_recipient, running.refuse_data):
        kept.clear()
    return running


@pytest.fixture
async def mail(server: SmtpStandIn) -> AsyncIterator[Email]:
    made = Email(settings(**server.settings), timeout=1.0)
    yield made
    await made.close()


async def test_send(mail: Email, server: SmtpStandIn) -> None:
    sent_id = await mail.send(DESK, CALL, key="case:1:email")
    [got] = server.mails
    assert got.text.splitlines() == CALL.text.splitlines()
    assert mail.render(CALL) == [CALL.text]
    assert got.recipients == (DESK,)
    assert got.message["Subject"] == "Call for help: violence Bcc: evil@example.org"
    assert (got.message["From"], got.message["To"]) == ("kasama@localhost", DESK)
    assert (got.message["Message-ID"], got.message["X-Kasama-Delivery"]) == (sent_id, "case:1:email")
    assert (got.message["Auto-Submitted"], got.message.get_content_type()) == ("auto-generated", "text/plain")
    assert abs((got.message["Date"].datetime - datetime.now(UTC)).total_seconds()) < 60
    assert await mail.find(DESK, CALL, since=datetime.now(UTC), known=set()) is None


async def test_a_repeat_has_the_same_id(mail: Email) -> None:
    first = await mail.send(DESK, CALL, key="a")
    assert await mail.send(DESK, CALL, key="a") == first
    assert await mail.send(DESK, CALL, key="b") != first


async def test_nobody_can_guess_an_id_who_has_not_the_key(mail: Email, server: SmtpStandIn) -> None:
    other = Email(settings(**server.settings, secret_key="another key for tests that is long enough"))
    ours = await mail.send(DESK, CALL, key="case:482106:opened:operator:0")
    assert await other.send(DESK, CALL, key="case:482106:opened:operator:0") != ours
    assert re.fullmatch(r"<k\.[0-9a-f]{32}@localhost>", ours)


async def test_an_answer_stands_in_its_thread(mail: Email, server: SmtpStandIn) -> None:
    await mail.send(DESK, replace(CALL, answers="<hers@mail.example>"), key="answer:1")
    [got] = server.mails
    assert got.message["In-Reply-To"] == got.message["References"] == "<hers@mail.example>"
    assert got.message["Auto-Submitted"] == "auto-replied" and got.message["X-Auto-Response-Suppress"] == "All"


async def test_it_is_fast(mail: Email, server: SmtpStandIn) -> None:
    start = time.time()
    await mail.send(DESK, CALL, key="k")
    assert server.mails[0].at - start < 0.2


SENDERS = [
    ("user is an address", "smtp://desk%40ngo.example:p@127.0.0.1:{port}", "", "desk@ngo.example"),
    ("user is a name", "smtp://127.0.0.1:{port}", "https://kasama.example/x", "kasama@kasama.example"),
    ("nothing to go by", "smtp://127.0.0.1:{port}", "", "kasama@localhost"),
]


@pytest.mark.parametrize(("url", "public", "sender"), [s[1:] for s in SENDERS], ids=[s[0] for s in SENDERS])
def test_sender(url: str, public: str, sender: str) -> None:
    made = Email(settings(smtp_url=url.format(port=25), public_url=public))
    assert made._mail(DESK, CALL, "k")["From"] == sender


TRANSPORTS = [
    ("smtp://mail.example", ("mail.example", 25, False, None)),
    ("smtp://u:p@mail.example", ("mail.example", 587, False, None)),
    ("smtps://u:p@mail.example", ("mail.example", 465, True, False)),
    ("smtp://localhost:2525", ("localhost", 2525, False, False)),
    ("smtp://[::1]:2525", ("::1", 2525, False, False)),
    ("smtp://10.0.0.1", ("10.0.0.1", 25, False, None)),
]


@pytest.mark.parametrize(("url", "expected"), TRANSPORTS, ids=[t[0] for t in TRANSPORTS])
def test_transport(url: str, expected: tuple[Any, ...]) -> None:
    made = Email(settings(smtp_url=url))
    assert (made._host, made._port, made._tls, made._start_tls()) == expected


ERRORS = [
    ("no such address", "550 5.1.1 desk@ngo.example unknown", "", "550 recipient refused", True),
    ("name not allowed", "553 5.1.3 bad", "", "553 recipient refused", True),
    ("full", "552 5.2.2 over quota", "", "552 recipient refused", False),
    ("grey list", "451 4.7.1 later", "", "451 recipient refused", False),
    ("text refused", "", "550 5.7.1 SOS looks like spam", "550", False),
    ("busy", "", "451 4.3.0 later", "451", False),
]


@pytest.mark.parametrize(
    ("recipient", "data", "code", "permanent"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS]
)
async def test_error(mail: Email, server: SmtpStandIn, recipient: str, data: str, code: str, permanent: bool) -> None:
    server.refuse_recipient += [recipient] if recipient else []
    server.refuse_data += [data] if data else []
    with pytest.raises(DeliveryError) as caught:
        await mail.send(DESK, CALL, key="k")
    assert (caught.value.code, caught.value.permanent, server.mails) == (code, permanent, [])
    await mail.send(DESK, CALL, key="k")
    assert len(server.mails) == 1


async def test_nobody_there_and_nobody_talking() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (9, silent.getsockname()[1]):
            made = Email(settings(smtp_url=f"smtp://127.0.0.1:{port}"), timeout=0.3)
            with pytest.raises(DeliveryError) as caught:
                await made.send(DESK, CALL, key="k")
            assert not caught.value.permanent


async def test_password_is_refused_for_now(server: SmtpStandIn) -> None:
    made = Email(settings(smtp_url=f"smtp://u:secret@127.0.0.1:{server.port}"))
    with pytest.raises(DeliveryError) as caught:
        await made.send(DESK, CALL, key="k")
    assert not caught.value.permanent
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "\ud83d@b.example"])
async def test_no_address(mail: Email, server: SmtpStandIn, address: str) -> None:
    with pytest.raises(DeliveryError):
        await mail.send(address, CALL, key="k")
    assert server.mails == []


async def test_text_with_half_an_emoji_arrives(mail: Email, server: SmtpStandIn) -> None:
    await mail.send(DESK, Outbound("a\ud83d\x00b"), key="k\n\ud83d")
    assert server.mails[0].text.strip() == "a\ufffdb"
    assert server.mails[0].message["Subject"] == "Kasama"


async def test_nothing_comes_in(mail: Email) -> None:
    assert mail.routes(Inbox().receive) == []
    await mail.run(Inbox().receive)
