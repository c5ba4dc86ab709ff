"""The desk in a real browser, as wide as a laptop and as a phone: each task, live update, accessibility."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyotp
import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy import delete, select

from bot.desk import events
from bot.store.desk_tables import StaffSession
from bot.store.models import Case, Delivery
from tests.cases.town import HER
from tests.desk.office import PASSWORD, SECRET, Office

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs it")
WIDTHS = pytest.mark.parametrize("width", [1280, 360])
expect.set_options(timeout=20_000)


class Looking:
    """A page in a browser, and everything that must not happen on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: None if request.url.startswith(url) else self.elsewhere.append(request.url))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def sign_in(self, office: Office, name: str) -> None:
        """As if she had done so before."""
        browser = await office.browser(name)
        cookie = office.desk.cookies.session
        await self.page.context.add_cookies(
            [{"name": cookie, "value": browser.client.cookies[cookie], "url": self.url}]
        )

    async def check(self, what: str) -> None:
        """Accessible, no wider than the window, nothing from elsewhere, no error."""
        found = (await Axe().run(self.page)).response
        bad = [
            (rule["id"], rule["impact"], [node["html"][:150] for node in rule["nodes"]])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        assert not bad, f"{what}: {json.dumps(bad, indent=1)}"
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what}: {wide} px wider than the window"
        assert not self.elsewhere and not self.complaints, (what, self.elsewhere, self.complaints)


@asynccontextmanager
async def looking(office: Office, width: int, **options: Any) -> AsyncIterator[Looking]:
    """The office on a port of its own, and a browser in front of it."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(office.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
            )
            context = await browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB", **options)
            context.set_default_timeout(30_000)
            yield Looking(await context.new_page(), url)
            await browser.close()
    finally:
        server.should_exit = True
        await serving


@WIDTHS
async def test_she_joins_and_signs_in_by_keyboard_alone(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        async with looking(office, width) as look:
            page, keys = look.page, look.page.keyboard
            await page.goto(f"{look.url}/desk/invitation/{office.desk.invitations.first()}")
            await look.check("invitation")
            for label, text in (
                ("E-mail address", "olga@ngo.example"),
                ("Name that", "Olga"),
                ("Password, 12", PASSWORD),
            ):
                await page.get_by_label(label).focus()
                await keys.type(text)
            await keys.press("Enter")
            await expect(page.get_by_role("heading", name="Set up the second factor")).to_be_visible()
            # Decoding waits until the picture is there, and fails where it is none.
            await page.locator("img.qr").evaluate("picture => picture.decode()")
            assert await page.locator("img.qr").evaluate("picture => picture.naturalWidth > 0")
            await look.check("enrolment")
            secret = (await page.locator("main code").inner_text()).replace(" ", "")
            await page.get_by_label("Code that the app shows now").focus()
            await keys.type(pyotp.TOTP(secret).now())
            await keys.press("Enter")
            await expect(page.locator(".codes li")).to_have_count(10)
            await look.check("recovery codes")

            await page.context.clear_cookies()
            await page.goto(f"{look.url}/desk/cases")
            await look.check("sign-in")
            await keys.type("ana@ngo.example")  # the first field has the focus
            await keys.press("Tab")
            await keys.type(PASSWORD)
            await keys.press("Enter")
            await expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
            await look.check("second factor")
            await keys.type(pyotp.TOTP(SECRET).now())
            await keys.press("Enter")
            await expect(page.get_by_role("heading", name="Cases")).to_be_visible()
            assert page.url == f"{look.url}/desk/cases", "where she wanted to go"
            await keys.press("Tab")
            assert await page.evaluate("document.activeElement.className") == "skip"
            await page.goto(f"{look.url}/desk/account")
            await look.check("account")


@WIDTHS
async def test_a_new_urgent_case_appears_in_an_open_desk_within_a_second(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path, working=True) as office:
        await office.hire("Ana")
        await office.case(address="+85291110000")
        async with looking(office, width) as look:
            await look.sign_in(office, "Ana")
            page = look.page
            await page.goto(f"{look.url}/desk/cases")
            await page.wait_for_selector("html[data-stream=open]")
            await page.get_by_role("button", name="Turn the sound on").click()
            await expect(page.get_by_role("button", name="Turn the sound off")).to_have_attribute(
                "aria-pressed", "true"
            )
            await page.evaluate("document.activeElement.blur()")
            took = []
            for n in range(3):
                start = time.monotonic()
                number = await office.case(address=f"+8529222000{n}")
                await page.wait_for_selector(f"#case-{number}", state="attached")
                took.append(time.monotonic() - start)
            print(f"\na new urgent case was on the page after {', '.join(f'{s:.2f}' for s in took)} s")
            assert statistics.median(took) < 2, "the bar is 1 s; this machine may be busy"
            assert "New urgent case" in await page.title()
            await expect(page.locator("[data-alert] a")).to_contain_text(number)
            await look.check("queue with an alert")

            # What a colleague does shows as well, without anybody touching this page.
            await office.hire("Bea")
            bea = await office.browser("Bea")
            await bea.get(f"/desk/cases/{number}")
            await bea.post(f"/desk/cases/{number}/take")
            await expect(page.locator(f"li:has(#case-{number})")).to_contain_text("operator: Bea")


@WIDTHS
async def test_a_case_from_taking_to_closing(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path, working=True) as office:
        await office.hire("Ana")
        await office.hire("Bea")
        number = await office.case("ساعدوني، صاحب العمل يضربني")
        async with office.database.write() as session:
            case = (await session.execute(select(Case))).scalar_one()
            case.location_sealed = office.vault.seal("22.30000, 114.20000")
        async with looking(office, width) as look:
            await look.sign_in(office, "Ana")
            page = look.page
            await page.goto(f"{look.url}/desk/cases/{number}")
            await page.wait_for_selector("html[data-stream=open]")
            words = page.locator(".talk .her .words")
            assert await words.evaluate("element => getComputedStyle(element).direction") == "rtl"
            await look.check("case")

            await page.get_by_role("button", name="I take it").press("Enter")
            await expect(page.get_by_role("status").first).to_contain_text("The case is yours")
            await page.get_by_text("Ready sentences in her language").press("Enter")
            await page.locator("[data-snippet]").first.press("Enter")
            await expect(page.locator("#segments")).to_contain_text("SMS")
            await page.get_by_label("Your words").press_sequentially(" Hello.")
            await look.check("case, writing")
            await page.get_by_role("button", name="Send").press("Enter")
            await expect(page.locator(".talk .us")).to_contain_text("Hello.")
            for _ in range(100):
                if any("Hello." in text for text in office.channels["sms"].texts(HER)):
                    break
                await asyncio.sleep(0.1)
            assert any("Hello." in text for text in office.channels["sms"].texts(HER))

            # What she writes comes up while a half-written note stays where it is.
            await page.get_by_label("She never reads it").fill("half a note")
            from bot.messages import Inbound

            await office.world.receive(Inbound("sms", HER, "he is beating me again", "d-again"))
            await expect(page.locator("#live")).to_contain_text("he is beating me again")
            assert await page.get_by_label("She never reads it").input_value() == "half a note"
            await page.get_by_role("button", name="Keep the note").click()
            await expect(page.locator(".notes")).to_contain_text("half a note")

            await page.locator("summary", has_text="Pass on to another partner").click()
            await page.locator("select[name=partner]").select_option("alpha")
            await page.get_by_role("button", name="Ask her").click()
            await expect(page.locator("#live")).to_contain_text("she is asked")
            await page.locator("summary", has_text="Hand over").click()
            await page.locator("select[name=to]").select_option("operator|Bea")
            await page.get_by_role("button", name="Hand over").click()
            await expect(page.locator("#live .about")).to_contain_text("operator: Bea")
            await page.locator("summary", has_text="What happened").click()
            await look.check("case, timeline open")
            await page.locator("summary", has_text="Close the case").click()
            await page.locator("select[name=outcome]").select_option("referred")
            await page.get_by_role("button", name="Close the case").click()
            await expect(page.locator("#live .about")).to_contain_text("with another organisation")
            async with office.database.read() as session:
                assert (await session.execute(select(Case.state))).scalar_one() == "closed"
                assert (await session.execute(select(Delivery.id).limit(1))).first()


@WIDTHS
async def test_colleagues_audit_and_filters_in_every_language_and_in_the_dark(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Olga", "operator")
        number = await office.case()
        async with looking(office, width, color_scheme="dark") as look:
            await look.sign_in(office, "Olga")
            page = look.page
            await page.goto(f"{look.url}/desk/staff")
            await page.locator("main input[type=email]").fill("new@ngo.example")
            await page.get_by_role("button", name="Make a link").click()
            await expect(page.locator("code.long")).to_contain_text("/desk/invitation/")
            await look.check("colleagues")
            await page.goto(f"{look.url}/desk/cases")
            await page.locator("select[name=state]").select_option("closed")
            await page.locator(".filters button").click()
            await expect(page.locator("#queue")).to_contain_text("No cases.")
            await page.goto(f"{look.url}/desk/audit")
            await expect(page.locator("tbody")).to_contain_text("invited")
            await look.check("audit log")
            for language in ("es", "fr", "id", "ar"):
                await page.locator("select[name=language]").first.select_option(language)
                await page.locator(".language button").click()
                await expect(page.locator("html")).to_have_attribute("lang", language)
                for path in ("/desk/cases", f"/desk/cases/{number}"):
                    await page.goto(f"{look.url}{path}")
                    await look.check(f"{path} in {language}")
            assert await page.locator("html").get_attribute("dir") == "rtl"


async def test_an_open_desk_is_left_when_the_session_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "STILL_SIGNED_IN", 0.5)
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        async with looking(office, 360) as look:
            await look.sign_in(office, "Ana")
            await look.page.goto(f"{look.url}/desk/cases")
            await look.page.wait_for_selector("html[data-stream=open]")
            async with office.database.write() as session:
                await session.execute(delete(StaffSession))
            await look.page.wait_for_url("**/desk/sign-in")
