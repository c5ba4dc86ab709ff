"""Working on cases at the desk: the queue, one case, every verb, and two people at once."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from bot.cases import OPERATOR, drills
from bot.desk.events import Watching, told
from bot.store.models import Attachment, Case, CaseEvent, CaseLook, InboundRow, Person, now
from tests.cases.town import HER
from tests.desk.office import Office


async def test_the_queue_is_ordered_by_urgency_and_waiting_and_can_be_filtered(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        first, second, third = [await office.case(address=f"+8529123450{n}") for n in range(3)]
        async with office.database.write() as session:
            await session.execute(update(Case).where(Case.number == first).values(severity="urgent", kind="threat"))
            await session.execute(
                update(Case)
                .where(Case.number == third)
                .values(opened_at=now() - timedelta(hours=3), origin="PHL", language="tl")
            )
        ana = await office.browser("Ana")

        async def numbers(query: str = "") -> list[str]:
            return re.findall(r'id="case-(\d+)"', (await ana.get(f"/desk/cases{query}")).text)

        assert await numbers() == [third, second, first]
        assert await numbers("?kind=threat") == [first]
        assert await numbers("?from=PHL&language=tl") == [third]
        assert await numbers("?state=mine") == []
        await ana.get(f"/desk/cases/{second}")
        await ana.post(f"/desk/cases/{second}/take")
        assert await numbers() == [third, first, second], "what nobody has taken comes first"
        assert await numbers("?state=mine") == [second]
        assert await numbers("?state=waiting") == [third, first]
        await ana.get(f"/desk/cases/{second}")
        await ana.post(f"/desk/cases/{second}/close", outcome="safe")
        assert await numbers() == [third, first]
        assert await numbers("?state=closed") == [second]


async def test_a_drill_is_called_one(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        async with office.database.write() as session:
            room = office.world.cases
            number = (await drills.begin(session, room.directory, room.ladder, OPERATOR)).number
        ana = await office.browser("Ana")
        page = (await ana.get(f"/desk/cases/{number}")).text
        assert page.count("This is a drill: nobody is in danger.") == 2
        assert "number deleted" not in page and 'id="reply"' not in page
        assert "drill" in (await ana.get("/desk/cases")).text


async def test_a_case_shows_her_words_why_and_where_and_the_look_is_noted(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        number = await office.case("help, he is beating me <b>now</b>")
        async with office.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            case.location_sealed = office.vault.seal("22.30000, 114.20000")
        ana = await office.browser("Ana")
        page = (await ana.get(f"/desk/cases/{number}")).text
        assert "help, he is beating me &lt;b&gt;now&lt;/b&gt;" in page and "<b>now</b>" not in page
        assert HER in page and 'href="https://www.openstreetmap.org/?mlat=22.30000&amp;mlon=114.20000' in page
        assert case.reason.split(" ")[0] in page
        await ana.get(f"/desk/cases/{number}/live")
        async with office.database.read() as session:
            looks = list((await session.execute(select(CaseLook.actor))).scalars())
        assert looks == ["operator: Ana (desk)"], "once; the page that renews itself is not another look"


async def test_of_two_who_take_a_case_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        await office.hire("Bea")
        number = await office.case()
        browsers = [await office.browser(name) for name in ("Ana", "Bea")]
        for browser in browsers:
            await browser.get(f"/desk/cases/{number}")
        answers = await asyncio.gather(*(browser.post(f"/desk/cases/{number}/take") for browser in browsers))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = next(name for name, answer in zip(("Ana", "Bea"), answers, strict=True) if answer.status_code == 200)
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert f"operator: {won} (desk) has taken this case before you." in lost.text
        async with office.database.read() as session:
            assert (await session.execute(select(Case.taken_by))).scalar_one() == f"operator: {won} (desk)"
            taken = select(func.count()).where(CaseEvent.what == "acknowledged")
            assert (await session.execute(taken)).scalar_one() == 1


async def test_her_words_go_out_and_what_cannot_be_sent_is_not_lost(tmp_path: Path) -> None:
    async with Office(tmp_path, working=True) as office:
        await office.hire("Ana")
        number = await office.case()
        ana = await office.browser("Ana")
        await ana.get(f"/desk/cases/{number}")
        page = await ana.post(f"/desk/cases/{number}/reply", text="Are you safe now?")
        assert "Your words are on their way" in page.text and "Are you safe now?" in page.text
        for _ in range(100):
            if any("Are you safe now?" in text for text in office.channels["sms"].texts(HER)):
                break
            await asyncio.sleep(0.05)
        assert any("Are you safe now?" in text for text in office.channels["sms"].texts(HER))
        async with office.database.write() as session:
            await session.execute(update(Case).values(consent="declined"))
        page = await ana.post(f"/desk/cases/{number}/reply", text="one more")
        assert page.status_code == 409 and "She does not want to be contacted" in page.text


async def test_notes_hand_over_pass_on_bot_and_close(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        await office.hire("Bea")
        number = await office.case()
        ana = await office.browser("Ana")
        await ana.get(f"/desk/cases/{number}")
        await ana.post(f"/desk/cases/{number}/take")
        page = await ana.post(f"/desk/cases/{number}/note", text="call her sister first")
        assert "call her sister first" in page.text
        page = await ana.post(f"/desk/cases/{number}/pass-on", partner="alpha")
        assert "she is asked" in page.text
        page = await ana.post(f"/desk/cases/{number}/hand-over", to="operator|Bea")
        assert "operator: Bea (desk)" in page.text
        page = await ana.post(f"/desk/cases/{number}/hand-over", to="operator|Nobody")
        assert page.status_code == 409 and "There is nobody of this name." in page.text
        bea = await office.browser("Bea")
        await bea.get(f"/desk/cases/{number}")
        await bea.post(f"/desk/cases/{number}/reply", text="I am Bea")
        page = await bea.post(f"/desk/cases/{number}/bot")
        assert "The bot answers her again." in page.text
        page = await bea.post(f"/desk/cases/{number}/close", outcome="nonsense")
        assert page.status_code == 409
        page = await bea.post(f"/desk/cases/{number}/close", outcome="safe")
        assert "she is safe" in page.text
        page = await bea.post(f"/desk/cases/{number}/note", text="later")
        assert page.status_code == 409 and "This case is closed." in page.text
        audit = await (await office.browser(await _coordinator(office))).get("/desk/audit")
        for words in ("took case", "wrote a note in case", "asked to pass on case", "handed over case", "wrote to her in case",
                      "closed case"):  # fmt: skip
            assert f"{words} {number}" in audit.text
        assert "sister" not in audit.text


async def _coordinator(office: Office) -> str:
    await office.hire("Cora", "coordinator")
    return "Cora"


async def test_partners_see_their_own_cases_and_lose_what_she_takes_back(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ava", partner="alpha")
        theirs, other = await office.case(partner="alpha"), await office.case(address="+85291234599")
        ava = await office.browser("Ava")
        page = await ava.get("/desk/cases")
        assert theirs in page.text and other not in page.text
        assert (await ava.get(f"/desk/cases/{theirs}")).status_code == 200
        async with office.database.write() as session:
            case = (await session.execute(select(Case).where(Case.number == theirs))).scalar_one()
            from bot.cases import SHE

            await office.world.cases.work.revoke(session, case, SHE, "alpha")
        assert (await ava.get(f"/desk/cases/{theirs}")).status_code == 404
        assert theirs not in (await ava.get("/desk/cases")).text


async def test_an_attachment_is_served_so_that_nothing_in_it_can_run(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        number = await office.case()
        kinds = {
            "image/jpeg": b"\xff\xd8 picture",
            "text/html": b"<script>alert(1)</script>",
            "image/svg+xml": b"<svg/>",
        }
        async with office.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            row = (await session.execute(select(InboundRow))).scalar_one()
            from cryptography.fernet import Fernet

            for at, kind in enumerate(kinds):
                session.add(
                    Attachment(
                        case_id=case.id, inbound_id=row.id, channel="sms", kind="photo", content_type=kind, state="kept",
                        reference_sealed=b"", key_sealed=office.vault.seal_bytes(Fernet.generate_key()), file=f"{at}.sealed",
                    )
                )  # fmt: skip
            await session.flush()
            attachments = list((await session.execute(select(Attachment).order_by(Attachment.id))).scalars())
        assert office.world.attachments is not None
        for attachment, content in zip(attachments, kinds.values(), strict=True):
            office.world.attachments.shelf.write(attachment, content)
        ana = await office.browser("Ana")
        page = await ana.get(f"/desk/cases/{number}")
        assert page.text.count("Open what she sent") == 3 and "<img" not in page.text
        for attachment, (kind, content) in zip(attachments, kinds.items(), strict=True):
            answer = await ana.get(f"/desk/cases/{number}/files/{attachment.id}")
            assert answer.content == content and answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            safe = kind == "image/jpeg"
            assert answer.headers["content-type"] == (kind if safe else "application/octet-stream")
            assert answer.headers["content-disposition"].startswith("inline" if safe else "attachment")
        other = await office.case(address="+85291234588")
        assert (await ana.get(f"/desk/cases/{other}/files/{attachments[0].id}")).status_code == 404


async def test_segments_are_counted_while_she_writes(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        number = await office.case()
        ana = await office.browser("Ana")
        await ana.get(f"/desk/cases/{number}")
        assert "1 SMS" in (await ana.post("/desk/segments", text="a" * 160, channel="sms")).text
        await ana.get(f"/desk/cases/{number}")
        assert "2 SMS" in (await ana.post("/desk/segments", text="ሰላም" * 25, channel="sms")).text
        await ana.get(f"/desk/cases/{number}")
        page = (await ana.post("/desk/segments", text="hello", channel="telegram")).text
        assert "SMS" not in page and "5 characters" in page


async def test_changes_are_told_to_those_who_may_see_them(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        watching = Watching(office.database, pause=0.02)
        await office.case(address="+85291234511")
        queue = await watching.listen()
        number = await office.case(partner="alpha")
        changes = [await asyncio.wait_for(queue.get(), 5)]
        while not any(told(change, "alpha") for change in changes):
            changes.append(await asyncio.wait_for(queue.get(), 5))
        assert {change.case for change in changes} == {number}
        assert any(change.alert for change in changes)
        assert any((told(change, "alpha") or {}).get("alert") for change in changes), "for the partner it is new"
        assert not any(told(change, "beta") for change in changes)
        watching.leave(queue)


@pytest.fixture
async def full(tmp_path: Path) -> Office:
    """An office with 10,000 open cases, each with a message."""
    office = Office(tmp_path)
    await office.database.migrate()
    moment = now()
    async with office.database.write() as session:
        sealed = office.vault.seal('{"text": "x", "media": []}')
        for start in range(0, 10_000, 1000):
            some = range(start, start + 1000)
            people = [
                {
                    "id": f"p{n}",
                    "mark": f"m{n}",
                    "channel": "sms",
                    "address_sealed": sealed,
                    "choices": [],
                    "created_at": moment,
                }
                for n in some
            ]
            await session.execute(insert(Person), people)
            cases = [
                {
                    "id": n + 1, "number": f"{100_000 + n}", "person_id": f"p{n}",
                    "kind": ("violence", "threat", "request")[n % 3],
                    "severity": ("critical", "urgent", "request")[n % 3], "reason": "words",
                    "language": ("en", "tl", "ar")[n % 3],
                    "state": ("notified", "acknowledged", "in_contact")[n % 3], "origin": "PHL", "destination": "HKG",
                    "opened_at": moment - timedelta(minutes=n),
                }
                for n in some
            ]  # fmt: skip
            await session.execute(insert(Case), cases)
            rows = [
                {
                    "channel": "sms",
                    "provider_id": f"i{n}",
                    "person_id": f"p{n}",
                    "body_sealed": sealed,
                    "case_id": n + 1,
                }
                for n in some
            ]
            await session.execute(insert(InboundRow), rows)
            events = [{"case_id": n + 1, "what": "opened: words"} for n in some]
            await session.execute(insert(CaseEvent), events)
    return office


async def test_the_queue_of_ten_thousand_cases_is_quick_and_small(full: Office) -> None:
    await full.hire("Ana")
    ana = await full.browser("Ana")

    async def took(path: str) -> float:
        start = time.process_time()
        page = await ana.get(path, headers={"Accept-Encoding": "gzip"})
        assert page.status_code == 200 and page.text.count('id="case-') == 50
        return time.process_time() - start

    for path in ("/desk/cases", "/desk/cases/rows", "/desk/cases?page=150", "/desk/cases?state=all&from=PHL"):
        await took(path)
        seconds = statistics.median([await took(path) for _ in range(5)])
        print(f"{path}: {seconds * 1000:.0f} ms of processor time")
        assert seconds < 0.4, f"{path} took {seconds * 1000:.0f} ms; the bar is 200 ms on an idle machine"
    async with ana.client.stream("GET", "/desk/cases", headers={"Accept-Encoding": "gzip"}) as answer:
        size = sum([len(part) async for part in answer.aiter_raw()])
    print(f"{size} bytes over the wire")
    assert answer.headers["content-encoding"] == "gzip" and size < 100_000
    await full.database.close()
