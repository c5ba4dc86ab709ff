"""What comes with an MMS: fetched from Twilio and from nowhere else, never more of it than wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.messages import DeliveryError
from channels.twilio_media import TwilioMedia
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import settings
from tests.standins.serving import BROKEN
from tests.standins.twilio import TwilioStandIn

MESSAGE, MEDIA = "MM" + "b2" * 16, "ME" + "c3" * 16


@pytest.fixture(scope="module")
def running() -> Iterator[TwilioStandIn]:
    with TwilioStandIn() as started:
        yield started


@pytest.fixture
async def sms(running: TwilioStandIn) -> AsyncIterator[TwilioSms]:
    running.forget()
    running.files, running.elsewhere = {MEDIA: b"x" * 1000}, ""
    made = TwilioSms(settings(**running.settings))
    yield made
    await made.close()


def address(running: TwilioStandIn, server: str = "https://api.twilio.com", account: str = "", path: str = "") -> str:
    return f"{server}/2010-04-01/Accounts/{account or running.account_sid}/Messages/{MESSAGE}/Media/{path or MEDIA}"


async def test_a_picture_is_fetched_with_our_login_which_goes_no_further(
    sms: TwilioSms, running: TwilioStandIn
) -> None:
    assert await sms.download(address(running), 1000) == (b"x" * 1000, "image/png")


@pytest.mark.parametrize(
    ("server", "account", "path"),
    [
        ("http://169.254.169.254", "", ""),
        ("https://api.twilio.com.evil.example", "", ""),
        ("https://api.twilio.com@evil.example", "", ""),
        ("http://api.twilio.com", "", ""),
        ("https://api.twilio.com:8443", "", ""),
        ("https://api.twilio.com", "AC" + "f" * 32, ""),
        ("https://api.twilio.com", "", "../../../secrets"),
        ("file://", "", ""),
        ("https://[", "", ""),
    ],
)
async def test_no_other_address_is_asked(
    sms: TwilioSms, running: TwilioStandIn, server: str, account: str, path: str
) -> None:
    with pytest.raises(DeliveryError) as caught:
        await sms.download(address(running, server, account, path), 1000)
    assert caught.value.permanent and running.requests == []


async def test_redirects_lead_to_twilios_stores_only(sms: TwilioSms, running: TwilioStandIn) -> None:
    running.elsewhere = "http://169.254.169.254/latest"
    with pytest.raises(DeliveryError, match="foreign") as caught:
        await sms.download(address(running), 1000)
    assert caught.value.permanent
    media = TwilioMedia("AC1", "token")
    allowed = {
        "https://mms.twiliocdn.com/a": True, "https://media.twiliocdn.com/a": True, "https://api.twilio.com/a": True,
        "https://s3-external-1.amazonaws.com/a": True, "http://mms.twiliocdn.com/a": False, "https://127.0.0.1/a": False,
        "https://twiliocdn.com.example/a": False, "https://mms.twiliocdn.com:444/a": False,
    }  # fmt: skip
    assert {url: media._allowed(url) for url in allowed} == allowed
    await media.close()


async def test_too_large_gone_or_broken(sms: TwilioSms, running: TwilioStandIn) -> None:
    with pytest.raises(DeliveryError, match="too large") as large:
        await sms.download(address(running), 999)
    running.failures.append(BROKEN)
    with pytest.raises(DeliveryError) as broken:
        await sms.download(address(running), 1000)
    running.files.clear()
    with pytest.raises(DeliveryError) as gone:
        await sms.download(address(running), 1000)
    assert (large.value.permanent, broken.value.permanent, gone.value.permanent) == (True, False, True)
