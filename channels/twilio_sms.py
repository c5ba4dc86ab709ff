"""SMS through Twilio."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from bot.messages import DeliveryError, OnStatus, Outbound, Receive
from bot.pace import Pace
from bot.segments import Segments, count, plain, split
from bot.settings import Settings
from channels.parts import PartsSent
from channels.twilio_errors import refusal
from channels.twilio_http import TwilioHttp
from channels.twilio_inbound import read_form, word
from channels.twilio_media import TwilioMedia
from channels.twilio_reconciling import Reconciliation
from channels.twilio_signature import addresses, fields, is_signed
from channels.webhook import read_body, refuse, stored

log = structlog.get_logger(__name__)

LONGEST = 1600
"""Characters that Twilio takes in one message."""

LONGEST_VALIDITY = 36_000
"""Seconds that Twilio keeps a message in its queue at most."""

EARLIER = timedelta(minutes=2)
"""How far Twilio's clock may be behind ours."""

PATH, STATUS_PATH = "/webhooks/twilio/sms", "/webhooks/twilio/status"

_TWIML = b'<?xml version="1.0" encoding="UTF-8"?>\n<Response/>'
_NOT_DELIVERED = {"failed", "undelivered", "canceled"}


def as_sms(message: Outbound, counting: Callable[[str], Segments] = count) -> list[str]:
    """The text with its choices as a numbered list, as cheap as it can be; several only beyond 1600 characters.

    counting: what a text costs on its way, where that is not as at Twilio.
    """
    lines = [message.text.rstrip(), *(f"{number} {c.label}" for number, c in enumerate(message.choices, 1))]
    return split(plain("\n".join(line for line in lines if line), counting), LONGEST)


class TwilioSms:
    """The `sms` channel. Addresses are E.164 numbers; of another network with its prefix (`whatsapp:+852…`).

    on_status: may be set later; called for each signed status callback. timeout: seconds for one request to Twilio.
    """

    name = "sms"
    can_tell = True

    def __init__(self, settings: Settings, *, on_status: OnStatus | None = None, timeout: float = 15.0) -> None:
        self.on_status = on_status
        self._sender, self._public_url = settings.twilio_from, settings.public_url
        # Only the one beside the public address: alone it would shut out the address that is in the console.
        self._public = (settings.public_url, settings.twilio_fallback_url if settings.public_url else "")
        self._token = settings.twilio_auth_token.get_secret_value()
        self._http = TwilioHttp(settings.twilio_api_url, timeout)
        self._media = TwilioMedia(settings.twilio_account_sid, self._token, settings.twilio_api_url)
        # A token of the environment must never stand in for a missing setting, hence never empty.
        self._client = Client(settings.twilio_account_sid or "none", self._token or "none", http_client=self._http)
        self._parts = PartsSent()
        self.pace = Pace(settings.twilio_segments_per_second)
        self._opt_out = settings.twilio_opt_out
        self.reconciliation = Reconciliation(self._client, self._sender, self._opt_out)

    def render(self, message: Outbound) -> list[str]:
        """See `as_sms`."""
        return as_sms(message)

    def units(self, message: Outbound) -> int:
        """Segments, which are what Twilio counts."""
        return sum(count(part).segments for part in self.render(message))

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand the message over; returns the sid of its last part.

        A text beyond 1600 characters goes in several messages. When a later one fails, those before it are remembered
        while this process lives, so that trying again with the same key goes on where it stopped.
        """
        parts = self.render(message)
        if not parts[0]:
            raise DeliveryError("empty", permanent=True)
        options: dict[str, Any] = self._from(address)
        if self._public_url:
            options["status_callback"] = self._public_url + STATUS_PATH
        if message.valid_for is not None:  # less than 6 s Twilio advises against: it might not even try
            options["validity_period"] = max(6, min(int(message.valid_for), LONGEST_VALIDITY))
        ids = await self._parts.send(key, parts, lambda part: self._create(to=address, body=part, **options))
        return ids[-1]

    async def _create(self, **options: Any) -> str:
        try:
            created = await self._client.messages.create_async(**options)
        except TwilioException as error:
            raise _delivery_error(error) from None
        except (ValueError, TypeError, KeyError, AttributeError):  # an answer without a body, or not Twilio's
            raise DeliveryError("unreadable answer") from None
        if not isinstance(created.sid, str) or not created.sid:
            raise DeliveryError("answer without sid")
        return created.sid

    def _from(self, address: str) -> dict[str, str]:
        if self._sender.startswith("MG"):
            return {"messaging_service_sid": self._sender}
        network, colon, _ = address.rpartition(":")
        return {"from_": f"{network}{colon}{self._sender}"}

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """The sid of `message` if Twilio has it. Raises `DeliveryError` when Twilio is silent: better late than twice.

        Not filtered by date: Twilio's filter looks at the date of sending, which a message in its queue does not have.
        """
        earliest = (since if since.tzinfo else since.replace(tzinfo=UTC)) - EARLIER
        wanted = [_comparable(part) for part in self.render(message)]
        found: dict[str, str] = {}
        try:
            async for sent in await self._client.messages.stream_async(to=address, limit=500, page_size=100):
                created = sent.date_created
                if created is not None and created < earliest:
                    break  # newest first
                if sent.sid not in known and self._is_ours(sent, address):
                    found[_comparable(sent.body or "")] = str(sent.sid)
        except TwilioException as error:
            if _status(error) in (404, 405):
                return None
            raise _delivery_error(error) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DeliveryError("unreadable list") from None
        return found[wanted[-1]] if all(part in found for part in wanted) else None

    def _is_ours(self, sent: MessageInstance, address: str) -> bool:
        """Whether we sent it and it is still under way or there. One that failed may be sent again."""
        sender = self._from(address)
        by = sent.from_ == sender.get("from_") if "from_" in sender else sent.messaging_service_sid == self._sender
        return bool(by and str(sent.status) not in _NOT_DELIVERED and str(sent.direction) != "inbound")

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook for messages and the one for their fate; only what Twilio signed gets in."""

        async def inbound(request: Request) -> Response:
            form = await self._signed_form(request)
            if isinstance(form, Response):
                return form
            read = read_form(form, self._opt_out)
            if isinstance(read, str):
                return PlainTextResponse(read, 400)
            return await stored(receive(read), Response(_TWIML, media_type="text/xml"), channel=self.name)

        async def status(request: Request) -> Response:
            form = await self._signed_form(request)
            if isinstance(form, Response):
                return form
            sid, state = word(form, "MessageSid", "SmsSid"), word(form, "MessageStatus", "SmsStatus")
            if not sid or not state:
                return PlainTextResponse("MessageSid or MessageStatus is missing: no status callback of Twilio.", 400)
            if self.on_status is None:
                return Response(status_code=204)
            code = word(form, "ErrorCode")
            noting = self.on_status(sid, state, refusal(code) if code else None)
            return await stored(noting, Response(status_code=204), channel=self.name)

        return [Route(PATH, inbound, methods=["POST"]), Route(STATUS_PATH, status, methods=["POST"])]

    async def _signed_form(self, request: Request) -> dict[str, str] | Response:
        if not self._token:
            return refuse("TWILIO_AUTH_TOKEN is not set, so nothing can prove that this comes from Twilio.")
        signature = request.headers.get("x-twilio-signature", "")
        if not signature:
            return refuse("X-Twilio-Signature is missing: this address takes requests from Twilio only.")
        body = await read_body(request)
        if not is_signed(self._token, addresses(request, *self._public), body, signature):
            # The usual cause is no forgery but a public address that differs from the one in the Twilio console.
            log.warning("a webhook was not signed by Twilio; is KASAMA_PUBLIC_URL the address in the Twilio console?")
            return refuse("X-Twilio-Signature does not fit this request and this service's address and token.")
        return fields(body)

    async def run(self, receive: Receive) -> None:
        """Twilio comes to us; what is fetched is what its webhooks did not bring."""
        await self.reconciliation.run(receive)

    async def download(self, reference: str, largest: int) -> tuple[bytes, str]:
        """See `channels.Downloads`."""
        return await self._media.download(reference, largest)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._media.close()


def _comparable(text: str) -> str:
    """A text as it can be recognised after Twilio's own replacement of typographic characters."""
    return " ".join(plain(text).split())


def _status(error: TwilioException) -> int | None:
    """HTTP status behind the library's error, which for lists it keeps in the arguments only."""
    answers = [a.status_code for a in error.args if isinstance(a, TwilioResponse)]
    return getattr(error, "status", None) or (answers[0] if answers else None)


def _delivery_error(error: TwilioException) -> DeliveryError:
    """What the library's error means for the delivery. Its own text is dropped: it quotes the phone number."""
    status = _status(error)
    meant = refusal(getattr(error, "code", None), otherwise=str(status or type(error).__name__))
    meant.refused = meant.refused or (status is not None and 400 <= status < 500)
    return meant
