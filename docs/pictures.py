"""Makes the pictures of the docs from the running service: `python docs/pictures.py http://127.0.0.1:8000`.

Needs the package `playwright` and a Chromium (`CHROMIUM`, by default /usr/bin/chromium).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

TALK = (
    "my agency in manila asks 60,000 pesos placement fee, is that right?",
    "1",
    "SOS hinahawakan ako ng amo ko, tulong po",
)


def main(url: str) -> None:
    """Talk on the try-it page as a woman with a number from Hong Kong would, at the size of a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        page = browser.new_page(viewport={"width": 400, "height": 860}, device_scale_factor=2)
        page.goto(f"{url}/try")
        page.fill("input[name=number]", "+85291234567")
        page.click("text=Start anew")
        for text in TALK:
            page.fill("textarea", text)
            page.click("text=Send")
            page.wait_for_load_state()
        page.locator("ol").evaluate("list => list.scrollTop = 0")
        page.screenshot(path=Path(__file__).parent / "try-page.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
