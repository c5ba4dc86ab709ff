"""Accounts, passwords, the second factor, sessions, lock-out."""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot.desk.first_start import tell_first_operator
from bot.desk.passwords import weakness
from bot.store.desk_tables import AuditRow, Guess, Staff, StaffSession
from bot.store.models import now
from tests.cases.town import ROOT
from tests.desk.office import PASSWORD, Office


def _secret(page: str) -> str:
    found = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


async def test_the_first_operator_comes_by_the_link_of_the_log_and_nobody_after_her(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        with capture_logs() as logs:
            await tell_first_operator(office.desk)
        link = logs[0]["link"].removeprefix("http://desk.test")
        her, other = await office.browser(), await office.browser()
        await other.get(link)
        await her.get(link)
        page = await her.post(link, email="ana@ngo.example", name="Ana", password=PASSWORD)
        assert "/desk/second-factor/new" in str(page.url)
        assert (await her.get("/desk/staff")).url.path == "/desk/sign-in"  # half-way is nowhere
        page = await her.get("/desk/second-factor/new")
        assert (await her.client.get("/desk/second-factor/new/qr.svg")).content.startswith(b"<?xml")
        secret = _secret(page.text)
        page = await her.post("/desk/second-factor/new", code="000000")
        assert page.status_code == 403
        page = await her.post("/desk/second-factor/new", code=pyotp.TOTP(secret).now())
        codes = re.findall(r"<code>([a-z2-9-]{14})</code>", page.text)
        assert len(codes) == 10
        assert (await her.get("/desk/staff")).status_code == 200
        assert (await her.client.get("/desk/second-factor/new/qr.svg")).status_code == 404

        page = await other.post(link, email="eve@ngo.example", name="Eve", password=PASSWORD)
        assert page.status_code == 404
        with capture_logs() as logs:
            await tell_first_operator(office.desk)
        assert logs == []

        # A recovery code stands in for the phone, once.
        third = await office.browser()
        assert (await third.sign_in("Ana", code=codes[0].upper())).status_code == 200
        assert (await third.get("/desk/staff")).status_code == 200
        fourth = await office.browser()
        assert (await fourth.sign_in("Ana", code=codes[0])).status_code == 403


async def test_the_command_prints_a_link_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASAMA_HOME", str(tmp_path))
    monkeypatch.setenv("KASAMA_SECRET_KEY", "a key for tests that is long enough")
    monkeypatch.setenv("KASAMA_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite3'}")

    def kasama(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot.cli", "desk", "invite", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)

    assert "Operators belong" in kasama("ana@ngo.example", "--role", "operator", "--partner", "alpha").stderr
    done = await asyncio.to_thread(kasama, "ana@ngo.example", "--role", "operator")
    assert done.returncode == 0, done.stderr
    async with Office(tmp_path) as office:
        page = await (await office.browser()).get(done.stdout.strip().removeprefix("http://127.0.0.1:8000"))
        assert page.status_code == 200 and "ana@ngo.example" in page.text and "operator" in page.text


async def test_an_invitation_works_once_and_an_older_one_not_at_all(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana", "operator")
        ana, bea = await office.browser("Ana"), await office.browser()
        await ana.get("/desk/staff")
        links = []
        for _ in range(2):
            page = await ana.post("/desk/staff/invite", email="bea@ngo.example", role="caseworker", partner="operator")
            links += re.findall(r"http://desk\.test(/desk/invitation/[^<]+)", page.text)
        assert (await bea.get(links[0])).status_code == 404
        await bea.get(links[1])
        page = await bea.post(links[1], name="Ana", password=PASSWORD)
        assert page.status_code == 400 and "has this name already" in page.text
        page = await bea.post(links[1], name="Bea", password="bea bea bea")
        assert page.status_code == 400
        assert "second-factor" in str((await bea.post(links[1], name="Bea", password=PASSWORD)).url)
        assert (await (await office.browser()).get(links[1])).status_code == 404
        async with office.database.read() as session:
            assert (await session.execute(select(Staff.role, Staff.partner_id).where(Staff.name == "Bea"))).one() == (
                "caseworker",
                "operator",
            )


async def test_a_coordinator_gives_no_role_above_hers_and_none_elsewhere(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana", "operator")
        await office.hire("Cora", "coordinator")
        cora = await office.browser("Cora")
        await cora.get("/desk/staff")
        for fields in ({"role": "operator"}, {"role": "owner"}):
            page = await cora.post("/desk/staff/invite", email="x@ngo.example", partner="operator", **fields)
            assert page.status_code == 400 and "/desk/invitation/" not in page.text
        page = await cora.post("/desk/staff/invite", email="ana@ngo.example", role="caseworker")
        assert page.status_code == 400 and "higher role" in page.text
        async with office.database.read() as session:
            ana = (await session.execute(select(Staff.id).where(Staff.name == "Ana"))).scalar_one()
        await cora.get("/desk/staff")
        assert (await cora.post(f"/desk/staff/{ana}/account", active="no")).status_code == 404


async def test_a_closed_account_is_out_at_once_and_cannot_come_back(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana", "operator")
        dora = await office.hire("Dora")
        ana, hers = await office.browser("Ana"), await office.browser("Dora")
        assert (await hers.get("/desk/account")).status_code == 200
        await ana.get("/desk/staff")
        await ana.post(f"/desk/staff/{dora.id}/account", active="no")
        assert (await hers.get("/desk/account")).url.path == "/desk/sign-in"
        assert (await hers.sign_in("Dora")).status_code == 403


async def test_a_code_of_the_app_works_once(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        first, second = await office.browser(), await office.browser()
        assert (await first.sign_in("Ana")).status_code == 200
        assert (await second.sign_in("Ana")).status_code == 403


async def test_sessions_end_when_idle_and_at_the_latest_after_hours(tmp_path: Path) -> None:
    async with Office(tmp_path, desk_idle_minutes=30, desk_session_hours=2) as office:
        await office.hire("Ana")
        for column, age in (("seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=2, minutes=1))):
            browser = await office.browser("Ana")
            assert (await browser.get("/desk/account")).status_code == 200
            async with office.database.write() as session:
                await session.execute(update(StaffSession).values({column: now() - age}))
            assert (await browser.get("/desk/account")).url.path == "/desk/sign-in"


async def test_work_keeps_a_session_alive_and_signing_out_everywhere_ends_all(tmp_path: Path) -> None:
    async with Office(tmp_path, desk_idle_minutes=30) as office:
        await office.hire("Ana")
        one, two = await office.browser("Ana"), await office.browser("Ana")
        async with office.database.write() as session:
            await session.execute(update(StaffSession).values(seen_at=now() - timedelta(minutes=20)))
        await one.get("/desk/account")
        async with office.database.read() as session:
            seen = list((await session.execute(select(StaffSession.seen_at).order_by(StaffSession.seen_at))).scalars())
        assert now() - seen[0] > timedelta(minutes=19) and now() - seen[1] < timedelta(minutes=1)
        await one.post("/desk/account/sign-out-everywhere")
        for browser in (one, two):
            assert (await browser.get("/desk/account")).url.path == "/desk/sign-in"


async def test_a_cookie_from_before_signing_in_is_worth_nothing_after_it(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        browser = await office.browser()
        await browser.get("/desk/sign-in")
        await browser.post("/desk/sign-in", email="ana@ngo.example", password=PASSWORD)
        half = browser.client.cookies[office.desk.cookies.session]
        await browser.get("/desk/sign-in")
        await browser.sign_in("Ana")
        assert browser.client.cookies[office.desk.cookies.session] != half
        thief = await office.browser()
        thief.client.cookies.set(office.desk.cookies.session, half)
        assert (await thief.get("/desk/account")).url.path == "/desk/sign-in"


@pytest.mark.parametrize("name", ["Ana", "Nobody"])
async def test_guessing_locks_an_account_whether_it_exists_or_not(tmp_path: Path, name: str) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        browser = await office.browser()
        answers = [(await browser.sign_in(name, password=f"guess number {n}")).status_code for n in range(6)]
        assert answers == [403] * 5 + [429]
        # From another address the account is locked as well, even for the right password.
        elsewhere = await office.browser(address="198.51.100.1")
        page = await elsewhere.sign_in(name)
        assert page.status_code == 429 and "Too many attempts" in page.text
        async with office.database.write() as session:
            await session.execute(update(Guess).values(locked_until=now() - timedelta(seconds=1)))
        assert (await elsewhere.sign_in(name, password="again")).status_code == 403
        async with office.database.read() as session:
            until = (await session.execute(select(func.max(Guess.locked_until)))).scalar_one()
        assert timedelta(seconds=50) < until - now() <= timedelta(seconds=60), "it grows"


async def test_guessing_many_accounts_locks_the_address(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        for n in range(30):
            await office.desk.guessing.begin(f"person{n}@ngo.example", "192.0.2.7")
        assert (await (await office.browser(address="192.0.2.7")).sign_in("Ana")).status_code == 429
        assert (await (await office.browser(address="192.0.2.8")).sign_in("Ana")).status_code == 200


async def test_a_code_cannot_be_guessed_either(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        browser = await office.browser()
        await browser.get("/desk/sign-in")
        await browser.post("/desk/sign-in", email="ana@ngo.example", password=PASSWORD)
        codes = [(await browser.post("/desk/second-factor", code="123")).status_code for _ in range(6)]
        assert codes == [403] * 5 + [429]


async def test_an_unknown_account_takes_as_long_as_a_known_one(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        for n in range(4):
            await office.hire(f"Ana{n}")
        took: dict[str, list[float]] = {"Ana": [], "Nobody": []}
        browser = await office.browser()
        for n in range(8):
            for name in took:
                await browser.get("/desk/sign-in")
                start = time.perf_counter()
                await browser.post(
                    "/desk/sign-in", email=f"{name.lower()}{n % 4}@ngo.example", password="wrong password"
                )
                took[name].append(time.perf_counter() - start)
        ratio = statistics.median(took["Ana"]) / statistics.median(took["Nobody"])
        assert 0.6 < ratio < 1.7


async def test_the_audit_log_says_who_and_when_and_holds_no_address(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana", "coordinator")
        browser = await office.browser()
        await browser.sign_in("Ana", password="wrong password")
        await browser.sign_in("Ana")
        page = await browser.get("/desk/audit")
        assert "sign-in failed" in page.text and "signed in" in page.text
        async with office.database.read() as session:
            rows = list((await session.execute(select(AuditRow))).scalars())
        assert [row.what for row in rows] == ["sign_in_failed", "signed_in"]
        assert "@" not in "".join(f"{row.actor}{row.about}" for row in rows)


@pytest.mark.parametrize(
    "weak",
    ["short", "password1234", "123456789012", "aaaaaaaaaaaa", "Password!Password!", "qwertyuiopas", "Maria Lopez 1",
     "maria@ngo.ex", "kasamakasama1"],
)  # fmt: skip
def test_weak_passwords_are_refused(weak: str) -> None:
    assert weakness(weak, "Maria Lopez", "maria@ngo.example")


@pytest.mark.parametrize("good", [PASSWORD, "vier rote Ziegel im Bach", "七本の緑の傘が庭に立っている", "xK3!vQ9-bT7m"])
def test_good_passwords_are_taken(good: str) -> None:
    assert weakness(good, "Maria Lopez", "maria@ngo.example") is None
