"""Who may not: every route of the desk is tried by a stranger, by a colleague of another partner, and by every role.

The routes are read from the route table, so one that somebody adds is tried too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.desk import security
from bot.desk.desk import PER_MINUTE, Page
from bot.desk.gate import behind
from bot.desk.staff import ROLES
from tests.desk.office import Browser, Office

OPEN = {
    ("GET", "/desk/sign-in"), ("POST", "/desk/sign-in"), ("POST", "/desk/language"), ("GET", "/desk/invitation/{token}"),
    ("POST", "/desk/invitation/{token}"), ("GET", "/desk/oidc"), ("GET", "/desk/oidc/back"),
}  # fmt: skip
"""For people who are not signed in. Whoever adds one here has thought about it."""


def example(path: str, number: str) -> str:
    """The path with values in the places of its parameters."""
    values = {"number": number, "file": "1", "token": "no-such-token"}
    if path.startswith("/desk/staff/"):
        values["number"] = "1"
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], "nothing"), path)


def calls(office: Office) -> list[tuple[str, Page]]:
    found = [(method, page) for page in office.desk.pages for method in page.methods]
    routes = {
        (method, route.path) for route in office.desk.routes() for method in (route.methods or ()) if method != "HEAD"
    }
    assert routes == {(method, page.path) for method, page in found}, "a route beside the pages would have no guard"
    return found


async def ask(browser: Browser, method: str, path: str, **more: str) -> httpx.Response:
    return await browser.client.request(method, path, follow_redirects=False, data=more or None)


async def test_a_stranger_gets_nowhere(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        number = await office.case()
        stranger = await office.browser()
        for method, page in calls(office):
            answer = await ask(stranger, method, example(page.path, number))
            if (method, page.path) in OPEN:
                assert page.roles is None
                assert answer.status_code != 500
                assert number not in answer.text
                if method == "POST":
                    assert answer.status_code == 403, "without the token of a form"
            elif method == "GET":
                assert answer.status_code == 303, (method, page.path)
                assert answer.headers["location"].startswith("/desk/sign-in")
            else:
                assert answer.status_code == 403, (method, page.path)


async def test_half_signed_in_is_not_signed_in(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        staff, number = await office.hire("Ana", "operator"), await office.case()
        for stage in ("factor", "enrol"):
            half = await office.browser()
            async with office.database.write() as session:
                token = await office.desk.sessions.begin(session, staff, stage)
            half.client.cookies.set(office.desk.cookies.session, token)
            for method, page in calls(office):
                if page.roles is not None and not page.half:
                    answer = await ask(half, method, example(page.path, number))
                    assert answer.status_code in (303, 403), (method, page.path)
                    assert number not in answer.text


async def test_a_caseworker_of_another_partner_finds_no_case_of_theirs(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Bob", partner="beta")
        await office.hire("Dan", "coordinator", "beta")
        number = await office.case("help, my employer Grumbold beats me", partner="alpha")
        for name in ("Bob", "Dan"):
            browser = await office.browser(name)
            of_a_case = [(m, p) for m, p in calls(office) if "/cases/{number}" in p.path]
            assert len(of_a_case) >= 10
            for method, page in of_a_case:
                await browser.get("/desk/cases")
                path = example(page.path, number)
                if method == "GET":
                    answer = await browser.get(path)
                else:
                    answer = await browser.post(path, text="x", to="beta|Bob", partner="beta", outcome="safe")
                assert answer.status_code == 404, (method, path)
                assert "Grumbold" not in answer.text
            page = await browser.get("/desk/cases?state=all")
            assert number not in page.text
            assert number not in (await browser.get("/desk/cases/rows?state=all&partner=alpha")).text
        assert number not in (await browser.get("/desk/audit")).text


async def test_every_role_has_its_pages_and_no_other(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        number = await office.case()
        for role in ROLES:
            await office.hire(role.title(), role)
            browser = await office.browser(role.title())
            for method, page in calls(office):
                if page.roles is not None and role not in page.roles:
                    await browser.get("/desk/account")
                    path = example(page.path, number)
                    answer = await (browser.get(path) if method == "GET" else browser.post(path))
                    assert answer.status_code == 403, (role, method, path)
                    assert "beating" not in answer.text


async def test_no_form_is_taken_that_did_not_come_from_our_page(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Olga", "operator")
        number = await office.case()
        browser = await office.browser("Olga")
        other = await office.browser("Olga")
        foreign = re.search(r'name="form_token" value="(\w+)"', (await other.get("/desk/account")).text)
        assert foreign
        for method, page in calls(office):
            if method != "POST":
                continue
            path = example(page.path, number)
            for token in ("", "0" * 80, "ä", foreign[1]):
                answer = await ask(browser, method, path, form_token=token, text="x")
                assert answer.status_code == 403, (path, token)
        own = re.search(r'name="form_token" value="(\w+)"', (await browser.get("/desk/account")).text)
        assert own
        for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            answer = await browser.client.post(
                f"/desk/cases/{number}/take", data={"form_token": own[1]}, headers=header, follow_redirects=False
            )
            assert answer.status_code == 403, header
        answer = await browser.client.post(
            f"/desk/cases/{number}/take", data={"form_token": own[1]}, headers={"Origin": "http://desk.test"}
        )
        assert answer.status_code == 200


async def test_every_answer_has_the_headers_that_guard_it(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Olga", "operator")
        number = await office.case()
        browser = await office.browser("Olga")
        for method, page in calls(office):
            if page.path.endswith("/events"):  # never ends; `test_browser.py` reads it
                continue
            answer = await ask(browser, method, example(page.path, number))
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
            assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "same-origin"
            if "text/html" in answer.headers.get("content-type", ""):
                assert not re.search(r"<script(?![^>]* src=\"/static/)", answer.text) and "style=" not in answer.text
                assert not re.search(r"(?:src|srcset)=\"(?:https?:)?//", answer.text), "nothing comes from elsewhere"
                assert not re.search(r"<(?:link|iframe|object)[^>]+https?://", answer.text)


async def test_cookies_are_for_https_and_for_no_script(tmp_path: Path) -> None:
    for url, secure in (("https://desk.example", True), ("", False)):
        home = tmp_path / str(secure)
        home.mkdir()
        async with Office(home, public_url=url) as office:
            await office.hire("Ana")
            browser = await office.browser()
            await browser.get("/desk/sign-in")
            answer = await browser.client.post(
                "/desk/sign-in",
                data={
                    "form_token": re.findall(r'name="form_token" value="(\w+)"', browser.last.text)[0],  # type: ignore[union-attr]
                    "email": "ana@ngo.example",
                    "password": "seven green umbrellas",
                },
                follow_redirects=False,
            )
            cookie = answer.headers["set-cookie"]
            assert "HttpOnly" in cookie and "SameSite=lax" in cookie
            assert ("Secure" in cookie and cookie.startswith("__Host-")) == secure


async def test_a_form_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        browser = await office.browser()

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"a" * 100_000

        answer = await browser.client.post("/desk/sign-in", content=b"email=" + b"a" * 2_000_000)
        assert answer.status_code == 413
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await browser.client.post("/desk/sign-in", content=endless(), headers=form)
        assert answer.status_code == 413
        form = {"content-type": "multipart/form-data"}
        answer = await browser.client.post("/desk/sign-in", content=b"no boundary", headers=form)
        assert answer.status_code in (400, 403)


async def test_too_many_requests_of_one_address_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = [100.0]
    monkeypatch.setattr(security, "time", SimpleNamespace(monotonic=lambda: minutes[0] * 60))
    async with Office(tmp_path) as office:
        browser, other = await office.browser(), await office.browser(address="192.0.2.99")
        answers = [(await browser.client.get("/desk/no-such-page", follow_redirects=False)).status_code]
        answers += [
            (await browser.client.get("/desk/account", follow_redirects=False)).status_code for _ in range(PER_MINUTE)
        ]
        assert set(answers[1:]) == {303}
        assert (await browser.client.get("/desk/sign-in")).status_code == 429
        assert (await other.client.get("/desk/sign-in")).status_code == 200
        minutes[0] += 1
        assert (await browser.client.get("/desk/sign-in")).status_code == 200


async def test_the_proxy_is_believed_and_nobody_else(tmp_path: Path) -> None:
    async with Office(tmp_path, proxies="10.0.0.1, 10.0.0.2/32") as office:

        def seen(client: str, forwarded: str) -> str:
            scope = {"type": "http", "client": (client, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
            return office.desk.callers.address(Request(scope))

        assert seen("192.0.2.1", "203.0.113.9") == "192.0.2.1"
        assert seen("10.0.0.1", "203.0.113.9") == "203.0.113.9"
        assert seen("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2") == "203.0.113.9"


@pytest.mark.parametrize("public_url", ["", "https://desk.example"])
async def test_the_pages_for_trying_out_are_behind_the_sign_in_of_a_public_service(
    tmp_path: Path, public_url: str
) -> None:
    async with Office(tmp_path, public_url=public_url) as office:
        await office.hire("Ana", "editor")

        async def page(_request: Request) -> PlainTextResponse:
            return PlainTextResponse("the page")

        office.app.router.routes.extend(
            behind(office.desk, [Route("/try", page), Route("/try", page, methods=["POST"]), Route("/preview", page)])
        )
        stranger, ana = await office.browser(), await office.browser("Ana")
        for method, path in (("GET", "/try"), ("POST", "/try"), ("GET", "/preview")):
            answer = await ask(stranger, method, path)
            assert ("the page" in answer.text) == (not public_url)
            assert "the page" in (await ask(ana, method, path)).text


async def test_after_signing_in_nobody_is_sent_elsewhere(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        for target in ("https://evil.example", "//evil.example", "/\\evil.example", "/desk//evil.example"):
            browser = await office.browser()
            page = await browser.get("/desk/sign-in", params={"next": target})
            assert "evil" not in page.text
