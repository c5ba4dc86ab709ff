"""Shows her that an answer is being made, where the channel can. It never delays anything, and a quick answer needs none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.hiding import muted
from bot.store.crypto import Vault
from bot.store.models import Person
from channels import ShowsTyping

QUICK = 0.5
"""Seconds within which an answer needs no sign."""

LASTS = 4.5
"""Seconds after which a provider takes the sign away again."""


class TypingSign:
    """channels: by name; one that cannot do it is left out."""

    def __init__(self, vault: Vault, channels: Mapping[str, object]) -> None:
        self._vault, self._channels = vault, channels

    @asynccontextmanager
    async def shown(self, person: Person) -> AsyncIterator[None]:
        """Shown while the body runs, unless she has hidden the talk."""
        channel = self._channels.get(person.channel)
        if not isinstance(channel, ShowsTyping) or muted(person):
            yield
            return
        showing = asyncio.create_task(self._show(channel, person.address_sealed))
        try:
            yield
        finally:
            showing.cancel()

    async def _show(self, channel: ShowsTyping, address: bytes) -> None:
        await asyncio.sleep(QUICK)
        while True:
            await channel.typing(self._vault.open(address))
            await asyncio.sleep(LASTS)
