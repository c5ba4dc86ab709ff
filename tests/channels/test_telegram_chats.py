"""Telegram beside single messages: groups, buttons left behind, pace, the bot's profile, and moving between its two ways in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.messages import Choice, DeliveryError, Outbound, PartnerReply
from channels.pace import Pace
from channels.telegram import Telegram
from channels.telegram_profile import COMMANDS, present, profiles
from tests.channels.conftest import Inbox, settings, visitor
from tests.channels.test_telegram import HEADER, PATH, polling, until
from tests.standins.serving import Failure
from tests.standins.telegram import TelegramStandIn
from tests.town import content

GROUP = {"id": -100123, "type": "supergroup", "title": "Duty"}


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


def group(server: TelegramStandIn, text: str | None, **more: Any) -> dict[str, Any]:
    update = server.message(text)
    update["message"] |= {
        "chat": GROUP,
        "from": {"id": 7, "is_bot": False, "first_name": "Maria", "last_name": "S."},
        **more,
    }
    return update


async def test_what_a_partner_writes_or_presses_goes_to_the_cases(telegram: Telegram, server: TelegramStandIn) -> None:
    inbox, replies = Inbox(), []

    async def receive(reply: PartnerReply) -> None:
        replies.append(reply)

    telegram.receive_partner = receive
    press = server.press("case:take:123456", message_id=9)
    press["callback_query"]["message"]["chat"] = GROUP
    anonymous = {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": GROUP}
    channel = {"sender_chat": {"id": -5, "type": "channel", "title": "News"}, "is_automatic_forward": True}
    updates = [
        group(server, "mine", reply_to_message={"message_id": 8, "chat": GROUP}),
        group(server, "by an admin", **anonymous),
        group(server, "a bot speaks", **{"from": {"id": 8, "is_bot": True, "first_name": "Other"}}),
        group(server, "a channel speaks", **channel),
        group(server, None, photo=[{"file_id": "F"}]),
        press,
        server.press("case:close:123456"),
    ]
    server.push(*updates)
    await polling(telegram, inbox, lambda: until(lambda: len(server.answered) == 2 and not server.updates))
    ids = [str(u["update_id"]) for u in updates]
    assert replies == [
        PartnerReply("telegram", "-100123", "Maria S.", "mine", ids[0], "8"),
        PartnerReply("telegram", "-100123", "Duty", "by an admin", ids[1]),
        PartnerReply("telegram", "-100123", "Juana", "", ids[5], "9", "case:take:123456"),
        PartnerReply("telegram", "4242", "Juana", "", ids[6], "77", "case:close:123456"),
    ]
    assert inbox.messages == [] and server.sent == [] and server.cleared == [] and len(server.answered) == 2


async def test_without_anybody_for_the_cases_groups_are_not_read(telegram: Telegram, server: TelegramStandIn) -> None:
    inbox = Inbox()
    server.push(group(server, "hello"), server.message("hi"))
    await polling(telegram, inbox, lambda: until(lambda: len(inbox.messages) == 1))
    assert [m.text for m in inbox.messages] == ["hi"] and server.sent == []


async def test_a_group_that_moves_is_followed(telegram: Telegram, server: TelegramStandIn) -> None:
    body = {"ok": False, "error_code": 400, "description": "upgraded", "parameters": {"migrate_to_chat_id": -100123}}
    server.failures.append(Failure(400, body=json.dumps(body)))
    await telegram.send("-7", Outbound("one"), key="1")
    await telegram.send("-7", Outbound("two"), key="2")
    assert [sent["chat_id"] for sent in server.sent] == ["-100123", "-100123"]
    replies = []

    async def receive(reply: PartnerReply) -> None:
        replies.append(reply)

    telegram.receive_partner = receive
    server.push(group(server, "still us"))
    await polling(telegram, Inbox(), lambda: until(lambda: replies))
    assert replies[0].address == "-7"


async def test_buttons_go_when_she_types_instead(telegram: Telegram, server: TelegramStandIn) -> None:
    inbox, choices = Inbox(), (Choice("Fees", "ask_fees"),)
    await telegram.send("4242", Outbound("Which?", choices), key="1")
    await telegram.send("4343", Outbound("Safe?", choices, urgent=True), key="2")
    server.push(server.message("fees"), server.message("fees", chat=4343))
    await polling(telegram, inbox, lambda: until(lambda: len(inbox.messages) == 2 and server.cleared))
    assert server.cleared == [("4242", "1")], "what she may still need in danger stays"


async def test_429_closes_the_chat_and_a_second_one_everything(telegram: Telegram, server: TelegramStandIn) -> None:
    body = json.dumps({"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 9}})
    server.failures.append(Failure(429, body=body))
    for _ in range(2):
        with pytest.raises(DeliveryError) as caught:
            await telegram.send("1", Outbound("a"), key="1")
        assert 8 < (caught.value.retry_after or 0) <= 9 and caught.value.refused
    assert len(server.requests) == 1
    await telegram.send("2", Outbound("b"), key="2")
    server.failures.append(Failure(429, body=body))
    with pytest.raises(DeliveryError):
        await telegram.send("3", Outbound("c"), key="3")
    with pytest.raises(DeliveryError):
        await telegram.send("2", Outbound("d"), key="4")
    assert len(server.requests) == 3


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_pace() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    for _ in range(3):
        await pace.turn("her", urgent=False)
    assert clock.now == pytest.approx(1002.0)
    clock.now += 10
    times = []
    for n in range(300):
        await pace.turn(f"chat {n}", urgent=n % 2 == 0)
        times.append(clock.now)
    assert max(sum(t <= other < t + 1 for other in times) for t in times) <= 30
    start = clock.now = clock.now + 60
    for n in range(20):
        clock.now = start + n * 1.5
        await pace.turn("-1", urgent=True, group=True)
    with pytest.raises(DeliveryError) as caught:
        await pace.turn("-1", urgent=True, group=True)
    assert caught.value.retry_after == pytest.approx(start + 60 - clock.now) and not caught.value.permanent


async def test_an_urgent_message_does_not_wait_behind_a_crowd() -> None:
    clock = Clock()
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    pace = Pace(clock=clock, sleep=note)
    for n in range(40):  # all in one moment
        await pace.turn(f"chat {n}", urgent=False)
    assert max(waits) == pytest.approx(39 / 24)
    waits.clear()
    await pace.turn("in danger", urgent=True)
    assert waits == []
    with pytest.raises(DeliveryError):
        for n in range(40, 80):
            await pace.turn(f"chat {n}", urgent=False)


async def test_the_profile_is_set_in_every_language_and_not_at_every_start(
    telegram: Telegram, server: TelegramStandIn, tmp_path: Path
) -> None:
    knowledge, _ = content()
    wanted = profiles(knowledge)
    assert set(wanted) == {"", *knowledge.languages} and len(wanted) == 15
    server.failures.append(Failure(500))
    for _ in range(3):
        await present(telegram._bot, wanted, tmp_path / "set", pause=0)
    written = [method for method, _, _ in server.requests if method.startswith("set")]
    assert sorted(set(written)) == ["setMyCommands", "setMyDescription", "setMyShortDescription"]
    assert len(written) == 1 + 3 * 15 and server.problems == []
    assert [c["command"] for c in server.profile["commands", "am"]] == list(COMMANDS)
    assert len({p.commands["help"] for p in wanted.values()}) > 10


async def test_typing_is_shown_and_never_disturbs(telegram: Telegram, server: TelegramStandIn) -> None:
    await telegram.typing("4242")
    server.failures.append(Failure(500))
    await telegram.typing("4242")
    assert server.requests[0][2] == {"chat_id": "4242", "action": "typing"} and server.problems == []


async def test_moving_from_polling_to_the_webhook_and_back_loses_and_doubles_nothing(server: TelegramStandIn) -> None:
    ids: list[str] = []
    made = Telegram(settings(**server.settings), poll=1, longest_wait=0.05)
    updates = [server.message(f"message {n}") for n in range(9)]
    inbox = Inbox()
    server.push(*updates[:3])
    await polling(made, inbox, lambda: until(lambda: len(inbox.messages) == 3))
    await made.close()
    ids += [m.provider_id for m in inbox.messages]
    # The last ones were stored and perhaps not confirmed; Telegram brings them again, with the same ids.
    server.push(*updates[3:6])
    values = {**server.settings, "public_url": "https://kasama.example", "telegram_webhook_secret": server.secret}
    made, inbox = Telegram(settings(**values), longest_wait=0.05), Inbox()
    await made.run(inbox.receive)
    assert server.webhook is not None and len(server.updates) >= 3, "what waits is kept"
    async with visitor([made], inbox) as client:
        for update in list(server.updates):
            answer = await client.post(PATH, content=json.dumps(update), headers={HEADER: server.secret})
            assert answer.status_code == 200
            server.updates.remove(update)
    await made.close()
    ids += [m.provider_id for m in inbox.messages]
    server.push(*updates[6:])
    made, inbox = Telegram(settings(**server.settings), poll=1, longest_wait=0.05), Inbox()
    await polling(made, inbox, lambda: until(lambda: len(inbox.messages) == 3))
    await made.close()
    ids += [m.provider_id for m in inbox.messages]
    assert list(dict.fromkeys(ids)) == [str(u["update_id"]) for u in updates], (
        "each once, in order, repeats by their id"
    )
    assert server.webhook is None


def test_a_link_for_a_partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: TelegramStandIn) -> None:
    for name, value in server.settings.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("KASAMA_OPERATOR_EMAIL", "desk@ngo.example")
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    out = tmp_path / "qr.png"
    words = ["channels", "telegram-link", "--lang", "tl", "--from", "phl", "--to", "HKG", "--out", str(out)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0 and "https://t.me/kasama_bot?start=tl_PHL_HKG" in result.output
    assert out.read_bytes().startswith(b"\x89PNG")
    for wrong in (["--lang", "xx"], ["--from", "ZZZ"], ["--to", "ZZZ"], ["--out", str(tmp_path / "qr.exe")]):
        assert CliRunner().invoke(app, [*words, *wrong]).exit_code != 0
