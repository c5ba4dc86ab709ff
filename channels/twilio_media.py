"""Fetches what came with an MMS or a WhatsApp message: from Twilio's interface with our login, and from where it sends us on."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from bot.messages import DeliveryError
from channels.fetching import fetch, host

API = "https://api.twilio.com"
STORES = (".twilio.com", ".twiliocdn.com", ".amazonaws.com")
"""Ends of the hosts that Twilio keeps files at and redirects to, without our login."""

_PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/[A-Z]{2}[0-9a-f]{32}/Media/ME[0-9a-f]{32}(\.json)?")


class TwilioMedia:
    """api_url: another server with Twilio's interface; empty: Twilio."""

    def __init__(self, account: str, token: str, api_url: str = "", timeout: float = 30.0) -> None:
        self._login, self._api_url = (account, token), api_url
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout, connect=5.0), trust_env=not api_url)

    async def download(self, reference: str, largest: int) -> tuple[bytes, str]:
        """See `channels.Downloads`. reference: the address in the webhook, which must be one of this account's files."""
        try:
            parts = urlsplit(reference)
        except ValueError:
            raise DeliveryError("file: no address", permanent=True) from None
        found = _PATH.fullmatch(parts.path)
        if host(reference) not in (host(API), host(self._api_url)) or found is None or found[1] != self._login[0]:
            raise DeliveryError("file at a foreign address", permanent=True)
        url = (self._api_url or API) + parts.path.removesuffix(".json")
        return await fetch(self._client, url, largest=largest, allowed=self._allowed, auth=self._login)

    def _allowed(self, url: str) -> bool:
        if host(url) == host(self._api_url or API):
            return True
        if self._api_url:
            return False
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.port in (None, 443) and (parts.hostname or "").endswith(STORES)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
