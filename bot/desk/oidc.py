"""Signing in through an NGO's own identity provider: OpenID Connect, authorization code with PKCE.

Staff are still invited. Who comes back must have an account here, or an open invitation, for an e-mail address that the
provider has verified. The second factor is the provider's.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from starlette.responses import Response

from bot.desk import audit
from bot.desk.desk import SIGN_IN, Desk, Page, Visit
from bot.desk.sessions import end_all
from bot.desk.signing_in import begin, inside
from bot.desk.staff import ROLES, by_email, join, name_is_free
from bot.store.desk_tables import Invitation, Staff
from bot.store.models import now

with warnings.catch_warnings():
    # It says that it wants another HTTP library from its next major version on; the lock keeps this one.
    import authlib.deprecate  # sets a filter of its own, so it comes first

    warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client

log = structlog.get_logger(__name__)

START, BACK = "/desk/oidc", "/desk/oidc/back"
LASTS = 600
"""Seconds from the click to the way back."""

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Only signatures that the provider alone can make."""


class NotSignedIn(Exception):
    """The provider's answer is no sign-in; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What it says of itself."""

    issuer: str
    authorize: str
    token: str
    keys: str


def pages(desk: Desk) -> list[Page]:
    """The way there and the way back; none where no provider is set."""
    return [Page(START, start, None), Page(BACK, back, None)] if desk.settings.oidc_issuer else []


async def start(visit: Visit) -> Response:
    """Off to the provider. What must be the same on the way back goes along in a signed cookie."""
    desk = visit.desk
    try:
        provider = await _provider(desk)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        log.error("the identity provider does not answer", error=type(error).__name__)
        return visit.problem(
            visit.say("Your organisation's sign-in does not answer. Use your password, or try later."), 502
        )
    verifier, nonce = generate_token(48), generate_token(24)
    async with _client(desk) as client:
        address, state = client.create_authorization_url(provider.authorize, code_verifier=verifier, nonce=nonce)
    onward = inside(visit.request.query_params.get("next", ""))
    response = visit.go(address)
    desk.cookies.put(response, _cookie(desk), _signer(desk).dumps([state, nonce, verifier, onward]), seconds=LASTS)
    return response


async def back(visit: Visit) -> Response:
    """Back from the provider: who is it, and does she work here?"""
    desk = visit.desk
    try:
        claims, onward = await _claims(visit)
        staff = await _who(desk, claims)
    except (NotSignedIn, httpx.HTTPError, JoseError, AuthlibBaseError, BadSignature, ValueError, KeyError) as error:
        why = str(error) if isinstance(error, NotSignedIn) else type(error).__name__
        log.warning("refused: a sign-in through the identity provider", why=why)
        text = visit.say(
            "This did not sign you in. Is there an invitation for your e-mail address? Otherwise try again."
        )
        return visit.problem(text, 403)
    response = await begin(visit, staff, "full", onward)
    desk.cookies.drop(response, _cookie(desk))
    return response


async def _claims(visit: Visit) -> tuple[dict[str, Any], str]:
    """What the provider says about her, checked; and where she wanted to go."""
    desk, asked = visit.desk, visit.request.query_params
    kept = visit.request.cookies.get(_cookie(desk), "")
    state, nonce, verifier, onward = _signer(desk).loads(kept, max_age=LASTS)
    if not asked.get("code") or asked.get("state") != state:
        raise NotSignedIn(f"no code, or another state ({asked.get('error', '')[:40]})")
    provider = await _provider(desk)
    async with _client(desk) as client:
        token = await client.fetch_token(provider.token, code=asked["code"], code_verifier=verifier)
        keys = (await client.request("GET", provider.keys, withhold_token=True)).json()
    decoded = jwt.decode(str(token["id_token"]), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    rules = jwt.JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": desk.settings.oidc_client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        sub={"essential": True},
    )
    rules.validate(decoded.claims)
    return decoded.claims, str(onward)


async def _who(desk: Desk, claims: dict[str, Any]) -> Staff:
    """Her account; made now if there is an invitation."""
    email = str(claims.get("email", ""))
    if claims.get("email_verified") is not True or email.count("@") != 1:
        raise NotSignedIn("the provider names no verified e-mail address")
    async with desk.database.write() as session:
        marks = desk.vault.marks("staff", email.casefold())
        open_ones = select(Invitation).where(
            Invitation.email_mark.in_(marks), Invitation.used_at.is_(None), Invitation.ends_at > now()
        )
        invitation = (await session.execute(open_ones)).scalars().first()
        staff = await by_email(session, desk.vault, email)
        if staff is None and invitation is not None:
            name = " ".join(str(claims.get("name") or email.partition("@")[0]).split())[:60]
            if not await name_is_free(session, invitation.partner_id, name):
                name = f"{name[:50]} {int(time.time()) % 1000}"
            await desk.invitations.use(session, invitation)
            staff = await join(session, desk.vault, invitation, email=email, name=name, password="")
            await end_all(session, staff.id)
            audit.note(session, staff.partner_id, staff.name, "joined", ROLES[staff.role])
        if staff is None or not staff.active:
            raise NotSignedIn("nobody here has this address, or her account is closed")
    return staff


async def _provider(desk: Desk) -> Provider:
    """Asked each time: a provider may move, and staff sign in seldom. Raises httpx.HTTPError, ValueError, KeyError."""
    issuer = desk.settings.oidc_issuer
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.get(f"{issuer}/.well-known/openid-configuration")
    answer.raise_for_status()
    told = answer.json()
    if str(told["issuer"]).rstrip("/") != issuer:
        raise ValueError("it calls itself otherwise")
    return Provider(told["issuer"], told["authorization_endpoint"], told["token_endpoint"], told["jwks_uri"])


def _client(desk: Desk) -> Any:
    return AsyncOAuth2Client(
        desk.settings.oidc_client_id,
        desk.settings.oidc_client_secret.get_secret_value(),
        scope="openid email profile",
        redirect_uri=desk.link(BACK),
        code_challenge_method="S256",
        timeout=10,
    )


def _signer(desk: Desk) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(desk.vault.marks("signing key", "identity provider")[::-1], salt=SIGN_IN)


def _cookie(desk: Desk) -> str:
    return f"{desk.cookies.session}_oidc"
