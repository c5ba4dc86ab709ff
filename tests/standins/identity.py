"""An identity provider on loopback (OpenID Connect): authorization code with PKCE, one-time codes, signed id tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.standins.serving import StandIn


class IdentityProvider(StandIn):
    """claims: what it says of whoever signs in. wrong: claims that go over the right ones; key: what it signs with."""

    def __init__(self, client_id: str, client_secret: str, redirect: str) -> None:
        super().__init__()
        self.claims: dict[str, Any] = {}
        self.wrong: dict[str, Any] = {}
        self.published = self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self._client, self._secret, self._redirect = client_id, client_secret, redirect
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )  # fmt: skip

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        wanted = {
            "response_type": "code", "client_id": self._client, "redirect_uri": self._redirect, "code_challenge_method": "S256",
        }  # fmt: skip
        if (
            any(asked.get(name) != value for name, value in wanted.items())
            or "openid" not in asked.get("scope", "").split()
        ):
            return JSONResponse({"error": "invalid_request", "got": asked}, 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{self._redirect}?code={code}&state={asked['state']}")

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        basic = base64.b64encode(f"{self._client}:{self._secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or form.get("redirect_uri") != self._redirect:
            return JSONResponse({"error": "invalid_grant"}, 400)
        moment = int(time.time())
        claims = {
            "iss": self.url, "aud": self._client, "sub": "1", "iat": moment, "exp": moment + 300, "nonce": asked["nonce"],
            **self.claims, **self.wrong,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.published.as_dict(private=False)]})
