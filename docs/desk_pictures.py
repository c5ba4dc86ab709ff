"""Makes the pictures of the desk: `.venv/bin/python -m docs.desk_pictures`.

On a database of its own with fictitious people, so it needs no running service; only what the tests need: playwright and a
Chromium.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.desk.office import Office
from tests.desk.test_browser import looking

HERE = Path(__file__).resolve().parent
CALLS = (
    ("+85291230001", "SOS hinahawakan ako ng amo ko, tulong po"),
    ("+85291230002", "help, my employer took my passport and locked me in the flat"),
    ("+85291230003", "majikan saya memukul saya, tolong"),
)


async def main() -> None:
    """The queue, and one case that is being worked on."""
    with tempfile.TemporaryDirectory() as folder:
        async with Office(Path(folder), working=True) as office:
            await office.hire("Maria")
            numbers = [await office.case(text, address) for address, text in CALLS]
            async with looking(office, 1100, device_scale_factor=1) as look:
                await look.sign_in(office, "Maria")
                page = look.page
                await page.goto(f"{look.url}/desk/cases/{numbers[1]}")
                await page.get_by_role("button", name="I take it").click()
                await page.get_by_label("Your words").fill("I have read your message. Is it safe for you to write now?")
                await page.get_by_role("button", name="Send").click()
                await page.get_by_label("She never reads it").fill("The consulate's labour office is told.")
                await page.get_by_role("button", name="Keep the note").click()
                await page.locator(".notes li").wait_for()
                await page.screenshot(path=HERE / "desk-case.png", full_page=True)
                await page.goto(f"{look.url}/desk/cases")
                await page.screenshot(path=HERE / "desk-cases.png")


if __name__ == "__main__":
    asyncio.run(main())
