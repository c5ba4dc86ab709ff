"""SMS through any gateway that speaks HTTP: a local aggregator, or an Android phone with a SIM card of the country."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import ipaddress
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.messages import AlreadyTaken, DeliveryError, Inbound, OnStatus, Outbound, Receive
from bot.national import count_national
from bot.pace import Pace
from bot.segments import count, split
from bot.settings import Settings, SettingsError
from channels.gateway_profile import Profile, fill, load_profile
from channels.gateway_webhook import (
    Refused,
    Unreadable,
    address,
    check_guard,
    fits,
    free_text,
    made_id,
    moment,
    read_calls,
    word,
)
from channels.parts import PartsSent
from channels.twilio_sms import as_sms
from channels.webhook import read_body, refuse, stored

log = structlog.get_logger(__name__)

PATH, STATUS_PATH = "/webhooks/sms-gateway", "/webhooks/sms-gateway/status"

LARGEST_ANSWER = 64 * 1024


class HttpSms:
    """The `sms_gateway` channel. Addresses are E.164 numbers, or short codes as the gateway gives them.

    on_status: may be set later; called for each report of a message's fate.
    """

    name = "sms_gateway"

    def __init__(self, settings: Settings, *, on_status: OnStatus | None = None) -> None:
        assert settings.sms_gateway is not None
        self.on_status = on_status
        self._profile: Profile = load_profile(settings.sms_gateway)
        self._secret = settings.sms_gateway_secret.get_secret_value()
        self._password = settings.sms_gateway_password.get_secret_value()
        self._status_url = f"{settings.public_url}{STATUS_PATH}" if settings.public_url else ""
        for placeholder, value, setting in (
            ("password", self._password, "KASAMA_SMS_GATEWAY_PASSWORD"),
            ("status_url", self._status_url, "KASAMA_PUBLIC_URL"),
        ):
            if not value and (
                self._profile.uses(placeholder) or (placeholder == "password" and self._profile.send.user)
            ):
                raise SettingsError(f"{setting} is missing: {settings.sms_gateway} uses it.")
        send = self._profile.send
        timeout = httpx.Timeout(send.timeout, connect=min(send.timeout, 5.0))
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=not _is_near(send.url))
        self._parts = PartsSent()
        self.can_tell = bool(self._profile.answer.already)
        self._count = functools.partial(count_national, languages=send.national) if send.national else count
        self.pace = Pace(1 / send.pause if send.pause else 0)

    def render(self, message: Outbound) -> list[str]:
        """The text with its choices as a numbered list; several only beyond what the gateway takes at once."""
        return [part for text in as_sms(message, self._count) for part in split(text, self._profile.send.longest)]

    def units(self, message: Outbound) -> int:
        """Requests that a message takes; the profile's pause is between two of them."""
        return len(self.render(message))

    async def send(self, address: str, message: Outbound, *, key: str) -> str:
        """Hand the message over; returns the gateway's id of its last part, or ours where it gives none."""
        parts = self.render(message)
        if not parts[0]:
            raise DeliveryError("empty", permanent=True)
        made = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:28]
        already = False

        async def send_part(part: tuple[int, str]) -> str:
            nonlocal already
            try:
                return await self._hand_over(address, part[1], f"{made}-{part[0]}")
            except AlreadyTaken as taken:
                already = True
                return taken.provider_id

        provider_id = (await self._parts.send(key, list(enumerate(parts)), send_part))[-1]
        if already:
            raise AlreadyTaken(provider_id)
        return provider_id

    async def _hand_over(self, address: str, text: str, our_id: str) -> str:
        request = self._request(address, text, our_id)
        timeout = self._profile.send.timeout
        try:
            async with asyncio.timeout(timeout), self._client.stream(**request) as answer:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        break
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise DeliveryError("unreachable", refused=True) from None
        except (TimeoutError, httpx.TimeoutException):
            raise DeliveryError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeliveryError("connection lost") from None
        return self._read_answer(answer, body.decode(errors="replace"), our_id)

    def _request(self, address: str, text: str, our_id: str) -> dict[str, Any]:
        send = self._profile.send
        values = {
            "to": address, "to_digits": address.lstrip("+"), "from": self._profile.sender, "text": text, "id": our_id,
            "password": self._password, "secret": self._secret, "status_url": self._status_url,
        }  # fmt: skip
        fields = send.fields | (send.unicode_fields if self._count(text).encoding == "UCS-2" else {})
        request: dict[str, Any] = {
            "method": send.method,
            "url": fill(send.url, values, lambda part: quote(part, safe="")),
            "headers": fill(send.headers, values),
        }
        if send.user:
            request["auth"] = (send.user, self._password)
        filled = fill(fields, values)
        if send.body == "json":
            request["json"] = filled
        else:
            request["data" if send.body == "form" else "params"] = filled
        return request

    def _read_answer(self, answer: httpx.Response, body: str, our_id: str) -> str:
        rules, status = self._profile.answer, answer.status_code
        if status in rules.already:
            raise AlreadyTaken(our_id)
        taken = status in rules.accepted if rules.accepted else 200 <= status < 300
        if taken and re.search(rules.contains, body):
            if not rules.id:
                return our_id
            if found := _read(rules.id, body)[:100]:
                return found
            raise DeliveryError(f"{status} without id")
        why = _code(_read(rules.error, body))
        never = status in rules.never or bool(rules.never_if and re.search(rules.never_if, body))
        raise DeliveryError(
            f"{status} {why}".strip(),
            permanent=never,
            opted_out=bool(rules.opted_out_if and re.search(rules.opted_out_if, body)),
            retry_after=_seconds(answer.headers.get("retry-after")),
            # A 2xx without the words it should have is no refusal: a part of the answer may be lost.
            refused=300 <= status < 500 or bool(why),
        )

    async def find(self, address: str, message: Outbound, *, since: datetime, known: set[str]) -> str | None:
        """Always None: gateways do not tell. Those that know our id say so when it comes again, see `already`."""
        return None

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook for messages and the one for their fate; only what the gateway signed, or its token, gets in."""
        rules, fate = self._profile.receive, self._profile.status

        async def inbound(request: Request) -> Response:
            calls = await self._calls(request, rules.each)
            if isinstance(calls, Response):
                return calls
            done: Response = PlainTextResponse(rules.reply)
            for call in calls:
                if not fits(rules.only, call):
                    continue
                if sender := word(call, rules.sender):
                    done = await stored(receive(self._inbound(call, sender)), done, channel=self.name)
                else:  # the others of this call are stored all the same
                    done = PlainTextResponse(f"{rules.sender} is missing or too long: no message.", 400)
            return done

        async def status(request: Request) -> Response:
            if fate is None:
                return refuse("The profile of the SMS gateway has no part `status`.")
            calls = await self._calls(request, fate.each)
            if isinstance(calls, Response):
                return calls
            for call in calls:
                if not fits(fate.only, call):
                    continue
                provider_id, said = word(call, fate.id), word(call, fate.status)
                if not provider_id or not said:
                    return PlainTextResponse(f"{fate.id} or {fate.status} is missing: no report.", 400)
                if self.on_status is not None:
                    noting = self.on_status(
                        provider_id, fate.means.get(said, said), _code(word(call, fate.error)) or None
                    )
                    done = await stored(noting, Response(), channel=self.name)
                    if done.status_code != 200:
                        return done
            return PlainTextResponse("")

        return [
            Route(PATH, inbound, methods=[rules.method]),
            Route(STATUS_PATH, status, methods=[fate.method if fate else "POST"]),
        ]

    async def _calls(self, request: Request, each: str) -> list[Any] | Response:
        body = await read_body(request)
        try:
            check_guard(self._profile.receive, self._secret, request, body)
            return read_calls(self._profile.receive, each, request, body)
        except Refused as error:
            log.warning("a call to the SMS gateway's webhook was refused", why=str(error))
            return refuse(str(error))
        except Unreadable as error:
            return PlainTextResponse(f"Not what the profile of the SMS gateway says: {error}.", 400)

    def _inbound(self, call: Any, sender: str) -> Inbound:
        rules = self._profile.receive
        text, stamp = free_text(call, rules.text), word(call, rules.time)
        provider_id = word(call, rules.id)
        if not provider_id:
            # Without a time stamp nothing tells a repeated call from a repeated word; rather twice than lost.
            provider_id = made_id(sender, text, stamp) if stamp else f"new-{secrets.token_hex(16)}"
        return Inbound(
            channel=self.name,
            address=address(sender, rules.country),
            text=text,
            provider_id=provider_id,
            received_at=moment(stamp) or datetime.now(UTC),
        )

    async def run(self, receive: Receive) -> None:
        """Nothing to fetch: the gateway comes to us."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _read(reader: str, body: str) -> str:
    """What a path or an expression finds in an answer; empty when nothing."""
    if not reader:
        return ""
    if not reader.startswith("/"):
        found = re.search(reader, body)
        return (found[1] or "").strip() if found else ""
    try:
        return word(json.loads(body), reader)
    except (ValueError, RecursionError):
        return ""


def _code(text: str) -> str:
    """An error code as it may be logged: nothing in it that could be a phone number or her words."""
    return text if re.fullmatch(r"[A-Za-z_.\- ]{0,40}[0-9]{0,5}", text) else ""


def _seconds(header: str | None) -> float | None:
    """Of a Retry-After header in seconds, at most an hour."""
    return min(float(header), 3600.0) if header and re.fullmatch("[0-9]{1,9}", header) else None


def _is_near(url: str) -> bool:
    """Whether the gateway stands on this machine or in its network, where no proxy leads to."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
