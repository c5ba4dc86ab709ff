"""Content and what was not understood, in a real browser: each task, accessible."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.desk.office import Office
from tests.desk.test_browser import WIDTHS, looking, pytestmark  # noqa: F401  what has no Chromium is skipped here too
from tests.desk.test_content import content  # noqa: F401  the folder that may be changed
from tests.desk.test_unanswered import write


@pytest.mark.parametrize("width", [1280])
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
