"""Makes the pictures of the docs from the running service: `python docs/pictures.py http://127.0.0.1:8000`.

Needs the package `playwright` and a Chromium (`CHROMIUM`, by default /usr/bin/chromium).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
TALK = (
    "my agency in manila asks 60,000 pesos placement fee, is that right?",
    "1",
    "SOS hinahawakan ako ng amo ko, tulong po",
)


PREVIEW = "topic=ask_fees&from=PHL&to=HKG&lang=tl&amount=60000&currency=PHP"


def main(url: str) -> None:
    """The try-it page and the preview page at the size of a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        preview(browser, url)
        talk(browser, url)
        browser.close()


def preview(browser: Browser, url: str) -> None:
    """What a Filipina reads whose agency asks PHP 60,000 of her, and why."""
    page = browser.new_page(viewport={"width": 400, "height": 1180})
    page.goto(f"{url}/preview?{PREVIEW}")
    page.screenshot(path=HERE / "preview-page.png")
    reasons = page.locator(".reasons")
    reasons.scroll_into_view_if_needed()
    box = reasons.bounding_box()
    assert box is not None
    page.evaluate("top => scrollTo(0, top)", page.evaluate("scrollY") + box["y"] - 16)
    page.screenshot(path=HERE / "preview-reasons.png", clip={"x": 0, "y": 0, "width": 400, "height": 640})
    page.close()


def talk(browser: Browser, url: str) -> None:
    """Talk on the try-it page as a woman with a number from Hong Kong would; the dialogue model has to be up."""
    page = browser.new_page(viewport={"width": 400, "height": 860}, device_scale_factor=1.5)
    page.goto(f"{url}/try")
    page.fill("input[name=number]", "+85291234567")
    page.click("text=Start anew")
    for text in TALK:
        page.fill("textarea", text)
        page.click("text=Send")
        page.wait_for_load_state()
    page.locator("ol").evaluate("list => list.scrollTop = 0")
    page.screenshot(path=HERE / "try-page.png")
    page.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
