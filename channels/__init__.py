"""One module per channel, all of one shape: see `Channel`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from starlette.routing import Route

from bot.messages import OnReachable, OnStatus, Outbound, Receive, ReceivePartner


class Channel(Protocol):
    """What every channel can do.

    name: the word that `Inbound.channel` and the outbox use for it.
    """

    name: str

    def render(self, message: Outbound) -> list[str]:
        """The text or texts that the recipient will read, choices included as this channel shows them."""

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand `message` to the provider; returns the provider's id of it.

        key: unique per delivery; a channel whose provider knows idempotency keys passes it on.
        Raises `DeliveryError`, and `AlreadyTaken` where the provider knows the key from an earlier try.
        """

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """The provider's id of `message` if the provider already took it, else None.

        Asked after a crash between handing over and noting so. `since`: when handing over began
        (UTC); `known`: provider ids that belong to other deliveries. A provider that cannot tell: None.
        """

    def routes(self, receive: Receive) -> list[Route]:
        """The webhooks of this channel; a request that the provider did not sign gets 403 and stores nothing."""

    async def run(self, receive: Receive) -> None:
        """Fetches messages until cancelled, where the provider is polled; returns at once elsewhere."""

    async def close(self) -> None:
        """Frees connections."""


Stored = Callable[[str, Sequence[str]], Awaitable[set[str]]]
"""Tells, for a channel's name and provider ids, which of these messages are here already."""


class Looks(Protocol):
    """Takes in what a provider lists and its webhooks did not bring; see `channels.twilio_reconciling`."""

    stored: Stored | None

    async def look(self, receive: Receive, since: datetime, *, younger: timedelta) -> int:
        """Takes in what is missing since then; returns how many. Raises `DeliveryError` when there is no list."""


@runtime_checkable
class Reconciles(Protocol):
    """A channel whose provider can be asked for messages that never arrived."""

    @property
    def reconciliation(self) -> Looks:
        """What looks for them."""


@runtime_checkable
class TellsFate(Protocol):
    """A channel whose provider says later what became of a message. on_status: set where the app is put together."""

    on_status: OnStatus | None


@runtime_checkable
class Clears(Protocol):
    """A channel that can delete what has been written."""

    async def clear(self, address: str, ids: Sequence[str]) -> None:
        """Delete these messages, hers and ours, as far as the provider lets us. Raises `DeliveryError`."""


@runtime_checkable
class Downloads(Protocol):
    """A channel that can fetch what came with a message."""

    async def download(self, reference: str, largest: int) -> tuple[bytes, str]:
        """The content of `Media.reference` and its type, empty when unknown. largest: bytes. Raises `DeliveryError`."""


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel that can show that an answer is being made."""

    async def typing(self, address: str) -> None:
        """Show it for some seconds. Raises nothing."""


@runtime_checkable
class HearsPartners(Protocol):
    """A channel on which partners write too. receive_partner: set where the app is put together."""

    receive_partner: ReceivePartner | None


@runtime_checkable
class TellsReach(Protocol):
    """A channel that is told when she blocks us. on_reachable: set where the app is put together."""

    on_reachable: OnReachable | None


@runtime_checkable
class TellsTrouble(Protocol):
    """A channel that knows when it takes nothing in."""

    def trouble(self) -> str | None:
        """What is wrong, in words for the operator; None: nothing."""


@runtime_checkable
class CanTell(Protocol):
    """A channel that may know what its provider has. can_tell: when `find` finds nothing, and `send` is not `AlreadyTaken`,
    the provider has not had the message; otherwise nobody knows.
    """

    can_tell: bool
