"""Numbers at the desk, and trying it out there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

from sqlalchemy import update

from bot.reporting import traffic
from bot.store.models import Case, Figure, now
from tests.desk.office import Office
from tests.desk.test_unanswered import write


async def test_small_numbers_are_hidden_from_everybody_and_times_are_percentiles(tmp_path: Path) -> None:
    month = f"{now():%Y-%m}"
    async with Office(tmp_path) as office:
        for name, role in (("Carla", "caseworker"), ("Olga", "operator")):
            await office.hire(name, role)
        async with office.database.write() as session:
            for route, topic, women in (
                (("PHL", "HKG"), "fees", 40), (("PHL", "HKG"), "wages", 12),
                (("NPL", "KWT"), "fees", 3), (("NPL", "KWT"), "wages", 30),
            ):  # fmt: skip
                session.add(
                    Figure(month=month, origin=route[0], destination=route[1], what="topic", value=topic, women=women)
                )
        for n in range(20):
            await office.case(address=f"+852911100{n:02}")
        opened = now()
        for n in range(20):
            async with office.database.write() as session:
                await session.execute(
                    update(Case)
                    .where(Case.id == n + 1)
                    .values(severity="critical", opened_at=opened, acknowledged_at=opened + timedelta(minutes=n + 1))
                )
        for n in range(6):
            await write(office, "what", f"+852922200{n:02}")
        for name in ("Carla", "Olga"):
            her = await office.browser(name)
            page = unescape((await her.get(f"/desk/numbers?month={month}")).text)
            table = page[page.index('id="t-topic"') :].split("</section>")[0]
            rows = re.findall(r'<th scope="row">(\S+)</th>((?:<td>[^<]*</td>)+)', table)
            shown = {row: re.findall(r"<td>([^<]*)</td>", cells) for row, cells in rows}
            assert shown["NPL-KWT"][0] == "-" and shown["PHL-HKG"][0] == "-", "nor what it could be computed from"
            assert shown["total"][2] == "85"
            assert "not understood" in page
            assert "10 minutes" in page and "18 minutes" in page and "19 minutes" in page
            picture = await her.client.get(f"/desk/numbers/topic.svg?month={month}")
            assert picture.headers["content-type"] == "image/svg+xml"
            assert "<script" not in picture.text and "sandbox" in picture.headers["content-security-policy"]
            assert (await her.get("/desk/numbers/nothing.svg")).status_code == 404
            assert (await her.get("/desk/numbers?month=1999-99")).status_code == 200
        async with office.database.read() as session:
            (times,) = await traffic.times(session, month)
            assert times.percentiles == {
                50: timedelta(minutes=10),
                90: timedelta(minutes=18),
                95: timedelta(minutes=19),
            }


async def test_few_calls_have_no_percentiles(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.case()
        async with office.database.write() as session:
            await session.execute(update(Case).values(acknowledged_at=now()))
        async with office.database.read() as session:
            (times,) = await traffic.times(session, f"{now():%Y-%m}")
            assert times.calls is None and times.percentiles is None
            assert await traffic.times(session, "2020-02") == []


async def test_she_tries_a_question_and_sees_what_was_understood_and_why(tmp_path: Path) -> None:
    async with Office(tmp_path, working=True) as office:
        await office.hire("Edith", "editor")
        await office.hire("Carla", "caseworker")
        edith = await office.browser("Edith")
        await edith.get("/desk/try")
        start = {"channel": "telegram", "language": "es", "from": "PHL", "to": "HKG"}
        await edith.post("/desk/try/new", **start)
        page = unescape((await edith.post("/desk/try", text="fee?")).text)
        assert "<code>ask_fees</code> 100%" in page and "no danger" in page
        assert "HKG.fee_cap" in page and 'href="https://www.eaa.labour.gov.hk/en/helpers.html"' in page
        page = unescape((await edith.post("/desk/try", text="help, he is beating me")).text)
        assert "call for help" in page and "<code>violence</code>" in page
        async with office.database.read() as session:
            from sqlalchemy import func, select

            assert (await session.execute(select(func.count()).select_from(Case))).scalar() == 0, "it reaches nobody"
        carla = await office.browser("Carla")
        assert "fee?" not in (await carla.get("/desk/try")).text, "each has her own"
        for bad in ({"channel": "fax"}, {"from": "XXX"}, {"language": "<b>"}):
            assert (await carla.post("/desk/try/new", **(start | bad))).status_code == 200
