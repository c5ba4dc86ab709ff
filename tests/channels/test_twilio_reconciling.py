"""Webhooks that never arrived: everything comes in all the same, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import people
from bot.erasure import erase
from bot.messages import DeliveryError, Inbound, Media, Outbound
from bot.reconciling import stored
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import InboundRow, Person
from channels import Reconciles, twilio_reconciling
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import Inbox, settings
from tests.standins.serving import BROKEN, BUSY, Failure
from tests.standins.twilio import TwilioStandIn

HER = "+85251234567"
DAY, NONE = timedelta(days=1), timedelta()


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
    made = TwilioSms(settings(**twilio.settings), timeout=2.0)
    assert isinstance(made, Reconciles)
    yield made
    await made.close()


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


async def test_five_minutes_of_lost_webhooks_come_in_oldest_first_and_once(
    sms: TwilioSms, twilio: TwilioStandIn
) -> None:
    inbox, known = Inbox(), set[str]()

    async def here(channel: str, ids: Sequence[str]) -> set[str]:
        assert channel == "sms"
        return known & set(ids)

    sms.reconciliation.stored = here
    # Two a second for twenty minutes; the webhooks of five of them were lost.
    for second in range(1200, 20, -1):
        for n in (1, 2):
            sid = twilio.arrives(f"+8525{second:04}{n:03}", f"message {second}-{n}", age=timedelta(seconds=second))
            if not 300 <= second < 600:
                known.add(sid)
    await sms.send(HER, Outbound("an answer"), key="k")
    taken = await sms.reconciliation.look(inbox.receive, ago(minutes=30))
    assert taken == len(inbox.messages) == 600
    assert [m.text for m in inbox.messages] == [f"message {s}-{n}" for s in range(599, 299, -1) for n in (1, 2)]
    assert all(
        abs(m.received_at - ago(seconds=int(m.text.split()[1].split("-")[0]))) < timedelta(seconds=60)
        for m in inbox.messages
    )
    known |= {m.provider_id for m in inbox.messages}
    assert await sms.reconciliation.look(inbox.receive, ago(minutes=30)) == 0
    assert len(inbox.messages) == 600
    pages = [q for _, _, q in twilio.requests if "Page" in q]
    assert len(pages) > 5 and twilio.problems == []


async def test_nothing_of_others_and_nothing_older(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    inbox = Inbox()
    twilio.arrives(HER, "to another number", to="+12025550199")
    twilio.arrives(HER, "yesterday", age=DAY)
    twilio.arrives(HER, "ours")
    twilio.arrives(f"whatsapp:{HER}", "ours by WhatsApp", to=f"whatsapp:{twilio.number}")
    twilio.arrives(HER, "on its way", age=timedelta(seconds=3))
    assert await sms.reconciliation.look(inbox.receive, ago(hours=1)) == 2
    assert {(m.address, m.text) for m in inbox.messages} == {(HER, "ours"), (f"whatsapp:{HER}", "ours by WhatsApp")}
    # On an operator's order at once.
    assert await sms.reconciliation.look(inbox.receive, ago(hours=1), younger=NONE) == 3


async def test_a_messaging_service_takes_what_came_to_its_numbers(twilio: TwilioStandIn) -> None:
    service, inbox = "MG" + "0" * 32, Inbox()
    sms = TwilioSms(settings(**{**twilio.settings, "twilio_from": service}))
    twilio.arrives(HER, "ours", messaging_service_sid=service)
    twilio.arrives(HER, "of another service", messaging_service_sid="MG" + "1" * 32)
    twilio.arrives(HER, "of none", to="+12025550199")
    assert await sms.reconciliation.look(inbox.receive, ago(hours=1)) == 1
    assert [m.text for m in inbox.messages] == ["ours"]
    await sms.close()


async def test_the_same_message_as_by_webhook(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    inbox = Inbox()
    stop, picture = twilio.arrives(HER, "Stop"), twilio.arrives(HER, "see", media=("image/jpeg", "audio/amr"))
    twilio.arrives(HER, "filtered as a loop", status="failed", error_code=30039)
    await sms.reconciliation.look(inbox.receive, ago(hours=1))
    found = {m.provider_id: m for m in inbox.messages}
    assert len(found) == 3 and found[stop].keyword == "stop"
    url = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}/Messages/{picture}/Media/ME"
    assert found[picture].media == (
        Media("photo", f"{url}{0:032x}", "image/jpeg"),
        Media("voice", f"{url}{1:032x}", "audio/amr"),
    )


async def test_her_words_come_in_also_when_the_media_cannot_be_listed(sms: TwilioSms, twilio: TwilioStandIn) -> None:
    inbox = Inbox()
    twilio.arrives(HER, "see", media=("image/jpeg",))
    whatsapp = Failure(200, body='{"messages": [], "next_page_uri": null}')
    message = json.dumps({"messages": twilio.messages, "next_page_uri": None})
    twilio.list_failures += [Failure(200, body=message), whatsapp]
    twilio.failures.append(BROKEN)
    await sms.reconciliation.look(inbox.receive, ago(hours=1))
    assert [(m.text, m.media) for m in inbox.messages] == [("see", ())]


@pytest.mark.parametrize(
    "failure", [BUSY, BROKEN, Failure(body="x"), Failure(200, body="[]"), Failure(cut=True), Failure(401)]
)
async def test_no_list(sms: TwilioSms, twilio: TwilioStandIn, failure: Failure) -> None:
    inbox = Inbox()
    twilio.arrives(HER, "help")
    twilio.list_failures.append(failure)
    with pytest.raises(DeliveryError):
        await sms.reconciliation.look(inbox.receive, ago(hours=1))
    assert inbox.messages == []
    assert await sms.reconciliation.look(inbox.receive, ago(hours=1)) == 1


async def test_it_goes_on_whatever_fails_and_reaches_back_until_it_succeeds(
    sms: TwilioSms, twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_reconciling, "EVERY", 0.05)
    inbox = Inbox()
    inbox.broken = True
    twilio.arrives(HER, "two days ago", age=2 * DAY)
    twilio.list_failures += [BROKEN, BROKEN]
    job = asyncio.create_task(sms.run(inbox.receive))
    await asyncio.sleep(0.6)
    assert inbox.messages == [] and not job.done()
    inbox.broken = False
    await asyncio.sleep(0.4)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    # Looked for so far back only until it was in; here nothing tells that it is stored.
    assert [m.text for m in inbox.messages] == ["two days ago"]


async def test_what_she_had_deleted_does_not_come_back(tmp_path: Path) -> None:
    database, vault = (
        Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"),
        Vault("a key for tests that is long enough"),
    )
    await database.migrate()
    inbound = Inbound("sms", HER, "delete everything", "SM1")

    class Nowhere:
        def country_for_phone(self, phone: str) -> None:
            return None

    async with database.write() as session:
        person = await people.find_or_make(session, vault, Nowhere(), inbound)  # type: ignore[arg-type]
        await session.flush()
        session.add(InboundRow(channel="sms", provider_id="SM1", person_id=person.id, body_sealed=b""))
    assert await stored(database, vault, "sms", ["SM1", "SM2"]) == {"SM1"}
    async with database.write() as session:
        await erase(session, vault, (await session.execute(select(Person))).scalar_one())
    async with database.read() as session:
        assert (await session.execute(select(func.count()).select_from(InboundRow))).scalar() == 0
    assert await stored(database, vault, "sms", ["SM1", "SM2"]) == {"SM1"}
    assert await stored(database, vault, "telegram", ["SM1"]) == set()
    assert await stored(database, vault, "sms", [f"SM{n}" for n in range(3000)]) == {"SM1"}
    await database.close()
