"""Signing in through an identity provider, against a stand-in that refuses what a provider refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import update

from bot.store.desk_tables import Staff
from tests.desk.office import Browser, Office
from tests.standins.identity import IdentityProvider

PUBLIC = "https://desk.example"
ANA = {"email": "ana@ngo.example", "email_verified": True, "name": "Ana"}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider("desk", "a secret of the registration", f"{PUBLIC}/desk/oidc/back") as standin:
        standin.claims = dict(ANA)
        yield standin


def office_with(folder: Path, provider: IdentityProvider) -> Office:
    return Office(
        folder,
        public_url=PUBLIC,
        oidc_issuer=provider.url,
        oidc_client_id="desk",
        oidc_client_secret="a secret of the registration",
    )


async def go(browser: Browser, **changed: str) -> httpx.Response:
    """The whole way; changed: parameters of the way back."""
    there = await browser.client.get("/desk/oidc?next=/desk/account", follow_redirects=False)
    async with httpx.AsyncClient() as client:
        answer = await client.get(there.headers["location"])
    back = httpx.URL(answer.headers["location"]).copy_merge_params(changed)
    return await browser.client.get(back.raw_path.decode())


async def test_who_has_an_account_signs_in(tmp_path: Path, provider: IdentityProvider) -> None:
    async with office_with(tmp_path, provider) as office:
        await office.hire("Ana")
        browser = await office.browser()
        page = await browser.get("/desk/sign-in")
        assert "Sign in with your organisation" in page.text
        page = await go(browser)
        assert page.status_code == 200 and page.url.path == "/desk/account"


async def test_who_is_invited_gets_an_account_and_nobody_else(tmp_path: Path, provider: IdentityProvider) -> None:
    async with office_with(tmp_path, provider) as office:
        assert (await go(await office.browser())).status_code == 403
        async with office.database.write() as session:
            await office.desk.invitations.make(session, "Ana@ngo.example", "editor", "alpha", "t")
        browser = await office.browser()
        assert (await go(browser)).status_code == 200
        assert (await browser.get("/desk/cases")).status_code == 403, "an editor"
        # There is no password, so the other door stays shut.
        assert (await (await office.browser()).sign_in("Ana", password="")).status_code == 403
        async with office.database.write() as session:
            await session.execute(update(Staff).values(active=False))
        assert (await go(await office.browser())).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_verified": False}, {"email_verified": None}, {"email": ""}, {"email": "eve@ngo.example"},
        {"aud": "another client"}, {"iss": "https://other.example"}, {"nonce": "another"}, {"exp": 1}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_is_not_right_signs_nobody_in(
    tmp_path: Path, provider: IdentityProvider, wrong: dict[str, Any]
) -> None:
    async with office_with(tmp_path, provider) as office:
        await office.hire("Ana")
        provider.wrong = wrong
        browser = await office.browser()
        assert (await go(browser)).status_code == 403
        assert (await browser.get("/desk/account")).url.path == "/desk/sign-in"


async def test_a_forged_signature_or_a_foreign_way_back_signs_nobody_in(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    async with office_with(tmp_path, provider) as office:
        await office.hire("Ana")
        browser = await office.browser()
        assert (await go(browser, state="another")).status_code == 403
        assert (await go(browser, code="another")).status_code == 403
        stranger = await office.browser()
        assert (await stranger.get("/desk/oidc/back?code=x&state=y")).status_code == 403
        provider.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        assert (await go(browser)).status_code == 403


async def test_a_provider_that_is_down_is_told(tmp_path: Path, provider: IdentityProvider) -> None:
    async with office_with(tmp_path, provider) as office:
        office.settings.oidc_issuer = "http://127.0.0.1:9"
        page = await (await office.browser()).get("/desk/oidc")
        assert page.status_code == 502 and "does not answer" in page.text
