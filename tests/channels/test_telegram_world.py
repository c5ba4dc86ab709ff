"""Telegram with everything behind it: HIDE, what comes with messages, blocking, links; against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import attachments, hiding
from bot.cases import Inbox as Mailbox
from bot.messages import Outbound
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.models import Attachment, CaseEvent, Clearing, Delivery, InboundRow, Person
from bot.turn import Step
from bot.world import Mind, World
from channels.pace import Pace
from channels.telegram import Telegram
from channels.telegram_updates import read_update
from tests.channels.conftest import settings
from tests.standins.serving import BROKEN
from tests.standins.telegram import TelegramStandIn
from tests.town import PARTNER, Channel, English, Model, content

SOS = "help, he is beating me"
HARMLESS = "Good recipe. I will try it on Sunday."


class Village:
    """A world with the real Telegram channel, and a partner with a mailbox."""

    def __init__(self, folder: Path, server: TelegramStandIn) -> None:
        self.server, self.model, self.email = server, Model(), Channel("email")
        knowledge, safety = content()
        mind = Mind(knowledge, safety, English(), self.model, frozenset({"sms"}))  # type: ignore[arg-type]
        self.telegram = Telegram(settings(**server.settings), poll=1, longest_wait=0.05, pace=Pace(chat_seconds=0.01))
        self.vault, self.files = Vault("a key for tests that is long enough"), folder / "attachments"
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}", durable=False)
        self.channels: Any = {"telegram": self.telegram, "email": self.email}
        self.world = World(
            mind, self.vault, self.database, name="t", channels=self.channels, inbox=Mailbox(email=PARTNER),
            files=self.files,
        )  # fmt: skip
        self.telegram.on_reachable = self.world.reach.notice

    async def write(self, text: str | None = None, update: dict[str, Any] | None = None, **more: Any) -> None:
        """She writes, and everything that follows from it is done."""
        found = read_update(
            update or self.server.message(text, **{"from": {"id": 4242, "language_code": "en"}, **more})
        )
        await self.telegram._store(found, self.world.conversation.receive)
        await self.until(self.quiet)

    async def until(self, holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():
                self.world.outbox.wake()
                await asyncio.sleep(0.02)

    async def quiet(self) -> bool:
        async with self.database.read() as session:
            busy = [
                select(InboundRow.id).where(InboundRow.state == "received"),
                select(Delivery.id).where(Delivery.state.in_(("waiting", "sending"))),
                select(Clearing.id),
                select(Attachment.id).where(Attachment.state == "waiting"),
            ]
            return not any([(await session.execute(query.limit(1))).first() for query in busy])

    async def all(self, what: Any) -> list[Any]:
        async with self.database.read() as session:
            return list((await session.execute(select(what))).scalars())

    def told(self) -> str:
        """What the partner has read."""
        return "\n".join(text for _, text in self.email.sent)


@pytest.fixture(scope="module")
def running() -> Any:
    with TelegramStandIn() as started:
        yield started


@pytest.fixture
async def village(running: TelegramStandIn, tmp_path: Path) -> AsyncIterator[Village]:
    running.forget()
    made = Village(tmp_path, running)
    await made.world.start()
    yield made
    await made.world.stop()
    await made.telegram.close()


async def test_hide_deletes_both_sides_and_leaves_a_harmless_message(village: Village) -> None:
    village.model.steps["fees?"] = Step().say("menu").offer(*((f"topic_{t}", f"ask_{t}") for t in ("fees", "wages")))
    await village.write("fees?", message_id=11)
    await village.write(SOS, message_id=12)
    sent_before = len(village.server.sent)
    await village.write("0", message_id=13)
    assert sorted(village.server.deleted) == sorted([11, 12, 13, *range(1, sent_before + 1)])
    assert village.server.texts(4242)[sent_before:] == [HARMLESS]
    assert village.server.problems == []


@pytest.mark.parametrize("word", ["/hide", "HIDE", "०", "itago", "Спрячь.", "ซ่อน"])
async def test_the_words_need_no_model_and_wait_for_nothing(village: Village, word: str) -> None:
    async def broken(*_: Any) -> Any:
        raise AssertionError("the model was asked")

    village.model.ask = broken  # type: ignore[method-assign]
    await village.write(word, message_id=5)
    assert len(village.server.texts(4242)) == 1 and village.server.deleted == [5]
    [row] = await village.all(InboundRow)
    assert row.understood["intent"] == "hide"


async def test_one_that_cannot_be_deleted_keeps_no_other_and_a_failure_is_tried_again(village: Village) -> None:
    await village.write("hello", message_id=21)
    village.server.undeletable.add(21)
    village.server.failures.append(BROKEN)  # the first request of any kind
    await village.write("hide", message_id=22)
    assert {22, 1} <= set(village.server.deleted) and 21 not in village.server.deleted
    assert HARMLESS in village.server.texts(4242)


async def test_after_hide_nothing_names_the_case_until_she_asks_again(village: Village) -> None:
    await village.write(SOS)
    await village.write("hide")
    before = len(village.server.sent)
    await village.write("he came back, he is hitting me")
    assert village.server.texts(4242)[before:] == ["Thank you. I will cook it too."]
    assert "he came back" in village.told()

    async def write(session: Any) -> None:
        person = (await session.execute(select(Person))).scalar_one()
        now = await hiding.tell(
            session, village.vault, person, "I have a new recipe for you.", key="desk:1", channel="telegram",
            address=person.address_sealed, message=Outbound("Maria from the shelter: call me"), lane="telegram:x",
        )  # fmt: skip
        assert not now

    async with village.database.write() as session:
        await write(session)
    await village.until(village.quiet)
    assert village.server.texts(4242)[-1] == "I have a new recipe for you."
    village.model.steps["how much?"] = Step().say("thank")
    await village.write("how much?")
    assert "Maria from the shelter: call me" in village.server.texts(4242)[-2:]
    [person] = await village.all(Person)
    assert person.hidden_at is None


async def test_an_answer_to_an_earlier_question_is_held_and_not_lost(village: Village) -> None:
    hold, ask = asyncio.Event(), village.model.ask

    async def slow(*arguments: Any) -> Any:
        await hold.wait()
        return await ask(*arguments)

    village.model.ask, village.model.steps["passport?"] = slow, Step().say("thank")  # type: ignore[method-assign]
    english = {"from": {"id": 4242, "language_code": "en"}}
    first = read_update(village.server.message("passport?", **english)).inbound
    assert first is not None
    await village.world.conversation.receive(first)
    hide = read_update(village.server.message("hide", **english)).inbound
    assert hide is not None
    await village.world.conversation.receive(hide)
    hold.set()
    await village.until(village.quiet)
    assert village.server.texts(4242) == [HARMLESS]
    await village.write("hello")
    assert village.server.texts(4242)[1].startswith("You are welcome")
    assert len(village.server.texts(4242)) == 3


async def test_a_photo_in_an_open_case_is_kept_sealed_and_goes_with_her_data(village: Village) -> None:
    await village.write(SOS)
    village.server.files["F1"] = b"her bruises" * 100
    village.server.failures += [BROKEN]
    await village.write(photo=[{"file_id": "F1", "file_unique_id": "u"}], caption="look")
    [kept] = await village.all(Attachment)
    assert (kept.state, kept.kind, kept.size) == ("kept", "photo", 1100)
    [path] = village.files.iterdir()
    assert b"bruises" not in path.read_bytes() and path.stat().st_mode & 0o777 == 0o600
    assert attachments.Shelf(village.files, village.vault).read(kept) == village.server.files["F1"]
    assert "[photo]" in village.told() and "look" in village.told()
    assert any("kept: photo" in event.what for event in await village.all(CaseEvent))
    async with village.database.write() as session:
        await session.delete(await session.get_one(Attachment, kept.id))
    assert village.world.attachments is not None and village.world.attachments.shelf.sweep(set()) == 1
    assert not list(village.files.iterdir())


async def test_what_is_too_large_or_gone_is_noted_and_not_kept(village: Village) -> None:
    assert village.world.attachments is not None
    village.world.attachments._largest = 10
    await village.write(SOS)
    village.server.files["big"] = b"x" * 11
    await village.write(document={"file_id": "big", "file_unique_id": "u"})
    await village.write(voice={"file_id": "gone", "file_unique_id": "u"})
    assert [a.state for a in await village.all(Attachment)] == ["failed", "failed"]
    assert not village.files.exists() or not list(village.files.iterdir())


async def test_a_place_goes_to_the_partner_and_following_it_is_silent(village: Village) -> None:
    await village.write(SOS)
    place = {"latitude": 22.2819, "longitude": 114.1581}
    await village.write(location=place, message_id=9)
    assert "22.281900,114.158100" in village.told() and "mlat=22.281900&mlon=114.158100" in village.told()
    before = len(village.server.sent)
    moved = village.server.message(None, location={"latitude": 22.3, "longitude": 114.1}, message_id=9, edit_date=10**9)
    update = {"update_id": moved["update_id"], "edited_message": moved["message"]}
    await village.write(update=update)
    await village.write(update={**update, "update_id": update["update_id"] + 10**6})
    assert village.told().count("22.300000,114.100000") == 1
    assert len(village.server.sent) == before


async def test_without_a_case_she_is_told_kindly_and_never_twice_in_the_same_words(village: Village) -> None:
    photo = {"photo": [{"file_id": "F1", "file_unique_id": "u"}]}
    for more in (
        photo,
        photo,
        {"sticker": {"file_id": "s", "file_unique_id": "u"}},
        {"location": {"latitude": 1, "longitude": 2}},
    ):
        await village.write(**more)
    texts = village.server.texts(4242)
    assert len(texts) == 4 == len(set(texts)) and "?" not in texts[2]
    assert await village.all(Attachment) == [] and village.email.sent == []


async def test_an_edit_that_says_danger_opens_a_case_once(village: Village) -> None:
    await village.write("hello", message_id=3)
    update = village.server.message(SOS, message_id=3, edit_date=10**9)
    for n in range(2):
        await village.write(update={"update_id": update["update_id"] + n, "edited_message": update["message"]})
    assert len(village.email.sent) == 1 and len(await village.all(InboundRow)) == 2


async def test_the_partner_is_told_once_that_she_has_blocked_the_bot(village: Village) -> None:
    await village.write(SOS)
    blocked = {
        "update_id": 1,
        "my_chat_member": {"chat": {"id": 4242, "type": "private"}, "new_chat_member": {"status": "kicked"}},
    }
    village.server.blocked.add(4242)
    await village.write(update=blocked)
    await village.write("are you there?")  # cannot happen, but a refused message says the same
    assert village.told().count("blocked the bot in Telegram") == 1
    [person] = await village.all(Person)
    assert person.unreachable_at is not None
    village.server.blocked.clear()
    blocked["my_chat_member"]["new_chat_member"]["status"] = "member"  # type: ignore[index]
    await village.write(update=blocked)
    [person] = await village.all(Person)
    assert person.unreachable_at is None


async def test_a_link_brings_language_and_route(village: Village) -> None:
    await village.write("/start tl_PHL_HKG")
    [person] = await village.all(Person)
    assert (person.language, person.origin, person.destination) == ("tl", "PHL", "HKG")
    assert person.origin_said and person.destination_said and person.language_chosen
    await village.write("/start xx_ZZZ_AAA")
    [person] = await village.all(Person)
    assert (person.language, person.origin, person.destination) == ("tl", "PHL", "HKG")
