"""SMS through a gateway: calls as the makers document them, forged ones, and everything that can go wrong when sending."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.messages import AlreadyTaken, Choice, DeliveryError, Inbound, Outbound
from bot.pace import Paced
from bot.settings import SettingsError
from channels.gateway_profile import load_profile
from channels.http_sms import HttpSms
from tests.channels.conftest import Inbox, settings, visitor
from tests.channels.junk import junk
from tests.standins.http_sms import PROFILES, GatewayStandIn
from tests.standins.serving import ACCEPTED_BUT_CUT, ACCEPTED_WITHOUT_BODY, BROKEN, BUSY, Failure

HER, PATH, STATUS_PATH = "+971501234567", "/webhooks/sms-gateway", "/webhooks/sms-gateway/status"
EVENT = "Ey6ECgOkVVFjz3CL48B8C"
HELLO = Outbound("Hello")
phone, aggregator = GatewayStandIn("android-phone"), GatewayStandIn("africas-talking")  # only for what they call with


def channel(tmp_path: Path, standin: GatewayStandIn = phone, **changed: Any) -> HttpSms:
    """A channel for one of them; changed: parts of its profile."""
    values = standin.settings_in(tmp_path, url="https://gateway.example/send")
    if changed:
        data = yaml.safe_load(values["sms_gateway"].read_text())
        for part, value in changed.items():
            data[part] = {**data.get(part, {}), **value} if isinstance(value, dict) else value
            data[part] = {k: v for k, v in data[part].items() if v is not None} if isinstance(value, dict) else value
        values["sms_gateway"].write_text(yaml.safe_dump(data))
    return HttpSms(settings(**values))


# label, call, expected status, expected message
CALLS: list[tuple[str, Any, int, dict[str, Any] | None]] = [
    ("an SMS", phone.inbound(HER, "SOS po", EVENT), 200, {"text": "SOS po"}),
    ("her own spelling and spaces", phone.inbound(HER, "  gus2 ko na\numuwi ", EVENT), 200, {"text": "  gus2 ko na\numuwi "}),
    ("Nepali and emoji", phone.inbound(HER, "सहयोग 🙏", EVENT), 200, {"text": "सहयोग 🙏"}),
    ("no text", phone.inbound(HER, "", EVENT), 200, {"text": ""}),
    ("text that is no text", phone.inbound(HER, "x", EVENT, message=["a"]), 200, {"text": ""}),
    ("a half of a surrogate pair and NUL", phone.inbound(HER, "a\ud83d\x00b", EVENT), 200, {"text": "a\ufffdb"}),
    ("ten thousand characters", phone.inbound(HER, "x" * 10_000, EVENT), 200, {"text": "x" * 10_000}),
    ("a number with spaces", phone.inbound("+971 50 123-4567", "a", EVENT), 200, {"text": "a"}),
    ("a number with 00", phone.inbound("00971501234567", "a", EVENT), 200, {"text": "a"}),
    ("a number without +", phone.inbound("971501234567", "a", EVENT), 200, {"text": "a"}),
    ("a short code", phone.inbound("2255", "a", EVENT), 200, {"address": "2255", "text": "a"}),
    ("a name for a number", phone.inbound("du", "a", EVENT), 200, {"address": "du", "text": "a"}),
    ("no id and no time", phone.inbound(HER, "a", EVENT) | {"id": "", "payload": {"phoneNumber": HER, "message": "a"}}, 200,
     {"text": "a", "provider_id": "new-"}),
    ("no id", phone.inbound(HER, "a") | {"id": None}, 200, {"text": "a", "provider_id": "made-"}),
    ("another event", phone.event("sms:sent", {"messageId": "1", "phoneNumber": HER}), 200, None),
    ("a ping", phone.event("system:ping", {"health": {}}), 200, None),
    ("no sender", phone.event("sms:received", {"message": "a"}, EVENT), 400, None),
    ("endless sender", phone.inbound("+" + "1" * 500, "a", EVENT), 400, None),
    ("a sender that is no text", phone.inbound("x", "a", EVENT, phoneNumber={"a": 1}), 400, None),
    ("a list", [phone.inbound(HER, "a")], 200, None),
    ("a number", 5, 200, None),
    ("no JSON", b"{", 400, None),
    ("deep JSON", b'{"a":' * 50_000, 400, None),
    ("an endless number", b'{"id": ' + b"1" * 5000 + b"}", 400, None),
    ("nothing", b"", 200, None),
]  # fmt: skip


@pytest.mark.parametrize(("call", "status", "expected"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
async def test_call_of_a_phone(tmp_path: Path, call: Any, status: int, expected: dict[str, Any] | None) -> None:
    inbox, (body, headers) = Inbox(), phone.signed(call)
    async with visitor([channel(tmp_path)], inbox) as client:
        response = await client.post(PATH, content=body, headers=headers)
    assert response.status_code == status, response.text
    assert response.text == "" or status != 200
    check(inbox, expected)


def check(inbox: Inbox, expected: dict[str, Any] | None) -> None:
    if expected is None:
        assert inbox.messages == []
        return
    [message] = inbox.messages
    wanted = {
        "channel": "sms_gateway",
        "address": HER,
        "provider_id": EVENT,
        "received_at": message.received_at,
        **expected,
    }
    if wanted["provider_id"].endswith("-"):
        assert message.provider_id.startswith(wanted["provider_id"]) and len(message.provider_id) > 30
        wanted["provider_id"] = message.provider_id
    assert message == Inbound(**wanted)


FORMS = [
    ("an SMS", aggregator.form(HER, "SOS + 100%", EVENT), {"text": "SOS + 100%"}),
    ("of a field that comes twice the first", aggregator.form(HER, "a", EVENT) + b"&text=b&from=%2B1", {"text": "a"}),
    ("bytes that are no text", aggregator.form(HER, "a", EVENT).replace(b"text=a", b"text=%ff"), {"text": "\ufffd"}),
]


@pytest.mark.parametrize(("body", "expected"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
async def test_form_of_an_aggregator(tmp_path: Path, body: bytes, expected: dict[str, Any]) -> None:
    inbox = Inbox()
    async with visitor([channel(tmp_path, aggregator)], inbox) as client:
        for key, status in (("", 403), ("?key=", 403), ("?key=wrong", 403), (f"?key={aggregator.secret}", 200)):
            assert (await client.post(PATH + key, content=body)).status_code == status
    check(inbox, expected)


async def test_token_in_a_header_and_get(tmp_path: Path) -> None:
    inbox, token = Inbox(), {"header": "Authorization", "prefix": "Bearer "}
    made = channel(tmp_path, aggregator, receive={"method": "GET", "token": token})
    query = {"from": HER, "text": "1+1", "id": EVENT}
    async with visitor([made], inbox) as client:
        for value, status in (("", 403), ("Bearer ", 403), (phone.secret, 403), (f"Bearer {phone.secret}", 200)):
            response = await client.get(PATH, params=query, headers={"Authorization": value})
            assert response.status_code == status
    check(inbox, {"text": "1+1"})


async def test_a_list_of_messages(tmp_path: Path) -> None:
    """Each is stored; one that is none makes the gateway come again, and loses none of the others."""
    inbox, calls = (
        Inbox(),
        [phone.inbound(HER, "a", "1"), {"event": "sms:received", "id": "2"}, phone.inbound(HER, "b", "3")],
    )
    async with visitor([channel(tmp_path, receive={"each": "/results"})], inbox) as client:
        for content, status in (({"results": calls}, 400), ({"results": [calls[0]] * 201}, 400), ({"results": 1}, 400)):
            body, headers = phone.signed(content)
            assert (await client.post(PATH, content=body, headers=headers)).status_code == status
    assert [m.text for m in inbox.messages] == ["a", "b"]


async def test_a_call_that_comes_again_has_the_same_id(tmp_path: Path) -> None:
    inbox, same = Inbox(), phone.inbound(HER, "a", receivedAt="2026-06-22T15:46:11.000+07:00") | {"id": ""}
    other = phone.inbound(HER, "a", receivedAt="2026-06-22T15:46:12.000+07:00") | {"id": ""}
    async with visitor([channel(tmp_path)], inbox) as client:
        for call in (same, same, other):
            body, headers = phone.signed(call)
            assert (await client.post(PATH, content=body, headers=headers)).status_code == 200
    ids = [m.provider_id for m in inbox.messages]
    assert ids[0] == ids[1] != ids[2]


HOUR = timedelta(hours=1)
TIMES = [
    ("with its zone", lambda now: (now - HOUR).isoformat(), HOUR),
    ("seconds", lambda now: str(int((now - HOUR).timestamp())), HOUR),
    ("milliseconds", lambda now: str(int((now - HOUR).timestamp() * 1000)), HOUR),
    ("without a zone it may be anything", lambda now: (now - HOUR).replace(tzinfo=None).isoformat(), timedelta()),
    ("in the future", lambda now: (now + HOUR).isoformat(), timedelta()),
    ("a phone that thinks it is 1970", lambda now: "0", timedelta()),
    ("no time", lambda now: "yesterday", timedelta()),
    ("a number that is none", lambda now: "9" * 16, timedelta()),
]


@pytest.mark.parametrize(("stamp", "ago"), [t[1:] for t in TIMES], ids=[t[0] for t in TIMES])
async def test_when_it_was_received(tmp_path: Path, stamp: Any, ago: timedelta) -> None:
    inbox, now = Inbox(), datetime.now(UTC)
    body, headers = phone.signed(phone.inbound(HER, "a", receivedAt=stamp(now)))
    async with visitor([channel(tmp_path)], inbox) as client:
        await client.post(PATH, content=body, headers=headers)
    assert abs(inbox.messages[0].received_at - (now - ago)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("country", "written", "read"),
    [("NP", "9841234567", "+9779841234567"), ("NP", "+971501234567", "+971501234567"), ("NP", "36001", "36001"),
     ("", "9841234567", "9841234567"), ("AE", "050 123 4567", "+971501234567"), ("AE", "9779841234567", "+9779841234567")],
)  # fmt: skip
async def test_numbers_of_the_country(tmp_path: Path, country: str, written: str, read: str) -> None:
    inbox, (body, headers) = Inbox(), phone.signed(phone.inbound(written, "a"))
    async with visitor([channel(tmp_path, receive={"country": country})], inbox) as client:
        await client.post(PATH, content=body, headers=headers)
    assert inbox.messages[0].address == read


def _forged() -> list[tuple[str, bytes, dict[str, str]]]:
    body, headers = phone.signed(phone.inbound(HER, "hi", EVENT))
    other = GatewayStandIn()
    other.secret = "another-secret-of-another-phone"
    return [
        ("no signature", body, {k: v for k, v in headers.items() if k != "X-Signature"}),
        ("empty signature", body, headers | {"X-Signature": ""}),
        ("no hex", body, headers | {"X-Signature": "zz"}),
        ("bytes that are no text", body, headers | {"X-Signature": "\xff\xfe"}),
        ("another secret", *other.signed(body)),
        ("changed text", body.replace(b"hi", b"ho"), headers),
        ("changed time", body, headers | {"X-Timestamp": str(int(time.time()) + 1)}),
        ("no time", body, {k: v for k, v in headers.items() if k != "X-Timestamp"}),
        ("an old call", *phone.signed(body, time.time() - 301)),
        ("a call of the future", *phone.signed(body, time.time() + 900)),
    ]


FORGED = _forged()


@pytest.mark.parametrize("path", [PATH, STATUS_PATH])
@pytest.mark.parametrize(("body", "headers"), [f[1:] for f in FORGED], ids=[f[0] for f in FORGED])
async def test_forged(tmp_path: Path, path: str, body: bytes, headers: dict[str, str]) -> None:
    inbox, made, noted = Inbox(), channel(tmp_path), []

    async def note(*status: Any) -> None:
        noted.append(status)

    made.on_status = note
    raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    async with visitor([made], inbox) as client:
        # Nothing of the address is signed, so nothing of it may be read.
        response = await client.post(path, content=body, headers=raw, params={"key": phone.secret, "from": HER})
    assert (response.status_code, inbox.messages, noted) == (403, [], [])


async def test_other_ways_of_signing(tmp_path: Path) -> None:
    body, stamp = (
        b'{"event": "sms:received", "id": "7", "payload": {"phoneNumber": "+971501234567"}}',
        str(int(time.time())),
    )
    over_both = hmac.new(phone.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).digest()
    over_body = hmac.new(phone.secret.encode(), body, hashlib.sha256).hexdigest()
    ways = [
        ({"header": "X-Sig", "timestamp": "X-At", "signs": "{timestamp}.{body}", "encoding": "base64"},
         {"X-Sig": base64.b64encode(over_both).decode(), "X-At": stamp}),
        ({"header": "X-Hub-Signature-256", "prefix": "sha256=", "signs": "{body}", "timestamp": ""},
         {"X-Hub-Signature-256": f"sha256={over_body}"}),
    ]  # fmt: skip
    for way, headers in ways:
        inbox = Inbox()
        async with visitor([channel(tmp_path, receive={"signature": way})], inbox) as client:
            assert (await client.post(PATH, content=body, headers=headers)).status_code == 200
            assert (await client.post(PATH, content=body + b" ", headers=headers)).status_code == 403
        assert len(inbox.messages) == 1


async def test_large_body_and_broken_store(tmp_path: Path) -> None:
    inbox, (body, headers) = Inbox(), phone.signed(phone.inbound(HER, "x" * 1_000_000))
    async with visitor([channel(tmp_path)], inbox) as client:
        assert (await client.post(PATH, content=body, headers=headers)).status_code == 413
        inbox.broken = True
        body, headers = phone.signed(phone.inbound(HER, "a"))
        response = await client.post(PATH, content=body, headers=headers)
    assert (response.status_code, "her words" in response.text) == (503, False)


async def test_a_thousand_junk_messages(tmp_path: Path) -> None:
    inbox, texts = Inbox(), junk()
    async with visitor([channel(tmp_path)], inbox) as client:
        for number, text in enumerate(texts):
            body, headers = phone.signed(phone.inbound(HER, text, f"id{number}"))
            response = await client.post(PATH, content=body, headers=headers)
            assert response.status_code == 200, f"{number}: {text[:40]!r}"
            body, headers = phone.signed(text.encode(errors="surrogatepass"))
            assert (await client.post(PATH, content=body, headers=headers)).status_code in (200, 400)
    assert [m.provider_id for m in inbox.messages] == [f"id{n}" for n in range(len(texts))]


STATUSES = [
    ("delivered", phone.event("sms:delivered", {"messageId": "m1"}), 200, ("m1", "delivered", None)),
    ("failed", phone.event("sms:failed", {"messageId": "m1", "reason": "RESULT_ERROR_NO_SERVICE"}), 200,
     ("m1", "failed", "RESULT_ERROR_NO_SERVICE")),
    ("a reason with a number in it", phone.event("sms:failed", {"messageId": "m1", "reason": f"to {HER}"}), 200,
     ("m1", "failed", None)),
    ("another event", phone.inbound(HER, "a"), 200, None),
    ("no id", phone.event("sms:sent", {}), 400, None),
]  # fmt: skip


@pytest.mark.parametrize(("call", "status", "expected"), [s[1:] for s in STATUSES], ids=[s[0] for s in STATUSES])
async def test_status(tmp_path: Path, call: Any, status: int, expected: Any) -> None:
    noted: list[Any] = []
    made, (body, headers) = channel(tmp_path), phone.signed(call)

    async def note(*what: Any) -> None:
        noted.append(what)

    made.on_status = note
    async with visitor([made], Inbox()) as client:
        assert (await client.post(STATUS_PATH, content=body, headers=headers)).status_code == status
    assert noted == ([expected] if expected else [])
    async with visitor([channel(tmp_path, status=None)], Inbox()) as client:
        assert (await client.post(STATUS_PATH, content=body, headers=headers)).status_code == 403


@pytest.fixture(scope="module", params=["android-phone", "africas-talking"])
def running(request: pytest.FixtureRequest) -> Iterator[GatewayStandIn]:
    with GatewayStandIn(request.param) as started:
        yield started


@pytest.fixture
def gateway(running: GatewayStandIn) -> GatewayStandIn:
    running.forget()
    return running


@pytest.fixture
async def sms(gateway: GatewayStandIn, tmp_path: Path) -> AsyncIterator[HttpSms]:
    made = HttpSms(settings(**gateway.settings_in(tmp_path, longest=400)))
    yield made
    await made.close()


RENDERED = [
    ("text", Outbound("Hello “you”…"), ['Hello "you"...']),
    ("choices", Outbound("Which?\n", (Choice("Fees", "ask_fees"), Choice("Wages", "w"))), ["Which?\n1 Fees\n2 Wages"]),
    ("Nepali", Outbound("सहयोग"), ["सहयोग"]),
    ("more than it takes at once", Outbound("A sentence. " * 50),
     ["A sentence. " * 32 + "A sentence.", ("A sentence. " * 17).strip()]),
]  # fmt: skip


@pytest.mark.parametrize(("message", "texts"), [r[1:] for r in RENDERED], ids=[r[0] for r in RENDERED])
async def test_send(sms: HttpSms, gateway: GatewayStandIn, message: Outbound, texts: list[str]) -> None:
    assert sms.render(message) == texts
    provider_id = await sms.send(HER, message, key="in:1:reply")
    assert (gateway.texts(HER), gateway.problems) == (texts, [])
    assert provider_id == gateway.messages[-1]["id"]


# label, failure, code, permanent, certainly not taken, seconds to wait
ERRORS = [
    ("busy", BUSY, "429", False, True, 7.0),
    ("busy until a date", Failure(429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), "429", False, True, None),
    ("broken", BROKEN, "500", False, False, None),
    ("no answer", Failure(504, hang=2.0), "timeout", False, False, None),
    ("cut off", ACCEPTED_BUT_CUT, "connection lost", False, False, None),
    ("moved", Failure(301, {"Location": "http://127.0.0.1:9/"}), "301", False, True, None),
    ("wrong password", Failure(401), "401", False, True, None),
    ("a page of a hotel's network", Failure(200, body="<html>+971501234567</html>"), "200", False, False, None),
]


@pytest.mark.parametrize(
    ("failure", "code", "permanent", "refused", "wait"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS]
)
async def test_error(
    sms: HttpSms, gateway: GatewayStandIn, caplog: pytest.LogCaptureFixture,
    failure: Failure, code: str, permanent: bool, refused: bool, wait: float | None,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    gateway.failures.append(failure)
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, HELLO, key="k")
    error = caught.value
    assert (error.code, error.permanent, error.refused, error.retry_after) == (code, permanent, refused, wait)
    assert error.__cause__ is None
    ours = [r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("httpx", "channels")]
    assert not any(HER[1:] in text or gateway.password in text for text in ours)


async def test_nobody_there(gateway: GatewayStandIn, tmp_path: Path) -> None:
    sms = HttpSms(settings(**gateway.settings_in(tmp_path, url="http://127.0.0.1:9/")))
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, HELLO, key="k")
    assert (caught.value.code, caught.value.refused) == ("unreachable", True)
    await sms.close()


async def test_an_answer_that_is_lost(sms: HttpSms, gateway: GatewayStandIn) -> None:
    """A gateway that knows our id says that it has it; with another one the message may come twice."""
    gateway.failures += [ACCEPTED_BUT_CUT, ACCEPTED_WITHOUT_BODY]
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, HELLO, key="k")
    assert not caught.value.refused
    if gateway.kind == "android-phone":
        for _ in range(2):
            with pytest.raises(AlreadyTaken) as taken:
                await sms.send(HER, HELLO, key="k")
        assert taken.value.provider_id == gateway.messages[0]["id"] and gateway.texts() == ["Hello"]
    else:
        with pytest.raises(DeliveryError) as caught:
            await sms.send(HER, HELLO, key="k")
        assert not caught.value.refused
        await sms.send(HER, HELLO, key="k")
        assert len(gateway.texts()) == 3


@pytest.mark.parametrize(
    ("word", "permanent", "opted_out"),
    [("InvalidPhoneNumber", True, False), ("UserInBlacklist", True, True), ("InsufficientBalance", False, False)],
)
async def test_words_of_an_aggregator(tmp_path: Path, word: str, permanent: bool, opted_out: bool) -> None:
    with GatewayStandIn("africas-talking") as gateway:
        gateway.refusals[HER] = word
        sms = HttpSms(settings(**gateway.settings_in(tmp_path)))
        with pytest.raises(DeliveryError) as caught:
            await sms.send(HER, HELLO, key="k")
        await sms.close()
    error = caught.value
    assert (error.code, error.permanent, error.opted_out) == (f"201 {word}", permanent, opted_out) and error.refused


async def test_nothing_to_say(sms: HttpSms) -> None:
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, Outbound(" \n"), key="k")
    assert caught.value.permanent


async def test_a_long_text_goes_on_where_it_stopped(sms: HttpSms, gateway: GatewayStandIn) -> None:
    message = Outbound("A sentence. " * 100)
    gateway.failures += [Failure(body=None), Failure(429), Failure(429)]
    for _ in range(2):
        with pytest.raises(DeliveryError):
            await sms.send(HER, message, key="k")
    await sms.send(HER, message, key="k")
    assert gateway.texts(HER) == sms.render(message)


def test_pace(tmp_path: Path) -> None:
    """A phone gets one after the other; the outbox keeps the pace."""
    sms = HttpSms(settings(**phone.settings_in(tmp_path, url="https://gateway.example/send", pause=30, longest=400)))
    message = Outbound("A sentence. " * 50)
    assert isinstance(sms, Paced) and (sms.pace.wait(), sms.units(message)) == (0, 2)
    sms.pace.take(sms.units(message))
    assert 59 < sms.pace.wait() <= 60


async def test_query_and_unicode_fields(tmp_path: Path) -> None:
    """As Kannel and its relatives want it."""
    with GatewayStandIn("africas-talking") as gateway:
        sms = HttpSms(
            settings(
                **gateway.settings_in(
                    tmp_path, method="GET", body="query", unicode_fields={"coding": "2"}, headers={},
                    fields={"to": "{to_digits}", "text": "{text}", "dlr-url": "{status_url}?id={id}&status=%d"},
                ),
                public_url="https://kasama.example",
            )
        )  # fmt: skip
        for text, coding in (("Hello", None), ("सहयोग", "2")):
            request = sms._request(HER, text, "7")
            assert request["params"] == {
                "to": HER[1:], "text": text, "username": "user",
                "dlr-url": "https://kasama.example/webhooks/sms-gateway/status?id=7&status=%d",
            } | ({"coding": coding} if coding else {})  # fmt: skip
        await sms.close()


WRONG = [
    ("no YAML", "a: [", "is not YAML"),
    ("empty", "", "the file"),
    ("no guard", {"receive": {"signature": None}}, "needs one guard"),
    ("two guards", {"receive": {"token": {"header": "X"}}}, "needs one guard"),
    ("neither id nor time", {"receive": {"id": None, "time": None}}, "needs id or time"),
    (
        "a time that is not signed",
        {"receive": {"signature": {"header": "X", "timestamp": "Y"}}},
        "only when it is signed",
    ),
    ("unknown country", {"receive": {"country": "XX"}}, "is not known"),
    ("unknown placeholder", {"send": {"fields": {"text": "{text}", "to": "{nobody}"}}}, "{nobody} is not known"),
    ("nobody to send to", {"send": {"fields": {"text": "{text}"}}}, "must use {text}, and {to}"),
    ("her number in a header", {"send": {"headers": {"X-To": "{to}"}}}, "headers are logged"),
    ("no address", {"send": {"url": "gateway"}}, "send.url"),
    ("unknown word", {"send": {"colour": "red"}}, "send.colour"),
    ("no expression", {"answer": {"contains": "("}}, "is no regular expression"),
]


@pytest.mark.parametrize(("changed", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_profile_is_named(tmp_path: Path, changed: Any, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        if isinstance(changed, str):
            (tmp_path / "p.yml").write_text(changed)
            load_profile(tmp_path / "p.yml")
        else:
            channel(tmp_path, **changed)
    assert (
        said in str(caught.value) and "KASAMA_SMS_GATEWAY" in str(caught.value) and str(tmp_path) in str(caught.value)
    )


@pytest.mark.parametrize("profile", sorted(PROFILES.glob("*.yml")), ids=lambda p: p.stem)
def test_shipped_profiles(profile: Path) -> None:
    assert load_profile(profile).status is not None


def test_settings(tmp_path: Path) -> None:
    values = phone.settings_in(tmp_path, url="https://gateway.example/send")
    for missing, named in (
        ({"sms_gateway_secret": ""}, "KASAMA_SMS_GATEWAY_SECRET"), ({"sms_gateway_secret": "short"}, "KASAMA_SMS_GATEWAY_SECRET"),
        ({"sms_gateway_password": ""}, "KASAMA_SMS_GATEWAY_PASSWORD"), ({"sms_gateway": tmp_path / "no.yml"}, "cannot be read"),
        ({"operator_email": ""}, "KASAMA_OPERATOR_SMS"),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match=named):
            HttpSms(settings(**values | {"sms_gateway": values["sms_gateway"], **missing}))
    assert settings(sms_gateway="").sms_gateway is None
    assert settings(**values, operator_sms="+85251234567").operator_sms, "an SMS to the partner may go by the gateway"
