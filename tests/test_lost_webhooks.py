"""Twilio's webhooks are lost for five minutes: from its list to her answer and the partner's inbox, each message once."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.reconciling import stored
from bot.store.models import InboundRow
from channels.registry import webhooks
from channels.twilio_sms import TwilioSms
from tests.channels.conftest import settings
from tests.standins.twilio import TwilioStandIn
from tests.town import town_in

TEXTS = ("how much may the agency take?", "my employer keeps my passport", "salary not paid 2 months")
PATH = "/webhooks/twilio/sms"


async def test_five_minutes_of_lost_webhooks(tmp_path: Path) -> None:
    with TwilioStandIn() as twilio:
        async with town_in(tmp_path) as town:
            sms = TwilioSms(settings(**twilio.settings))
            town.channels["sms"] = sms
            sms.reconciliation.stored = functools.partial(stored, town.database, town.vault)
            app = Starlette(routes=list(webhooks({"sms": sms}, town.world.conversation.receive)))
            seconds = itertools.count(300, -3)
            women = [f"+8526{n:07}" for n in range(30)]
            for text, woman in itertools.product(TEXTS, women):
                twilio.arrives(woman, text, age=timedelta(seconds=next(seconds)))
            twilio.arrives("+85261999991", "SOS help me he locked me in", age=timedelta(minutes=2))
            by_both = twilio.arrives("+85261999992", TEXTS[0], age=timedelta(minutes=1))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kasama.test") as client:
                body, headers = twilio.signed(
                    f"http://kasama.test{PATH}", twilio.inbound("+85261999992", TEXTS[0], by_both)
                )
                assert (await client.post(PATH, content=body, headers=headers)).status_code == 200
            since = datetime.now(UTC) - timedelta(hours=1)
            receive = town.world.conversation.receive
            assert await sms.reconciliation.look(receive, since) == 91
            assert await sms.reconciliation.look(receive, since) == 0
            assert await town.world.quiet(60)
            async with town.database.read() as session:
                assert (await session.execute(select(func.count()).select_from(InboundRow))).scalar() == 92
            answers = Counter(m["to"] for m in twilio.messages if m["direction"] != "inbound")
            assert set(answers) == {*women, "+85261999991", "+85261999992"}
            # Messages in a row may be read together; none is answered twice.
            assert all(1 <= answers[woman] <= 3 for woman in women)
            assert answers["+85261999991"] == answers["+85261999992"] == 1
            assert sum("locked me in" in text for _, text in town.email.sent) == 1
            assert twilio.problems == []
            await sms.close()
