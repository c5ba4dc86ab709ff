"""Telegram: updates as they were recorded, forged ones, polling, and everything that can go wrong when sending."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.deeplink import DeepLink
from bot.messages import Choice, DeliveryError, Inbound, Location, Media, Outbound
from bot.segments import units
from channels.pace import Pace
from channels.telegram import Telegram
from channels.telegram_updates import ALLOWED
from tests.channels.conftest import Inbox, settings, visitor
from tests.channels.junk import junk
from tests.standins.serving import ACCEPTED_BUT_CUT, BROKEN, Failure
from tests.standins.telegram import TelegramStandIn

PATH = "/webhooks/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
recorded = TelegramStandIn()  # only for its updates
SECRET = recorded.secret


def channel(**values: Any) -> Telegram:
    """A channel with a webhook; what it sends goes nowhere."""
    wanted = {
        "telegram_bot_token": recorded.token,
        "telegram_api_url": "http://127.0.0.1:9",
        "telegram_webhook_secret": SECRET,
    }
    return Telegram(settings(**{**wanted, **values}))


def message(text: str | None = None, **more: Any) -> dict[str, Any]:
    return recorded.message(text, **more)


def without(update: dict[str, Any], *path: str) -> dict[str, Any]:
    """The update without one field."""
    copy = json.loads(json.dumps(update))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return copy


def edited(text: str | None, edit_date: int, **more: Any) -> dict[str, Any]:
    """A correction of the message 5."""
    written = message(text, message_id=5, edit_date=edit_date, **more)
    return {"update_id": written["update_id"], "edited_message": written["message"]}


def edit_id(when: int) -> str:
    key = hashlib.sha256(recorded.token.encode()).digest()
    return f"edit:{hmac.new(key, b'4242', hashlib.sha256).hexdigest()[:16]}:5:{when}"


def written(chat: dict[str, Any], text: str | None = None, **more: Any) -> dict[str, Any]:
    """A message in a chat of another kind."""
    made = message(text, **more)
    return {"update_id": made["update_id"], "message": {**made["message"], "chat": chat}}


def in_group(update: dict[str, Any]) -> dict[str, Any]:
    copy = json.loads(json.dumps(update))
    copy["callback_query"]["message"]["chat"] = GROUP
    return copy


GROUP = {"id": -100, "type": "group", "title": "g"}
FILE = {"file_id": "F1", "file_unique_id": "U1"}
# label, update, expected message (None: taken note of, nothing to store)
UPDATES: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("text", message("SOS po"), {"text": "SOS po"}),
    ("empty text", message(""), {"text": ""}),
    ("lines, Nepali and emoji", message("सहयोग\n🙏"), {"text": "सहयोग\n🙏"}),
    ("half an emoji", message("a\ud83d"), {"text": "a\ufffd"}),
    ("start", message("/start"), {"text": "/start", "payload": "greet"}),
    ("start by a link of another kind", message("/start ngo1"), {"text": "/start ngo1", "payload": "greet"}),
    ("start by a link", message("/start tl_PHL_HKG"),
     {"text": "/start tl_PHL_HKG", "payload": "greet", "link": DeepLink("tl", "PHL", "HKG")}),
    ("start by a link with half of it", message("/start@kasama_bot ne"),
     {"text": "/start@kasama_bot ne", "payload": "greet", "link": DeepLink("ne")}),
    ("start by a forged link", message("/start tl_PHL_HKG_x"), {"text": "/start tl_PHL_HKG_x", "payload": "greet"}),
    ("help", message("/help"), {"text": "/help", "payload": "menu"}),
    ("help, shouted and addressed", message("/HELP@kasama_bot"), {"text": "/HELP@kasama_bot", "payload": "menu"}),
    ("help with words is a message", message("/help he hits me"), {"text": "/help he hits me"}),
    ("language", message("/language"), {"text": "/language", "payload": "set_language"}),
    ("delete", message("/delete"), {"text": "/delete", "payload": "delete_data"}),
    ("hide", message("/hide"), {"text": "/hide", "payload": "hide"}),
    ("another command is text", message("/restart"), {"text": "/restart"}),
    ("an intent is text", message("/distress_violence"), {"text": "/distress_violence"}),
    ("a slash", message("/"), {"text": "/"}),
    ("no language", without(message("a"), "message", "from", "language_code"), {"text": "a", "language": None}),
    ("no sender", without(message("a"), "message", "from"), {"text": "a", "language": None}),
    ("a language that is none", message("a", **{"from": {"id": 1, "language_code": 7}}), {"text": "a", "language": None}),
    ("button", recorded.press("ask_fees"), {"payload": "ask_fees"}),
    ("button with a country", recorded.press("inform_route|destination=KWT"), {"payload": "inform_route|destination=KWT"}),
    ("button of a message long gone", without(recorded.press("more"), "callback_query", "message"), {"payload": "more"}),
    ("forged button", recorded.press('restart{"a": 1}'), None),
    ("button of a game", without(recorded.press("x"), "callback_query", "data"), None),
    ("photo", message(photo=[{**FILE, "width": 1}, {"file_id": "F2", "width": 9}]),
     {"media": (Media("photo", "F2", "image/jpeg"),)}),
    ("photo with words", message(photo=[FILE], caption="my contract"),
     {"text": "my contract", "media": (Media("photo", "F1", "image/jpeg"),)}),
    ("a command below a photo is words", message(photo=[FILE], caption="/hide"),
     {"text": "/hide", "media": (Media("photo", "F1", "image/jpeg"),)}),
    ("voice", message(voice={**FILE, "mime_type": "audio/ogg"}), {"media": (Media("voice", "F1", "audio/ogg"),)}),
    ("video", message(video=FILE), {"media": (Media("video", "F1"),)}),
    ("round video", message(video_note=FILE), {"media": (Media("video", "F1"),)}),
    ("document", message(document={**FILE, "mime_type": "application/pdf"}),
     {"media": (Media("document", "F1", "application/pdf"),)}),
    ("animation, which is a document too", message(animation=FILE, document=FILE), {"media": (Media("video", "F1"),)}),
    ("sticker", message(sticker=FILE), {"media": (Media("sticker", "F1"),)}),
    ("contact", message(contact={"phone_number": "+85251234567", "first_name": "A"}),
     {"media": (Media("contact", "+85251234567"),)}),
    ("location", message(location={"latitude": 22.28, "longitude": 114}), {"location": Location(22.28, 114.0)}),
    ("dice gets an answer", message(dice={"emoji": "🎲", "value": 1}), {}),
    ("venue", message(location={"latitude": 1, "longitude": 2}, venue={"title": "Worldwide House", "address": "Central"}),
     {"text": "Worldwide House\nCentral", "location": Location(1.0, 2.0)}),
    ("edited", edited("come, he hits me", 1764000000),
     {"text": "come, he hits me", "edited": True, "provider_id": edit_id(1764000000)}),
    ("edited once more", edited("/hide", 1764000005),
     {"text": "/hide", "payload": "hide", "edited": True, "provider_id": edit_id(1764000005)}),
    ("live location moves", edited(None, 1764000123, location={"latitude": 1, "longitude": 2, "live_period": 900}),
     {"location": Location(1.0, 2.0), "edited": True, "provider_id": edit_id(1764000123 // 600)}),
    ("edited, without the time", without(edited("a", 1), "edited_message", "edit_date"), {"text": "a", "edited": True}),
    ("channel post", {"update_id": 9, "channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}}}, None),
    ("group made", written(GROUP, group_chat_created=True), None),
    ("new member", written(GROUP, new_chat_members=[{"id": 1}]), None),
    ("button in a group", in_group(recorded.press("ask_fees")), None),
    ("notice of Telegram", message(pinned_message={}), None),
    ("group", message("hi", chat=1) | {"message": {"message_id": 1, "date": 1, "chat": GROUP, "text": "hi"}}, None),
    ("in a group by an edit", {"update_id": 5, "edited_message": {**message("a")["message"], "chat": GROUP}}, None),
    ("taken into a group", {"update_id": 6, "my_chat_member": {"chat": GROUP}}, None),
    ("something of the future", {"update_id": 7, "telepathy": [1]}, None),
    ("nothing but an id", {"update_id": 8}, None),
]  # fmt: skip


@pytest.mark.parametrize(("update", "expected"), [u[1:] for u in UPDATES], ids=[u[0] for u in UPDATES])
async def test_update(update: dict[str, Any], expected: dict[str, Any] | None) -> None:
    inbox = Inbox()
    async with visitor([channel()], inbox) as client:
        response = await client.post(PATH, content=json.dumps(update), headers={HEADER: SECRET})
    assert response.status_code == 200
    if expected is None:
        assert inbox.messages == []
        return
    [got] = inbox.messages
    wanted = {
        "channel": "telegram",
        "address": "4242",
        "text": "",
        "language": "tl",
        "provider_id": str(update["update_id"]),
        "message_id": next((str(update[k]["message_id"]) for k in ("message", "edited_message") if k in update), None),
    }
    assert got == Inbound(**{**wanted, "received_at": got.received_at, **expected})


MALFORMED = [
    ("not JSON", b"hello"),
    ("nothing", b""),
    ("not UTF-8", b"\xff\xfe\xfa"),
    ("list", b"[]"),
    ("null", b"null"),
    ("nested", b"[" * 100_000),
    ("endless number", b'{"update_id": ' + b"9" * 10_000 + b"}"),
    ("large number", b'{"update_id": ' + b"9" * 100 + b"}"),
    ("no id", b"{}"),
    ("id as text", b'{"update_id": "1"}'),
    ("id as truth", b'{"update_id": true}'),
    ("message as text", b'{"update_id": 1, "message": "SOS"}'),
    ("message without chat", b'{"update_id": 1, "message": {"text": "SOS"}}'),
    ("chat without id", b'{"update_id": 1, "message": {"chat": {"type": "private"}}}'),
    ("text as number", json.dumps(message(None) | {"message": {**message("a")["message"], "text": 5}}).encode()),
    ("photo without sizes", json.dumps(message(photo=[])).encode()),
    ("photo without file", json.dumps(message(photo=[{}])).encode()),
    ("voice as list", json.dumps(message(voice=[])).encode()),
    ("place nowhere", json.dumps(message(location={"latitude": 999, "longitude": 0})).encode()),
    ("place not a number", json.dumps(message(location={"latitude": float("nan"), "longitude": 0})).encode()),
    ("button of nobody", json.dumps(without(recorded.press("more"), "callback_query", "from")).encode()),
]


@pytest.mark.parametrize("body", [m[1] for m in MALFORMED], ids=[m[0] for m in MALFORMED])
async def test_malformed(body: bytes) -> None:
    inbox = Inbox()
    async with visitor([channel()], inbox) as client:
        response = await client.post(PATH, content=body, headers={HEADER: SECRET})
    assert (response.status_code, inbox.messages) == (400, [])
    assert response.text.startswith("Not an update of Telegram: ")


SECRETS = [
    ("right", SECRET, SECRET, 200),
    ("wrong", SECRET, "wrong", 403),
    ("almost", SECRET, SECRET[:-1], 403),
    ("empty", SECRET, "", 403),
    ("none given", SECRET, None, 403),
    ("none configured, none given", "", None, 403),
    ("none configured, empty given", "", "", 403),
    ("none configured, some given", "", SECRET, 403),
    ("not ASCII", SECRET, "ü", 403),
]


@pytest.mark.parametrize(("configured", "given", "status"), [s[1:] for s in SECRETS], ids=[s[0] for s in SECRETS])
async def test_secret(configured: str, given: str | None, status: int) -> None:
    inbox = Inbox()
    headers = [] if given is None else [(HEADER.encode(), given.encode())]
    async with visitor([channel(telegram_webhook_secret=configured)], inbox) as client:
        response = await client.post(PATH, content=json.dumps(message("hi")), headers=headers)
    assert (response.status_code, len(inbox.messages)) == (status, int(status == 200))


async def test_without_telegram_the_webhook_is_closed() -> None:
    inbox = Inbox()
    async with visitor([], inbox) as client:
        response = await client.post(PATH, content=json.dumps(message("hi")), headers={HEADER: SECRET})
    assert (response.status_code, inbox.messages) == (403, [])


async def test_body_of_a_megabyte_and_a_store_that_is_broken() -> None:
    inbox = Inbox()
    inbox.broken = True
    async with visitor([channel()], inbox) as client:
        for text, status in (("x" * 1_000_000, 413), ("hi", 503)):
            response = await client.post(PATH, content=json.dumps(message(text)), headers={HEADER: SECRET})
            assert response.status_code == status
            assert "her words" not in response.text


async def test_a_thousand_junk_messages() -> None:
    inbox, texts = Inbox(), junk()
    updates = [message(text) for text in texts]
    async with visitor([channel()], inbox) as client:
        for update in updates:
            response = await client.post(PATH, content=json.dumps(update), headers={HEADER: SECRET})
            assert response.status_code == 200
        for text in texts[:300]:
            response = await client.post(PATH, content=text.encode(errors="surrogatepass"), headers={HEADER: SECRET})
            assert response.status_code == 400
    assert [m.provider_id for m in inbox.messages] == [str(u["update_id"]) for u in updates]


@pytest.fixture(scope="module")
def running() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as started:
        yield started


@pytest.fixture
def server(running: TelegramStandIn) -> TelegramStandIn:
    running.forget()
    return running


@pytest.fixture
async def telegram(server: TelegramStandIn) -> AsyncIterator[Telegram]:
    made = Telegram(settings(**server.settings), poll=1, longest_wait=0.05, pace=Pace(chat_seconds=0.01))
    yield made
    await made.close()


async def test_send(telegram: Telegram, server: TelegramStandIn) -> None:
    out = Outbound(
        "Which “one”? *_[<b>&", (Choice("Fees", "ask_fees"), Choice("Kuwait", "inform_route|destination=KWT"))
    )
    assert await telegram.send("4242", out, key="k") == "1"
    [sent] = server.sent
    assert (sent["chat_id"], sent["text"], "parse_mode" in sent) == ("4242", out.text, False)
    assert sent["reply_markup"]["inline_keyboard"] == [
        [{"text": "Fees", "callback_data": "ask_fees"}],
        [{"text": "Kuwait", "callback_data": "inform_route|destination=KWT"}],
    ]
    assert (telegram.render(out), server.problems) == ([out.text], [])


async def test_what_is_strong_and_quiet_is_told_beside_the_text(telegram: Telegram, server: TelegramStandIn) -> None:
    strong, quiet = "The agency may not charge you. 👍", "<b>Law</b> of 2018, *art. 6*."
    out = Outbound(f"😀 {strong} Keep every paper.\n{quiet}", strong=(strong, "not said"), quiet=(quiet, ""))
    await telegram.send("4242", out, key="k")
    [sent] = server.sent
    text = sent["text"].encode("utf-16-le")
    marked = {
        e["type"]: text[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le") for e in sent["entities"]
    }
    assert marked == {"bold": strong, "italic": quiet}
    assert (sent["text"], "parse_mode" in sent, server.problems) == (out.text, False, [])


async def test_choices_that_no_button_carries_are_text(telegram: Telegram, server: TelegramStandIn) -> None:
    out = Outbound(
        "Which?", (Choice("Fees", "ask_fees"), Choice("Long", "x" * 65), Choice(" ", "more"), Choice("Empty", ""))
    )
    await telegram.send("4242", out, key="k")
    assert server.sent[0]["text"] == telegram.render(out)[0] == "Which?\n- Long\n- Empty"
    assert len(server.sent[0]["reply_markup"]["inline_keyboard"]) == 1


async def test_long_text_is_split_and_its_buttons_come_last(telegram: Telegram, server: TelegramStandIn) -> None:
    out = Outbound("😀 sentence. " * 700, (Choice("Fees", "ask_fees"),))
    assert await telegram.send("4242", out, key="k") == "1,2,3"
    assert server.texts(4242) == telegram.render(out)
    assert all(units(text) <= 4096 for text in server.texts())
    assert [bool(sent["reply_markup"]) for sent in server.sent] == [False, False, True]


async def test_a_long_text_goes_on_where_it_stopped(telegram: Telegram, server: TelegramStandIn) -> None:
    out = Outbound("A sentence. " * 700)
    server.failures += [Failure(), BROKEN]
    with pytest.raises(DeliveryError):
        await telegram.send("4242", out, key="k")
    await telegram.send("4242", out, key="k")
    assert server.texts() == telegram.render(out)


def _answer(status: int, description: str, **parameters: Any) -> Failure:
    body = {
        "ok": False,
        "error_code": status,
        "description": description,
        **({"parameters": parameters} if parameters else {}),
    }
    return Failure(status, body=json.dumps(body))


ERRORS = [
    ("too many", _answer(429, "Too Many Requests: retry after 9", retry_after=9), "429", False, 9.0),
    ("blocked", _answer(403, "Forbidden: bot was blocked by the user"), "403 blocked", True, None),
    ("no such chat", _answer(400, "Bad Request: chat not found"), "400 refused", True, None),
    ("token refused", _answer(401, "Unauthorized"), "401 token refused", False, None),
    ("conflict", _answer(409, "Conflict"), "409 conflict", False, None),
    ("broken", BROKEN, "NetworkError", False, None),
    ("bad gateway", _answer(502, "Bad Gateway"), "NetworkError", False, None),
    ("cut off", ACCEPTED_BUT_CUT, "NetworkError", False, None),
    ("not Telegram's answer", Failure(body="<html>4242"), "TelegramError", False, None),
    ("no result", Failure(body="{}"), "unreadable answer", False, None),
]


@pytest.mark.parametrize(("failure", "code", "permanent", "wait"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
async def test_error(
    telegram: Telegram,
    server: TelegramStandIn,
    caplog: pytest.LogCaptureFixture,
    failure: Failure,
    code: str,
    permanent: bool,
    wait: float | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.failures.append(failure)
    with pytest.raises(DeliveryError) as caught:
        await telegram.send("4242", Outbound("Hello"), key="k")
    assert (caught.value.code, caught.value.permanent, caught.value.retry_after) == (code, permanent, wait)
    ours = [
        r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("telegram", "httpx", "httpcore", "channels")
    ]
    assert not any("4242" in text or server.token in text for text in ours)


async def test_nobody_there_nothing_to_say_and_nothing_to_find(server: TelegramStandIn) -> None:
    telegram = Telegram(settings(**{**server.settings, "telegram_api_url": "http://127.0.0.1:9"}))
    with pytest.raises(DeliveryError) as nobody:
        await telegram.send("4242", Outbound("Hello"), key="k")
    with pytest.raises(DeliveryError) as nothing:
        await telegram.send("4242", Outbound(" \n"), key="k")
    assert (nobody.value.permanent, nothing.value.permanent) == (False, True)
    assert await telegram.find("4242", Outbound("Hello"), since=datetime.now(UTC), known=set()) is None
    await telegram.close()


async def until(true: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what it looks at is set by another thread
            await asyncio.sleep(0.01)


async def polling(telegram: Telegram, inbox: Inbox, then: Callable[[], Awaitable[None]]) -> None:
    """Run `then` while the channel polls."""
    task = asyncio.create_task(telegram.run(inbox.receive))
    try:
        await then()
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_polling(telegram: Telegram, server: TelegramStandIn) -> None:
    server.webhook = {"url": "https://old.example"}
    inbox, first = Inbox(), [server.message("one"), server.message("two"), {"update_id": 1}, server.press("more")]
    server.push(*first)

    async def then() -> None:
        await until(lambda: len(inbox.messages) == 3 and not server.updates)
        server.push(server.message("three"))
        await until(lambda: len(inbox.messages) == 4)
        await until(lambda: server.answered and server.cleared)

    await polling(telegram, inbox, then)
    assert [m.text for m in inbox.messages] == ["one", "two", "", "three"]
    assert server.answered == [first[3]["callback_query"]["id"]]
    assert server.cleared == [("4242", "77")]
    assert server.problems == []
    assert (
        "drop_pending_updates" not in server.requests[0][2] or server.requests[0][2]["drop_pending_updates"] == "false"
    )
    assert json.loads(server.requests[1][2]["allowed_updates"]) == list(ALLOWED)


async def test_an_update_is_forgotten_only_when_it_is_stored(telegram: Telegram, server: TelegramStandIn) -> None:
    inbox = Inbox()
    inbox.broken = True
    server.push(server.message("one"), server.message("two"))

    async def then() -> None:
        await until(lambda: any(method == "getUpdates" for method, _, _ in server.requests))
        await asyncio.sleep(0.2)
        assert len(server.updates) == 2
        inbox.broken = False
        await until(lambda: len(inbox.messages) == 2 and not server.updates)

    await polling(telegram, inbox, then)
    assert [m.text for m in inbox.messages] == ["one", "two"]


async def test_polling_gets_over_everything(telegram: Telegram, server: TelegramStandIn) -> None:
    inbox = Inbox()
    server.failures += [e[1] for e in ERRORS if e[0] not in ("too many", "cut off")]
    server.failures += [
        _answer(429, "Too Many Requests", retry_after=1),
        ACCEPTED_BUT_CUT,
        Failure(body='{"ok": true, "result": {}}'),
    ]
    server.push({"update_id": 5, "message": "no message"}, server.message("one"))

    async def then() -> None:
        await until(lambda: len(inbox.messages) == 1, 10)

    await polling(telegram, inbox, then)
    assert [m.text for m in inbox.messages] == ["one"]


async def test_webhook_is_set(server: TelegramStandIn) -> None:
    values = {**server.settings, "public_url": "https://kasama.example", "telegram_webhook_secret": server.secret}
    telegram = Telegram(settings(**values), longest_wait=0.05)
    server.failures.append(BROKEN)
    async with asyncio.timeout(5):
        await telegram.run(Inbox().receive)
    assert server.webhook is not None
    assert server.webhook["url"] == "https://kasama.example/webhooks/telegram"
    assert server.webhook["secret_token"] == server.secret
    assert json.loads(server.webhook["allowed_updates"]) == list(ALLOWED)
    assert (server.webhook.get("drop_pending_updates", "false"), server.problems) == ("false", [])
    await telegram.close()


async def test_button_of_a_webhook_is_answered(server: TelegramStandIn) -> None:
    telegram, inbox = Telegram(settings(**server.settings, telegram_webhook_secret=SECRET)), Inbox()
    async with visitor([telegram], inbox) as client:
        update = server.press("ask_fees")
        assert (await client.post(PATH, content=json.dumps(update), headers={HEADER: SECRET})).status_code == 200
        await until(lambda: server.answered and server.cleared)
    assert [m.payload for m in inbox.messages] == ["ask_fees"]
    await telegram.close()
