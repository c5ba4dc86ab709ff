"""Content, trying it out, numbers and what was not understood, in a real browser: each task, at two widths, accessible."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.async_api import expect

from bot.store.models import Figure, now
from tests.desk.office import Office
from tests.desk.test_browser import WIDTHS, looking, pytestmark  # noqa: F401  what has no Chromium is skipped here too
from tests.desk.test_content import content  # noqa: F401  the folder that may be changed
from tests.desk.test_unanswered import write


@WIDTHS
async def test_an_editor_finds_changes_and_previews_a_fact(tmp_path: Path, content: Path, width: int) -> None:  # noqa: F811
    async with Office(tmp_path, content=content) as office:
        await office.hire("Edith", "editor")
        async with looking(office, width) as look:
            await look.sign_in(office, "Edith")
            page = look.page
            await page.goto(f"{look.url}/desk/content")
            await expect(page.locator("#due + .wide")).to_contain_text("HKG.minimum_wage")
            await look.check("content")
            await page.get_by_role("link", name="Hong Kong", exact=True).click()
            await expect(page.get_by_role("heading", name="Hong Kong")).to_be_visible()
            await look.check("a country")
            await page.get_by_role("link", name="Change minimum_wage").click()
            await look.check("the form")
            await page.locator('[name="amount.value"]').fill("much")
            await page.get_by_role("button", name="Show the difference").click()
            await expect(page.get_by_role("alert")).to_contain_text("value must be a number")
            assert len(look.complaints) == 1 and "400" in look.complaints.pop(), "the answer to a form that is refused"
            await look.check("refused")
            await page.locator('[name="amount.value"]').fill("5200")
            await page.get_by_role("button", name="Show the difference").press("Enter")
            await expect(page.locator(".diff ins")).to_contain_text("value: 5200")
            await look.check("difference")
            await page.get_by_role("button", name="Save").press("Enter")
            await expect(page.get_by_role("status").first).to_contain_text("Saved. Women read it now.")

            await page.goto(f"{look.url}/desk/content/language/ar?which=all&words=greet")
            await look.check("sentences")
            await page.get_by_role("link", name="greet_again").click()
            await look.check("a sentence")
            await page.get_by_label("A native speaker has read it").check()
            await page.get_by_role("button", name="Show the difference").click()
            await expect(page.locator(".diff del").first).to_contain_text("fuzzy")
            await page.goto(f"{look.url}/desk/content/confirm/countries/KWT/kshr")
            await look.check("confirming")

            await page.goto(f"{look.url}/desk/content/preview")
            await page.locator("select[name=topic]").select_option("ask_wages")
            await page.locator("select[name=to]").select_option("HKG")
            await page.get_by_role("button", name="Show").click()
            await expect(page.locator(".talk")).to_contain_text("5,200")
            await expect(page.locator(".why").first).to_be_visible()
            await look.check("preview")


@WIDTHS
async def test_a_group_is_labelled_in_two_clicks_and_downloaded(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Edith", "editor")
        for n, text in enumerate(("can i bring my cat", "can i bring my cats?", "my secret recipe, call 91234567")):
            await write(office, text, f"+8529111000{n}")
        async with looking(office, width, accept_downloads=True) as look:
            await look.sign_in(office, "Edith")
            page = look.page
            await page.goto(f"{look.url}/desk/unanswered")
            await expect(page.locator(".groups > li")).to_have_count(2)
            await look.check("unanswered")
            first = page.locator(".groups > li").first
            await first.locator("select[name=intent]").select_option("out_of_scope")  # one
            await first.get_by_role("button", name="Label").click()  # two
            await expect(page.locator(".groups > li")).to_have_count(1)
            await expect(page.locator("main")).to_contain_text("call (number)")
            async with page.expect_download() as waiting:
                await page.get_by_role("link", name="Download 2 labelled lines").click()
            archive = zipfile.ZipFile(await (await waiting.value).path())
            assert "can i bring my cats?" in archive.read("data/nlu/en/out_of_scope.yml").decode("utf-8")


@WIDTHS
async def test_trying_it_and_numbers_that_print(tmp_path: Path, width: int) -> None:
    async with Office(tmp_path, working=True) as office:
        await office.hire("Carla", "caseworker")
        async with office.database.write() as session:
            for value, women in (("fees", 40), ("wages", 12), ("rights", 30)):
                for origin in ("PHL", "IDN"):
                    route = {"origin": origin, "destination": "HKG"}
                    session.add(Figure(month=f"{now():%Y-%m}", what="topic", value=value, women=women, **route))
        async with looking(office, width) as look:
            await look.sign_in(office, "Carla")
            page = look.page
            await page.goto(f"{look.url}/desk/try")
            await page.locator("select[name=from]").select_option("PHL")
            await page.locator("select[name=to]").select_option("HKG")
            await page.locator("main select[name=channel]").select_option("telegram")
            await page.get_by_role("button", name="Start anew").click()
            await page.get_by_label("Her message").fill("fee?")
            await page.get_by_role("button", name="Send").click()
            await expect(page.locator(".talk")).to_contain_text("ask_fees")
            await page.locator("summary", has_text="Why").click()
            await expect(page.locator(".because")).to_contain_text("HKG.fee_cap")
            await look.check("try it")

            await page.goto(f"{look.url}/desk/numbers")
            chart = page.locator("img.chart").first
            await expect(chart).to_be_visible()
            await page.wait_for_function("document.querySelector('img.chart').complete")
            assert await chart.evaluate("picture => picture.naturalWidth > 0")
            await look.check("numbers")
            await page.emulate_media(media="print")
            assert not await page.locator("header.top").is_visible()
            assert await page.locator("table.figures").first.is_visible()
