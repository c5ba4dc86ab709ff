"""SMS through Twilio: requests as they were recorded, forged ones, and everything that can go wrong when sending."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.messages import Choice, DeliveryError, Inbound, Location, Media, Outbound
from channels.twilio_signature import _of_bytes
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import Inbox, settings, visitor
from tests.channels.junk import junk
from tests.standins.serving import ACCEPTED_BUT_CUT, ACCEPTED_WITHOUT_BODY, BROKEN, BUSY, Failure
from tests.standins.twilio import TwilioStandIn

HER, URL = "+85251234567", "http://kasama.test/webhooks/twilio/sms"
STATUS_URL = "http://kasama.test/webhooks/twilio/status"
SID = "SM0123456789abcdef0123456789abcdef"
HELLO = Outbound("Hello")
server = TwilioStandIn()  # only for its forms and signatures


def channel(**values: Any) -> TwilioSms:
    return TwilioSms(
        settings(twilio_account_sid=server.account_sid, twilio_auth_token=server.auth_token, twilio_from=server.number)
        if not values
        else settings(**values)
    )


PICTURE, VOICE = (
    "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
    "https://api.twilio.com/Media/ME2",
)
# label, form, expected status, expected message
REQUESTS: list[tuple[str, dict[str, str], int, dict[str, Any] | None]] = [
    ("plain SMS", server.inbound(HER, "SOS po", SID), 200, {"text": "SOS po"}),
    ("her own spelling and spaces", server.inbound(HER, "  gus2 ko na\numuwi ", SID), 200, {"text": "  gus2 ko na\numuwi "}),
    ("Nepali and emoji", server.inbound(HER, "सहयोग 🙏", SID), 200, {"text": "सहयोग 🙏"}),
    ("plus and ampersand in the text", server.inbound(HER, "1+1&2=3 %41", SID), 200, {"text": "1+1&2=3 %41"}),
    ("no text", server.inbound(HER, "", SID), 200, {"text": ""}),
    ("ten thousand characters", server.inbound(HER, "x" * 10_000, SID), 200, {"text": "x" * 10_000}),
    ("a slash command is text", server.inbound(HER, "/restart", SID), 200, {"text": "/restart"}),
    ("a short code", server.inbound("12345", "hi", SID), 200, {"address": "12345", "text": "hi"}),
    ("WhatsApp", server.inbound(f"whatsapp:{HER}", "hi", SID), 200, {"address": f"whatsapp:{HER}", "text": "hi"}),
    ("WhatsApp location", server.inbound(f"whatsapp:{HER}", "", SID, Latitude="22.28", Longitude="114.16"), 200,
     {"address": f"whatsapp:{HER}", "location": Location(22.28, 114.16)}),
    ("a location that is none", server.inbound(HER, "", SID, Latitude="nan", Longitude="x"), 200, {}),
    ("a picture and a voice message",
     server.inbound(HER, "see", SID, NumMedia="2", MediaUrl0=PICTURE, MediaContentType0="image/jpeg", MediaUrl1=VOICE,
                    MediaContentType1="audio/amr"), 200,
     {"text": "see", "media": (Media("photo", PICTURE, "image/jpeg"), Media("voice", VOICE, "audio/amr"))}),
    ("a contact", server.inbound(HER, "", SID, NumMedia="1", MediaUrl0=VOICE, MediaContentType0="text/x-vcard"), 200,
     {"media": (Media("contact", VOICE, "text/x-vcard"),)}),
    ("a document", server.inbound(HER, "", SID, NumMedia="1", MediaUrl0=VOICE, MediaContentType0="application/pdf"), 200,
     {"media": (Media("document", VOICE, "application/pdf"),)}),
    ("media that are not there", server.inbound(HER, "a", SID, NumMedia="999999999999"), 200, {"text": "a"}),
    ("a number of media that is none", server.inbound(HER, "a", SID, NumMedia="²"), 200, {"text": "a"}),
    ("old name of the id", {"SmsSid": SID, "From": HER, "Body": "a"}, 200, {"text": "a"}),
    ("no id", {"From": HER, "Body": "a"}, 400, None),
    ("empty id", server.inbound(HER, "a") | {"MessageSid": " ", "SmsSid": ""}, 400, None),
    ("no sender", {"MessageSid": SID, "Body": "a"}, 400, None),
    ("endless sender", server.inbound("+" + "1" * 500, "a", SID), 400, None),
    ("nothing at all", {}, 400, None),
]  # fmt: skip


@pytest.mark.parametrize(("form", "status", "expected"), [r[1:] for r in REQUESTS], ids=[r[0] for r in REQUESTS])
async def test_request(form: dict[str, str], status: int, expected: dict[str, Any] | None) -> None:
    inbox, (body, headers) = Inbox(), server.signed(URL, form)
    async with visitor([channel()], inbox) as client:
        response = await client.post("/webhooks/twilio/sms", content=body, headers=headers)
    assert response.status_code == status
    if expected is None:
        assert inbox.messages == []
        assert "missing" in response.text
        return
    assert response.headers["content-type"].startswith("text/xml")
    assert response.text.endswith("<Response/>")
    [message] = inbox.messages
    wanted = {
        "channel": "sms",
        "address": HER,
        "text": "",
        "provider_id": SID,
        "received_at": message.received_at,
        **expected,
    }
    assert message == Inbound(**wanted)


OWN, PUBLIC = "http://kasama.test", "https://ngo.example/kasama"
SIGNED_FOR = [
    ("the request's own address", "", URL, 200),
    ("with a query", "", f"{URL}?a=b&c=%20d", 200),
    ("another host", "", "http://other.test/webhooks/twilio/sms", 403),
    ("the public address", "https://kasama.example", "https://kasama.example/webhooks/twilio/sms", 200),
    (
        "the public address with its port",
        "https://kasama.example",
        "https://kasama.example:443/webhooks/twilio/sms",
        200,
    ),
    ("the public address with a path", PUBLIC, f"{PUBLIC}/webhooks/twilio/sms", 200),
    ("the inner address behind a public one", "https://kasama.example", URL, 403),
    ("the public address with a query", PUBLIC, f"{PUBLIC}/webhooks/twilio/sms?desk=1&x=%20", 200),
    ("the second address", "https://kasama.example", "https://second.example/webhooks/twilio/sms", 200),
    ("the second address with a query", PUBLIC, "https://second.example/webhooks/twilio/sms?a=b", 200),
    ("a second address without a first", "", "https://second.example/webhooks/twilio/sms", 403),
    (
        "a fragment is not signed",
        "https://kasama.example",
        "https://kasama.example/webhooks/twilio/sms#rc=5&rp=all",
        403,
    ),
]


@pytest.mark.parametrize(("public", "signed", "status"), [s[1:] for s in SIGNED_FOR], ids=[s[0] for s in SIGNED_FOR])
async def test_signature_is_over_the_address(public: str, signed: str, status: int) -> None:
    inbox, (body, headers) = Inbox(), server.signed(signed, server.inbound(HER, "hi"))
    sms = channel(
        twilio_account_sid=server.account_sid,
        twilio_auth_token=server.auth_token,
        twilio_from=server.number,
        public_url=public,
        twilio_fallback_url="https://second.example",
    )
    query = signed.partition("#")[0].partition("?")[2]
    async with visitor([sms], inbox) as client:
        response = await client.post(
            f"/webhooks/twilio/sms{'?' + query if query else ''}", content=body, headers=headers
        )
    assert (response.status_code, len(inbox.messages)) == (status, int(status == 200))


def _forged() -> list[tuple[str, bytes, dict[str, str]]]:
    body, headers = server.signed(URL, server.inbound(HER, "hi", SID))
    return [
        ("no signature", body, {k: v for k, v in headers.items() if "Signature" not in k}),
        ("empty signature", body, headers | {"X-Twilio-Signature": ""}),
        ("another signature", body, headers | {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
        (
            "signature that is no base64",
            body,
            headers | {"X-Twilio-Signature": "ÿ".encode("latin-1").decode("latin-1")},
        ),
        ("changed text", body.replace(b"Body=hi", b"Body=ho"), headers),
        ("field added", body + b"&NumMedia=1", headers),
        ("more fields than a form has", body + b"&a=1" * 2000, headers),
        ("bytes that are no text", body + b"&a=%ff", headers),
    ]


FORGED = _forged()


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/status"])
@pytest.mark.parametrize(("body", "headers"), [f[1:] for f in FORGED], ids=[f[0] for f in FORGED])
async def test_forged(path: str, body: bytes, headers: dict[str, str]) -> None:
    inbox, sms, noted = Inbox(), channel(), []

    async def note(*status: Any) -> None:
        noted.append(status)

    sms.on_status = note
    # Header values may be any bytes.
    raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    async with visitor([sms], inbox) as client:
        response = await client.post(path, content=body, headers=raw)
    assert (response.status_code, inbox.messages, noted) == (403, [], [])


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/status"])
@pytest.mark.parametrize("token", ["", "none", server.auth_token])
async def test_without_a_token_nothing_gets_in(path: str, token: str) -> None:
    """Neither on a service without Twilio, nor through a channel that somehow has no token."""
    signer, inbox = TwilioStandIn(), Inbox()
    signer.auth_token = token
    body, headers = signer.signed(f"http://kasama.test{path}", server.inbound(HER, "hi"))
    for channels in ([], [TwilioSms(settings())]):
        async with visitor(channels, inbox) as client:
            assert (await client.post(path, content=body, headers=headers)).status_code == 403
    assert inbox.messages == []


async def test_body_of_a_megabyte() -> None:
    inbox, (body, headers) = Inbox(), server.signed(URL, server.inbound(HER, "x" * 1_000_000))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    async with visitor([channel()], inbox) as client:
        for content in (body, pieces()):  # with its length announced, and without
            response = await client.post("/webhooks/twilio/sms", content=content, headers=headers)
            assert response.status_code == 413
    assert inbox.messages == []


async def test_a_message_that_cannot_be_stored_comes_again() -> None:
    inbox, (body, headers) = Inbox(), server.signed(URL, server.inbound(HER, "hi"))
    inbox.broken = True
    async with visitor([channel()], inbox) as client:
        response = await client.post("/webhooks/twilio/sms", content=body, headers=headers)
    assert response.status_code == 503
    assert "her words" not in response.text


async def test_a_thousand_junk_messages() -> None:
    inbox, texts = Inbox(), junk()
    async with visitor([channel()], inbox) as client:
        for number, text in enumerate(texts):
            fields = {"MessageSid": f"SM{number}", "From": HER, "Body": text}
            body = urlencode(fields, errors="surrogatepass").encode()
            # What is not UTF-8 the library cannot sign; a provider that sends it signs its bytes.
            headers = {"X-Twilio-Signature": _of_bytes(server.auth_token, URL, body).decode()}
            response = await client.post("/webhooks/twilio/sms", content=body, headers=headers)
            assert response.status_code == 200, f"{number}: {text[:40]!r}"
    assert [m.provider_id for m in inbox.messages] == [f"SM{n}" for n in range(len(texts))]


async def test_junk_instead_of_a_form() -> None:
    inbox = Inbox()
    async with visitor([channel()], inbox) as client:
        for text in junk(300):
            body = text.encode(errors="surrogatepass")
            for path, url in (("/webhooks/twilio/sms", URL), ("/webhooks/twilio/status", STATUS_URL)):
                signature = _of_bytes(server.auth_token, url, body).decode()
                response = await client.post(path, content=body, headers={"X-Twilio-Signature": signature})
                assert response.status_code in (400, 403)
    assert inbox.messages == []


STATUSES = [
    ("delivered", server.status(SID, "delivered"), 204, (SID, "delivered", None)),
    ("not delivered", server.status(SID, "undelivered", "30005"), 204, (SID, "undelivered", "30005")),
    ("no id", {"MessageStatus": "sent"}, 400, None),
    ("no status", {"MessageSid": SID}, 400, None),
]


@pytest.mark.parametrize(("form", "status", "expected"), [s[1:] for s in STATUSES], ids=[s[0] for s in STATUSES])
async def test_status(form: dict[str, str], status: int, expected: Any) -> None:
    noted: list[Any] = []
    sms = channel()

    async def note(*what: Any) -> None:
        noted.append(what)

    body, headers = server.signed(STATUS_URL, form)
    async with visitor([sms], Inbox()) as client:
        assert (await client.post("/webhooks/twilio/status", content=body, headers=headers)).status_code == status
        sms.on_status = note
        assert (await client.post("/webhooks/twilio/status", content=body, headers=headers)).status_code == status
    assert [(sid, state, error.code if error else None) for sid, state, error in noted] == (
        [expected] if expected else []
    )


@pytest.fixture(scope="module")
def running() -> Iterator[TwilioStandIn]:
    with TwilioStandIn() as started:
        yield started


@pytest.fixture
def twilio(running: TwilioStandIn) -> TwilioStandIn:
    running.forget()
    return running


@pytest.fixture
async def sms(twilio: TwilioStandIn) -> AsyncIterator[TwilioSms]:
    made = TwilioSms(settings(**twilio.settings), timeout=1.0)
    yield made
    await made.close()


RENDERED = [
    ("text", Outbound("Hello “you”…"), ['Hello "you"...']),
    (
        "choices",
        Outbound("Which?\n", (Choice("Fees", "ask_fees"), Choice("Wages", "ask_wages"))),
        ["Which?\n1 Fees\n2 Wages"],
    ),
    ("long", Outbound("A sentence. " * 200), [("A sentence. " * 133).strip(), ("A sentence. " * 67).strip()]),
]


@pytest.mark.parametrize(("message", "texts"), [r[1:] for r in RENDERED], ids=[r[0] for r in RENDERED])
async def test_send(sms: TwilioSms, twilio: TwilioStandIn, message: Outbound, texts: list[str]) -> None:
    assert sms.render(message) == texts
    sid = await sms.send(HER, message, key="k")
    assert twilio.texts(HER) == texts
    assert (sid, twilio.problems) == (twilio.messages[0]["sid"], [])
    assert all(m["from"] == twilio.number for m in twilio.messages)


async def test_send_by_messaging_service_and_with_status_callback(twilio: TwilioStandIn) -> None:
    service = "MG" + "0" * 32
    values = {**twilio.settings, "twilio_from": service, "public_url": "https://kasama.example"}
    sms = TwilioSms(settings(**values))
    sid = await sms.send(HER, HELLO, key="k")
    form = twilio.requests[-1][2]
    assert (form["MessagingServiceSid"], "From" in form) == (service, False)
    assert form["StatusCallback"] == "https://kasama.example/webhooks/twilio/status"
    assert await sms.find(HER, HELLO, since=datetime.now(UTC), known=set()) == sid
    assert twilio.problems == []
    await sms.close()


async def test_whatsapp_goes_back_by_whatsapp(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    await sms.send(f"whatsapp:{HER}", HELLO, key="k")
    assert (twilio.messages[0]["to"], twilio.messages[0]["from"]) == (f"whatsapp:{HER}", f"whatsapp:{twilio.number}")


ERRORS = [
    ("busy", BUSY, "429", False, 7.0),
    ("busy without a time", Failure(429), "429", False, None),
    ("busy until a date", Failure(503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), "503", False, None),
    ("broken", BROKEN, "500", False, None),
    ("no answer", Failure(504, hang=2.0), "timeout", False, None),
    ("cut off", ACCEPTED_BUT_CUT, "connection lost", False, None),
    ("no body", ACCEPTED_WITHOUT_BODY, "answer without sid", False, None),
    ("not Twilio's answer", Failure(body="<html>hello +85251234567</html>"), "unreadable answer", False, None),
    ("a list", Failure(201, body="[]"), "unreadable answer", False, None),
    ("no sid", Failure(201, body="{}"), "answer without sid", False, None),
    (
        "a code that we do not know",
        Failure(400, body='{"code": 99999, "message": "+85251234567"}'),
        "99999",
        False,
        None,
    ),
    ("an error without a code", Failure(400, body="x"), "400", False, None),
    (
        "an error as RFC 9457",
        Failure(400, body='{"type": "x", "title": "t", "status": 400, "code": 21610}'),
        "21610",
        True,
        None,
    ),
]


@pytest.mark.parametrize(("failure", "code", "permanent", "wait"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
async def test_error(
    sms: TwilioSms,
    twilio: TwilioStandIn,
    caplog: pytest.LogCaptureFixture,
    failure: Failure,
    code: str,
    permanent: bool,
    wait: float | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.failures.append(failure)
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, HELLO, key="k")
    assert (caught.value.code, caught.value.permanent, caught.value.retry_after) == (code, permanent, wait)
    assert caught.value.__cause__ is None
    ours = [r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("twilio", "httpx", "channels")]
    assert not any(HER[1:] in text or twilio.auth_token in text for text in ours)


@pytest.mark.parametrize("code", [21211, 21610, 21614, 30005])
async def test_never_again(sms: TwilioSms, twilio: TwilioStandIn, code: int) -> None:
    twilio.refusals[HER] = code
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, HELLO, key="k")
    assert (caught.value.code, caught.value.permanent) == (str(code), True)
    assert HER not in str(caught.value)


async def test_wrong_token_and_nobody_there_are_tried_again(twilio: TwilioStandIn) -> None:
    for values, code in (
        ({"twilio_auth_token": "wrong"}, "20003"),
        ({"twilio_api_url": "http://127.0.0.1:9"}, "unreachable"),
    ):
        sms = TwilioSms(settings(**{**twilio.settings, **values}))
        with pytest.raises(DeliveryError) as caught:
            await sms.send(HER, HELLO, key="k")
        assert (caught.value.code, caught.value.permanent) == (code, False)
        await sms.close()


async def test_nothing_to_say(sms: TwilioSms) -> None:
    with pytest.raises(DeliveryError) as caught:
        await sms.send(HER, Outbound(" \n"), key="k")
    assert caught.value.permanent


async def test_a_long_text_goes_on_where_it_stopped(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    message = Outbound("A sentence. " * 300)
    twilio.failures += [Failure(body=None), Failure(500), Failure(500)]
    for _ in range(2):
        with pytest.raises(DeliveryError):
            await sms.send(HER, message, key="k")
    await sms.send(HER, message, key="k")
    assert twilio.texts(HER) == sms.render(message)


async def test_find(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    start, message = datetime.now(UTC), Outbound("It’s here", (Choice("Yes", "affirm"),))
    assert await sms.find(HER, message, since=start, known=set()) is None
    twilio.failures.append(ACCEPTED_BUT_CUT)
    with pytest.raises(DeliveryError):
        await sms.send(HER, message, key="k")
    taken = twilio.messages[0]["sid"]
    assert await sms.find(HER, message, since=start, known=set()) == taken
    assert await sms.find(HER, message, since=start.replace(tzinfo=None), known=set()) == taken
    assert await sms.find(HER, message, since=start, known={taken}) is None
    assert await sms.find("+85259999999", message, since=start, known=set()) is None
    assert await sms.find(HER, Outbound("Another"), since=start, known=set()) is None
    assert await sms.find(HER, message, since=start + timedelta(hours=1), known=set()) is None
    twilio.messages[0]["status"] = "failed"
    assert await sms.find(HER, message, since=start, known=set()) is None
    assert twilio.problems == []


async def test_find_a_long_text_only_when_all_of_it_is_there(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    start, message = datetime.now(UTC), Outbound("".join(f"Sentence {n}. " for n in range(200)))
    last = await sms.send(HER, message, key="k")
    assert await sms.find(HER, message, since=start, known=set()) == last
    twilio.messages.pop()
    assert await sms.find(HER, message, since=start, known=set()) is None


async def test_find_looks_at_several_pages(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    start = datetime.now(UTC)
    first = await sms.send(HER, HELLO, key="k")
    filler = dict(twilio.messages[0], body="other")
    twilio.messages[:0] = [dict(filler, sid=f"SM{n:032x}") for n in range(250)]
    assert await sms.find(HER, HELLO, since=start, known=set()) == first
    assert twilio.problems == []


@pytest.mark.parametrize(
    "failure", [BUSY, BROKEN, Failure(504, hang=2.0), Failure(cut=True), Failure(body="x"), Failure(401)]
)
async def test_find_without_an_answer_waits(sms: TwilioSms, twilio: TwilioStandIn, failure: Failure) -> None:
    twilio.failures.append(failure)
    with pytest.raises(DeliveryError) as caught:
        await sms.find(HER, HELLO, since=datetime.now(UTC), known=set())
    assert not caught.value.permanent


@pytest.mark.parametrize("status", [404, 405])
async def test_find_where_nothing_is_listed(sms: TwilioSms, twilio: TwilioStandIn, status: int) -> None:
    twilio.failures.append(Failure(status))
    assert await sms.find(HER, HELLO, since=datetime.now(UTC), known=set()) is None
