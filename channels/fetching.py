"""Fetches a file that came with a message: never more of it than wanted, and from no other host than the provider's."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from bot.messages import DeliveryError

REDIRECTS = 3


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    *,
    largest: int,
    allowed: Callable[[str], bool],
    auth: tuple[str, str] | None = None,
) -> tuple[bytes, str]:
    """The content of `url`, at most `largest` bytes, and its content type, empty when none is given.

    allowed: whether an address may be asked at all; asked for each redirect too, which gets no `auth`. Raises `DeliveryError`.
    """
    for _ in range(REDIRECTS + 1):
        if not allowed(url):
            raise DeliveryError("file at a foreign address", permanent=True)
        try:
            # An empty login keeps one in the address itself, or in a file of the environment, from being sent.
            async with client.stream("GET", url, auth=auth or _no_login, follow_redirects=False) as answer:
                if answer.is_redirect:
                    url, auth = str(answer.url.join(answer.headers.get("location", ""))), None
                    continue
                if answer.status_code != 200:
                    gone = answer.status_code in (400, 401, 403, 404, 410)
                    raise DeliveryError(f"file: HTTP {answer.status_code}", permanent=gone)
                return await _content(answer, largest), answer.headers.get("content-type", "").partition(";")[0][:100]
        except httpx.TimeoutException:
            raise DeliveryError("file: timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeliveryError("file: connection lost") from None
    raise DeliveryError("file: too many redirects", permanent=True)


def host(url: str) -> str:
    """Scheme, host and port of an address, in one form; empty for none."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}" if parts.hostname and not parts.username else ""
    except ValueError:
        return ""


async def _content(answer: httpx.Response, largest: int) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_bytes(65536):
        content += chunk
        if len(content) > largest:
            raise DeliveryError("file: too large", permanent=True)
    return bytes(content)


def _no_login(request: httpx.Request) -> httpx.Request:
    request.headers.pop("authorization", None)
    return request
