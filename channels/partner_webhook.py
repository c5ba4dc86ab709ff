"""Calls for help to a partner's own system: posted as JSON, signed, retried by the outbox like every delivery."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import httpx
from starlette.routing import Route

from bot.messages import DeliveryError, Outbound, Receive
from channels.signing import SIGNATURE, TIMESTAMP, sign


class PartnerWebhook:
    """The `webhook` channel. Addresses are URLs; the text is the JSON itself.

    secrets: set where the app is put together: the secrets for a URL, the first one signs. timeout: seconds per request.
    """

    name = "webhook"

    def __init__(self, *, timeout: float = 10.0) -> None:
        self.secrets: Callable[[str], Sequence[str]] = lambda _url: ()
        # Redirects are not followed: the secret vouches for one address, and her words go nowhere else.
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    def render(self, message: Outbound) -> list[str]:
        """The JSON as it is."""
        return [message.text]

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Post it; returns the key, which the partner sees as X-Kasama-Delivery and can know a repeat by."""
        secrets = self.secrets(address)
        if not secrets:
            raise DeliveryError("no secret for this address")
        body, timestamp = message.text.encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Kasama",
            "X-Kasama-Delivery": key,
            TIMESTAMP: timestamp,
            SIGNATURE: sign(secrets[0], timestamp, body),
        }
        try:
            answer = await self._client.post(address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise DeliveryError(type(error).__name__) from None
        except (httpx.InvalidURL, ValueError):
            raise DeliveryError("not an address", permanent=True) from None
        if answer.is_success:
            return key[:100]
        raise DeliveryError(str(answer.status_code), permanent=answer.status_code == 410)

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """Always None: the partner knows a repeat by X-Kasama-Delivery."""
        return None

    def routes(self, receive: Receive) -> list[Route]:
        """None here: what partners post back is taken in by `bot.cases.web`."""
        return []

    async def run(self, receive: Receive) -> None:
        """Nothing to fetch."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
