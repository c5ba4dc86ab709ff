"""Requests that nobody should send to a webhook: recorded ones, broken in every way that we could think of."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from channels.twilio_signature import _of_bytes
from tests.channels.junk import junk
from tests.standins.http_sms import GatewayStandIn
from tests.standins.telegram import TelegramStandIn
from tests.standins.twilio import TwilioStandIn

HOST = "kasama.test"
HUGE = 1_200_000
KINDS = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "nonsense",
    "application/x-www-form-urlencoded; charset=utf-16", "", "application/json; charset=\xff",
)  # fmt: skip
_JUNK = junk()
_twilio, _telegram, _phone = TwilioStandIn(), TelegramStandIn(), GatewayStandIn("android-phone")
_aggregator = GatewayStandIn("africas-talking")


@dataclass(slots=True)
class Call:
    """One request to a webhook. headers: raw bytes as a client may send them."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A channel to be fuzzed. recorded: makes a good request from a number; sign: proves that the provider sent it."""

    recorded: tuple[Callable[[random.Random, int], Call], ...]
    sign: Callable[[Call], None]


def _form(path: str, make: Callable[[random.Random, int], dict[str, str]]) -> Callable[[random.Random, int], Call]:
    def recorded(chance: random.Random, number: int) -> Call:
        return Call(path, urlencode(make(chance, number), errors="surrogatepass").encode())

    return recorded


def _json(path: str, make: Callable[[random.Random, int], Any]) -> Callable[[random.Random, int], Call]:
    def recorded(chance: random.Random, number: int) -> Call:
        return Call(path, json.dumps(make(chance, number)).encode())

    return recorded


def _sign_twilio(call: Call) -> None:
    url = f"http://{HOST}{call.path}" + (f"?{call.query}" if call.query else "")
    try:
        call.headers["X-Twilio-Signature"] = _of_bytes(_twilio.auth_token, url, call.body).decode()
    except ValueError:  # more fields than a form has
        call.headers["X-Twilio-Signature"] = "x"


def _sign_telegram(call: Call) -> None:
    call.headers["X-Telegram-Bot-Api-Secret-Token"] = _telegram.secret


def _sign_phone(call: Call) -> None:
    call.headers |= _phone.signed(call.body)[1]


def _sign_aggregator(call: Call) -> None:
    call.query = f"key={_aggregator.secret}" + (f"&{call.query}" if call.query else "")


def _words(chance: random.Random) -> str:
    return chance.choice((chance.choice(_JUNK)[:5000], "how much may the agency take?", "help, he is beating me", "1"))


def _her(chance: random.Random) -> str:
    return f"+8525{chance.randrange(2000):07}"


def _update(chance: random.Random, number: int) -> Any:
    _telegram.forget()
    chat = 1000 + chance.randrange(2000)
    more = chance.choice(({}, {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]},
                          {"location": {"latitude": 22.2, "longitude": 114.1}}, {"voice": {"file_id": "v"}}))  # fmt: skip
    made = _telegram.press("affirm", chat) if number % 7 == 0 else _telegram.message(_words(chance), chat, **more)
    return made | {"update_id": number}


_BOMB = gzip.compress(b"0" * 5_000_000, 9)
SMS, STATUS = "/webhooks/twilio/sms", "/webhooks/twilio/status"
GATEWAY, FATE = "/webhooks/sms-gateway", "/webhooks/sms-gateway/status"
TARGETS = {
    "twilio": Target(
        (_form(SMS, lambda c, n: _twilio.inbound(_her(c), _words(c), f"SM{n:032x}")),
         _form(SMS, lambda c, n: _twilio.inbound(_her(c), _words(c), f"SM{n:032x}", NumMedia="1", MediaUrl0="https://m.example/1",
                                                 MediaContentType0="image/jpeg")),
         _form(STATUS, lambda c, n: _twilio.status(f"SM{n:032x}", c.choice(("delivered", "failed")), "30005"))),
        _sign_twilio,
    ),
    "telegram": Target((_json("/webhooks/telegram", _update),), _sign_telegram),
    "phone": Target(
        (_json(GATEWAY, lambda c, n: _phone.inbound(_her(c), _words(c), f"event-{n}")),
         _json(FATE, lambda c, n: _phone.event("sms:delivered", {"messageId": str(n)}))),
        _sign_phone,
    ),
    "aggregator": Target((lambda c, n: Call(GATEWAY, _aggregator.form(_her(c), "hi", f"at-{n}")),), _sign_aggregator),
}  # fmt: skip


def calls(name: str, many: int, seed: int = 5) -> Any:
    """`many` requests to the webhooks of a channel: two in three prove that the provider sent them, the others do not."""
    chance, target = random.Random(seed), TARGETS[name]
    for number in range(many):
        call = chance.choice(target.recorded)(chance, number)
        call.headers["Content-Type"] = (
            "application/json" if call.body[:1] == b"{" else "application/x-www-form-urlencoded"
        )
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            chance.choice(_MUTATIONS)(chance, call)
        if number % 400 == 0:
            call.body = call.body + b"x" * chance.randrange(HUGE)
        if chance.random() < 0.67:
            target.sign(call)
        elif chance.random() < 0.5:
            target.sign(call)
            call.body += b" "
            call.headers = {k: v[:-1] + "0" if k.startswith("X-") else v for k, v in call.headers.items()}
        yield call


def _flip(chance: random.Random, call: Call) -> None:
    body = bytearray(call.body)
    for _ in range(chance.choice((1, 3, 30))):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)
    call.body = bytes(body)


def _cut(chance: random.Random, call: Call) -> None:
    call.body = call.body[: chance.randrange(len(call.body) + 1)]


def _insert(chance: random.Random, call: Call) -> None:
    piece = chance.choice((b"\x00", b"\xff\xfe", b"\xed\xa0\xbd", b"\\ud83d", b"%00", b"%ff", b"%ed%a0%80", b'"', b"&", b"=",
                           b"\xc3", b"1" * 5000, b"\x1b[2J", b"{", b"[" * 500, "\u202e".encode()))  # fmt: skip
    at = chance.randrange(len(call.body) + 1)
    call.body = call.body[:at] + piece + call.body[at:]


def _twice(chance: random.Random, call: Call) -> None:
    if call.body[:1] == b"{":
        call.body = call.body[:-1] + b"," + call.body[1:]
    else:
        call.body = b"&".join(
            (call.body, *(chance.choice(call.body.split(b"&")) for _ in range(chance.choice((1, 50, 2000)))))
        )


def _nested(chance: random.Random, call: Call) -> None:
    deep = chance.choice((50, 5000, 40_000))
    call.body = b'{"message":' * deep + b"1" + b"}" * deep if chance.random() < 0.5 else b"[" * deep + b"]" * deep


def _value(chance: random.Random, call: Call) -> None:
    """One value of the document, whatever it is, becomes something else."""
    strange = (
        None,
        True,
        -1,
        10**40,
        1e308,
        "",
        "x" * 3000,
        "\ud83d",
        "\x00",
        [],
        {},
        [[]],
        {"a": {}},
        "nan",
        _words(chance),
    )
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError):
        pairs = [pair.partition(b"=") for pair in call.body.split(b"&")]
        at = chance.randrange(len(pairs))
        text = urlencode({"": str(chance.choice(strange))}, errors="surrogatepass").encode()
        call.body = b"&".join(name + (text if i == at else sign + value) for i, (name, sign, value) in enumerate(pairs))
        return
    part: Any = document
    while isinstance(part, dict | list) and part:
        key = chance.choice(list(part) if isinstance(part, dict) else range(len(part)))
        if not isinstance(part[key], dict | list) or chance.random() < 0.3:
            part[key] = chance.choice(strange)
            break
        part = part[key]
    call.body = json.dumps(document).encode()


def _kind(chance: random.Random, call: Call) -> None:
    call.headers["Content-Type"] = chance.choice(KINDS)


def _bomb(chance: random.Random, call: Call) -> None:
    call.body = _BOMB
    call.headers["Content-Encoding"] = "gzip"


def _length(chance: random.Random, call: Call) -> None:
    call.headers["Content-Length"] = chance.choice(("-1", "0", "9" * 30, "x", "1e9", "²"))


def _query(chance: random.Random, call: Call) -> None:
    call.query = chance.choice(("a=b", "%ff=%00", "from=%2B1&text=x", "&" * 3000, "key=", "\x7f"))


_MUTATIONS = [
    _flip,
    _flip,
    _cut,
    _insert,
    _insert,
    _insert,
    _twice,
    _nested,
    _value,
    _value,
    _value,
    _kind,
    _length,
    _query,
]
_MUTATIONS = _MUTATIONS * 4 + [_bomb]
