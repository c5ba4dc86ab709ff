"""What we send to Twilio and what we read from it exists in the interface that Twilio publishes."""

from __future__ import annotations

import ast
import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Choice, Outbound
from channels import twilio_errors
from channels.twilio_errors import ERRORS, meaning, refusal
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import settings
from tests.standins.serving import SPECS
from tests.standins.twilio import TwilioStandIn

ROOT = Path(__file__).resolve().parents[2]
SPEC = SPECS / "twilio_messages.openapi.json"
LIST = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
HER = "+85251234567"
published = pytest.mark.skipif(not SPEC.exists(), reason="the published interface is not at hand")


def spec() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPEC.read_text())
    return found


def read_of(name: str) -> set[str]:
    """Fields that our code reads of the library's object `name`, by its own names."""
    fields = set()
    for path in (ROOT / "channels").glob("twilio_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                fields.add(node.attr.rstrip("_"))
    return fields


@published
def test_every_field_that_we_read_of_a_message_exists() -> None:
    known = set(spec()["components"]["schemas"]["api.v2010.account.message"]["properties"])
    read = read_of("sent") | read_of("created") | (read_of("message") - {"text", "choices", "valid_for"}) | {"sid"}
    assert {"body", "date_created", "date_sent", "direction", "from", "messaging_service_sid", "num_media"} <= read
    assert read <= known, f"Twilio does not publish {read - known}"


@published
def test_every_field_that_we_read_of_media_exists() -> None:
    read = read_of("m") & {"uri", "content_type"}
    assert read == {"uri", "content_type"}
    assert read <= set(spec()["components"]["schemas"]["api.v2010.account.message.media"]["properties"])


@published
def test_the_statuses_that_we_know_are_those_that_exist() -> None:
    from bot.receipts import _ORDER, NOT_DELIVERED

    published_words = set(spec()["components"]["schemas"]["message_enum_status"]["enum"])
    assert set(_ORDER) <= published_words and published_words >= NOT_DELIVERED
    assert published_words - set(_ORDER) == {"receiving", "received"}, "these are of inbound messages"


SENDERS = {
    "number": {},
    "service": {"twilio_from": "MG" + "0" * 32},
    "public address": {"public_url": "https://kasama.example"},
}
MESSAGES = [
    (HER, Outbound("Hello")),
    (HER, Outbound("Hello", valid_for=90.5)),
    (HER, Outbound("Hello", valid_for=0.5)),
    (HER, Outbound("Hello", valid_for=1e9)),
    (HER, Outbound("ما الذي تريدين معرفته؟ 😀", (Choice("الرسوم", "ask_fees"), Choice("الأجر", "ask_wages")))),
    (HER, Outbound("A sentence. " * 400)),
    (f"whatsapp:{HER}", Outbound("Hello")),
]


@pytest.fixture(scope="module")
def twilio() -> Any:
    with TwilioStandIn() as started:
        yield started


@published
@pytest.mark.parametrize("sender", SENDERS)
async def test_every_request_that_we_send_is_valid(twilio: TwilioStandIn, sender: str) -> None:
    """The stand-in refuses what the published interface does not know or allow."""
    twilio.forget()
    sms = TwilioSms(settings(**{**twilio.settings, **SENDERS[sender]}))
    for to, message in MESSAGES:
        if not (sender == "service" and to.startswith("whatsapp")):
            await sms.send(to, message, key="k")
    for to, message in MESSAGES[:1]:
        await sms.find(to, message, since=datetime.now(UTC), known=set())
    assert twilio.problems == []
    sent = [form for method, _, form in twilio.requests if method == "POST"]
    validity = [int(form["ValidityPeriod"]) for form in sent if "ValidityPeriod" in form]
    assert validity == [90, 6, 36_000]
    known = set(
        spec()["paths"][LIST]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"][
            "properties"
        ]
    )
    assert {name for form in sent for name in form} <= known
    await sms.close()


def test_the_table_of_errors_is_whole() -> None:
    path = Path(twilio_errors.__file__).with_suffix(".csv")
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [r["code"] for r in rows] == sorted({r["code"] for r in rows}), "one row per code, in order"
    for row in rows:
        assert row["verdict"] in ("again", "setup", "never", "opted_out"), row
        assert row["meaning"] and row["advice"].endswith("."), row
        assert None not in row and all(v is not None for v in row.values()), row
    assert [code for code, error in ERRORS.items() if error.verdict == "opted_out"] == [21610]


# code as Twilio gives it, permanent, opted out
VERDICTS: list[tuple[int | str | None, bool, bool]] = [
    (21610, True, True),
    ("21610", True, True),
    ("30005", True, False),
    (21408, False, False),
    (20003, False, False),
    ("30003", False, False),
    (99999, False, False),
    ("x", False, False),
    (None, False, False),
]


@pytest.mark.parametrize(("code", "permanent", "opted_out"), VERDICTS)
def test_verdict(code: int | str | None, permanent: bool, opted_out: bool) -> None:
    error = refusal(code, otherwise="400")
    assert (error.permanent, error.opted_out) == (permanent, opted_out)
    assert error.code == str(code or "400")
    assert (meaning(code) is None) == (code in (99999, "x", None))
