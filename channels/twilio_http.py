"""Carries the requests of Twilio's library, over httpx.

The library's own asynchronous client ignores its timeout, logs phone numbers, and forgets the headers of an answer, so
that nobody would know how long Twilio asks us to wait.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from bot.messages import DeliveryError


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]
    """api_url: another server with Twilio's interface; empty: Twilio. timeout: seconds for a whole request."""

    def __init__(self, api_url: str = "", timeout: float = 15.0) -> None:
        super().__init__(logging.getLogger("twilio"), True, timeout)
        self._api_url = api_url
        # Another server is a test's: never through a proxy of the environment.
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout, connect=5.0), trust_env=not api_url)

    async def request(
        self, method: str, uri: str, params: dict[str, Any] | None = None, data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None, auth: tuple[str, str] | None = None, timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:  # fmt: skip
        """One request, as the library asks for it. Raises `DeliveryError` when there is no answer, or it is: later."""
        if self._api_url:
            uri = self._api_url + uri[len("://".join(urlsplit(uri)[:2])) :]
        try:
            answer = await self._client.request(
                method, uri, params=params, data=data, headers=headers, auth=auth, follow_redirects=allow_redirects
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise DeliveryError("unreachable", refused=True) from None
        except httpx.TimeoutException:
            raise DeliveryError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeliveryError("connection lost") from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise DeliveryError(
                str(answer.status_code),
                retry_after=_seconds(answer.headers.get("retry-after")),
                refused=answer.status_code == 429,
            )
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _seconds(header: str | None) -> float | None:
    """Of a Retry-After header in seconds; Twilio sends no dates. At most an hour: nobody waits for help that long."""
    return min(float(header), 3600.0) if header and header.isascii() and header.isdecimal() else None
