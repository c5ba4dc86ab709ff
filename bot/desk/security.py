"""What keeps the desk's pages safe whatever stands on them: headers, cookies, forms, and how often one address may ask."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.desk.sessions import form_token

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


class Cookies:
    """The desk's cookies. secure: only over https, when the service has a public https address."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure
        prefix = "__Host-" if secure else ""
        self.session, self.form, self.language = f"{prefix}kasama_desk", f"{prefix}kasama_form", "kasama_language"

    def put(self, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
        """Set one. Lax: a link in an e-mail leads to the page it names. seconds: None: until the browser closes."""
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, secure=self.secure, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Delete one."""
        response.delete_cookie(name, path="/", httponly=True, secure=self.secure, samesite="lax")


def is_own_form(request: Request, secret: str, given: str, public_url: str) -> bool:
    """Whether a form came from a page of ours: it carries the token, and the browser names no other site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    hosts = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    if origin and urlsplit(origin).netloc not in hosts:
        return False
    return bool(secret) and hmac.compare_digest(form_token(secret, given[:16] or "-").encode(), given.encode())


class Callers:
    """Where requests come from. proxies: addresses or networks whose X-Forwarded-For is believed."""

    def __init__(self, proxies: Iterable[str]) -> None:
        self._proxies = [ip_network(proxy, strict=False) for proxy in proxies]

    def address(self, request: Request) -> str:
        """The nearest address that is no proxy of ours."""
        nearest = request.client.host if request.client else ""
        forwarded = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
        for further in reversed([part for part in forwarded if part]):
            if not self._ours(nearest):
                break
            nearest = further
        return nearest[:60]

    def _ours(self, name: str) -> bool:
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


class Rate:
    """How often one address may ask, counted per minute in this process."""

    def __init__(self, per_minute: int, *, remembered: int = 10_000) -> None:
        self._most, self._remembered = per_minute, remembered
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def allows(self, who: str) -> bool:
        """Count a request; whether it is still within the limit."""
        minute = int(time.monotonic() // 60)
        since, count = self._seen.pop(who, (minute, 0))
        count = count + 1 if since == minute else 1
        self._seen[who] = minute, count
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return count <= self._most
