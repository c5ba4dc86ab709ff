"""Links of e-mails and signed requests: they work once; forged, old, used and foreign ones change nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.cases.links import LinkRefused, Links
from bot.cases.web import partner_routes
from bot.messages import DeliveryError, Outbound
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.keys import keys_of
from bot.store.models import Case
from channels.partner_webhook import PartnerWebhook
from channels.signing import FRESH, SIGNATURE, TIMESTAMP, is_signed, sign
from tests.cases.town import HER, SECRET, SOS, VAULT, Town, until
from tests.standins.serving import StandIn


def visitor(town: Town) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=list(partner_routes(town.world))))
    return httpx.AsyncClient(transport=transport, base_url="https://kasama.example")


async def link_of(town: Town) -> str:
    await town.writes(SOS)
    assert await until(lambda: bool(town.channels["email"].taken))
    mail = town.channels["email"].taken[0][2].text
    return next(word for word in mail.split() if word.startswith("https://kasama.example/partner/take/"))


async def test_a_link_shows_a_page_and_takes_the_case_only_by_its_button_once(town: Town) -> None:
    link = await link_of(town)
    async with visitor(town) as client:
        for _ in range(3):  # as mail scanners do
            page = await client.get(link)
            assert page.status_code == 200 and "<button>" in page.text
            assert SOS not in page.text and HER not in page.text and page.headers["cache-control"] == "no-store"
        assert (await town.case()).taken_by is None
        assert (await client.post(link)).status_code == 200
        case = await town.case()
        assert case.state == "acknowledged" and case.taken_by == "operator (link)"
        again = await client.post(link)
        assert again.status_code == 403 and "has been used" in again.text
    assert await until(lambda: any("caseworker" in t for t in town.channels["sms"].texts(HER)))


async def test_forged_old_and_outlived_links_change_nothing(town: Town) -> None:
    link = await link_of(town)
    token = link.rsplit("/", 1)[1]
    payload, rest = token.split(".", 1)
    forged = [
        f"{payload}x.{rest}",
        f"{payload}.{rest[:-2]}aa",
        "x",
        Links(VAULT, "https://kasama.example").make("1", 0, "a:0"),
    ]
    old = Links(VAULT, "https://kasama.example", lasts=-1)
    async with visitor(town) as client:
        for bad in forged:
            answer = await client.post(f"/partner/take/{bad.rsplit('/', 1)[-1]}")
            assert answer.status_code in (403, 404), bad
        kept, town.world.cases.links = town.world.cases.links, old
        assert (await client.post(link)).status_code == 403
        town.world.cases.links = kept
        async with town.world.database.write() as session:  # closed and opened again: the old mail's link is too old
            await session.execute(update(Case).values(round=1))
        assert (await client.post(link)).status_code == 403
    after = await town.case()
    assert after.taken_by is None and after.acknowledged_at is None and after.state in ("open", "notified")


async def test_a_link_made_before_a_rotation_works_once_and_only_once(tmp_path: Path) -> None:
    vault = Vault(keys_of(tmp_path, ""))
    links = Links(vault, "https://kasama.example")
    old = links.make("482106", 0, "operator:0").rsplit("/", 1)[1]
    vault.keys.add()
    fresh = links.make("482106", 0, "operator:0").rsplit("/", 1)[1]
    assert links.read(old) == links.read(fresh), "signed with the older key, and with the newest"
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}")
    await database.migrate()
    async with database.write() as session:
        assert await links.use(session, old)
    vault.keys.add()  # while it is marked as used
    async with database.write() as session:
        assert not await links.use(session, old)
        assert await links.use(session, fresh)
    vault.keys.keep(1)
    with pytest.raises(LinkRefused):
        links.read(old)
    await database.close()


async def test_each_refusal_is_logged_and_says_nothing_of_her(town: Town) -> None:
    link = await link_of(town)
    number = (await town.case()).number
    with capture_logs() as logs:
        async with visitor(town) as client:
            await client.post(link[:-2] + "aa")
            await client.post(link)
            await client.post(link)
            await client.post("/partner/webhook/operator", content=b"{}")
        await town.writes(f"OK {number}", "+85298765432")
        await town.writes(f"OK {number}", town.addresses["KASAMA_PARTNER_ALPHA_SMS"])
    refused = [line for line in logs if str(line["event"]).startswith("refused")]
    assert [line.get("why", line["event"]) for line in refused] == [
        "This is not a link of ours.",
        "This link has been used. It works once.",
        "refused: a partner's request whose signature does not fit",
        "refused: an answer to a case from an address that is no partner's",
        "refused: a partner's answer",
    ]
    assert all(line["log_level"] == "warning" for line in refused)
    written = json.dumps(logs, default=str)
    assert not any(secret in written for secret in (HER, HER[1:], "98765432", SOS, "beating"))
    with capture_logs() as logs:
        kept, town.world.cases.links = town.world.cases.links, Links(VAULT, "https://kasama.example", lasts=-1)
        async with visitor(town) as client:
            await client.post(link)
        town.world.cases.links = kept
    assert [line["why"] for line in logs if str(line["event"]).startswith("refused")] == [
        "This link is too old. Ask for the case by its number in the mail."
    ]


@pytest.fixture
async def hooked(town: Town) -> Town:
    """The operator has a system of its own."""
    (town.content / "partners/operator.yml").write_text(
        "id: operator\nname: Example Line\nreach:\n- {channel: webhook, address_from: KASAMA_OPERATOR_WEBHOOK, "
        "secret_from: KASAMA_OPERATOR_WEBHOOK_SECRET}\n"
    )
    assert town.knowledge.reload_if_changed()
    values = {"KASAMA_OPERATOR_WEBHOOK": "https://system.example/in", "KASAMA_OPERATOR_WEBHOOK_SECRET": SECRET}
    town.world.cases.directory._addresses = {**town.addresses, **values}
    return town


def signed(body: dict[str, str], secret: str = SECRET, at: float | None = None) -> dict[str, object]:
    content, timestamp = json.dumps(body).encode(), str(int(at or time.time()))
    return {"content": content, "headers": {TIMESTAMP: timestamp, SIGNATURE: sign(secret, timestamp, content)}}


async def test_a_partners_system_gets_the_case_and_answers(hooked: Town) -> None:
    await hooked.writes(SOS)
    assert await until(lambda: bool(hooked.channels["webhook"].taken))
    sent = json.loads(hooked.channels["webhook"].taken[0][2].text)
    assert (
        sent["event"] == "case.opened" and sent["case"]["messages"][0]["text"] == SOS and sent["case"]["address"] == HER
    )
    number = sent["case"]["number"]
    async with visitor(hooked) as client:
        taken = signed({"case": number, "do": "acknowledge", "by": "Ana"})
        answer = await client.post("/partner/webhook/operator", **taken)
        assert answer.status_code == 200 and answer.json()["state"] == "acknowledged"
        assert (await client.post("/partner/webhook/operator", **taken)).status_code == 409, "played again"
        words = signed({"case": number, "do": "reply", "text": "I am with you", "by": "Ana"})
        assert (await client.post("/partner/webhook/operator", **words)).status_code == 200
    assert (await hooked.case()).taken_by == "operator: Ana (webhook)"
    assert await until(lambda: "I am with you" in hooked.channels["sms"].texts(HER))


async def test_wrong_signatures_and_foreign_cases_are_refused(hooked: Town) -> None:
    await hooked.writes(SOS)
    number = (await hooked.case()).number
    body = {"case": number, "do": "close", "text": "x"}
    good = signed(body)
    tries = [
        ("operator", signed(body, secret="x" * 40), 403),
        ("operator", signed(body, at=time.time() - FRESH - 5), 403),
        ("operator", {**good, "content": json.dumps({**body, "text": "y"}).encode()}, 403),
        ("operator", {"content": good["content"]}, 403),
        ("alpha", good, 403),
        ("nobody", good, 403),
        ("operator", signed({**body, "case": "000000"}), 409),
        ("operator", signed({**body, "do": "erase"}), 400),
        ("operator", signed([1]), 400),  # type: ignore[arg-type]
    ]
    async with visitor(hooked) as client:
        for partner, request, status in tries:
            assert (await client.post(f"/partner/webhook/{partner}", **request)).status_code == status, (
                partner,
                request,
            )
    assert (await hooked.case()).state != "closed"


class System(StandIn):
    """A partner's own system."""

    def __init__(self) -> None:
        from starlette.requests import Request
        from starlette.responses import Response
        from starlette.routing import Route

        super().__init__()
        self.got: list[tuple[dict[str, str], bytes]] = []

        async def take(request: Request) -> Response:
            async def answer() -> Response:
                self.got.append((dict(request.headers), await request.body()))
                return Response(status_code=202)

            return await self.fail(request, answer)

        self.app = Starlette(routes=[Route("/in", take, methods=["POST"])])


async def test_the_channel_signs_what_it_posts_and_says_what_may_pass() -> None:
    from tests.standins.serving import BROKEN, Failure

    channel = PartnerWebhook()
    with System() as system:
        url = f"{system.url}/in"
        channel.secrets = lambda address: [SECRET] if address == url else []
        assert await channel.send(url, Outbound('{"event": "é"}'), key="case:1:m1:operator:0") == "case:1:m1:operator:0"
        headers, body = system.got[0]
        assert is_signed([SECRET], headers[TIMESTAMP.lower()], body, headers[SIGNATURE.lower()])
        assert not is_signed([SECRET], headers[TIMESTAMP.lower()], body + b" ", headers[SIGNATURE.lower()])
        assert headers["x-kasama-delivery"] == "case:1:m1:operator:0"
        for failure, permanent in ((BROKEN, False), (Failure(302, {"Location": "/in"}), False), (Failure(410), True)):
            system.failures = [failure]
            with pytest.raises(DeliveryError) as caught:
                await channel.send(url, Outbound("{}"), key="k")
            assert caught.value.permanent is permanent
        with pytest.raises(DeliveryError, match="no secret"):
            await channel.send("https://elsewhere.example", Outbound("{}"), key="k")
        assert len(system.got) == 1
    with pytest.raises(DeliveryError):
        await channel.send(url, Outbound("{}"), key="k")
    await channel.close()
