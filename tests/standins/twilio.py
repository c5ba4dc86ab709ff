"""Stands in for Twilio's REST API for messages, and signs webhooks as Twilio does."""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jsonschema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tests.standins.serving import SPECS, Failure, StandIn

_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
_ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")


class TwilioStandIn(StandIn):
    """messages: what it has taken, newest first, in the form of the API. problems: why it refused what it refused.

    refusals: number -> Twilio's error code for everything sent to it, for example 21610.
    list_failures: as `failures`, for the list of what came in, which the service asks for by itself.
    """

    def __init__(self, number: str = "+12025550142") -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.elsewhere = ""
        self.account_sid, self.auth_token, self.number = "AC" + "a1" * 16, "token-of-the-stand-in", number
        self.messages: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.refusals: dict[str, int] = {}
        self.media: dict[str, list[dict[str, Any]]] = {}
        self.list_failures: list[Failure] = []
        spec = SPECS / "twilio_messages.openapi.json"
        self.spec: dict[str, Any] = json.loads(spec.read_text()) if spec.exists() else {}
        self.app = Starlette(
            routes=[
                Route("/2010-04-01/Accounts/{account}/Messages.json", self._create, methods=["POST"]),
                Route("/2010-04-01/Accounts/{account}/Messages.json", self._list, methods=["GET"]),
                Route("/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json", self._media, methods=["GET"]),
                Route("/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{name}", self._file, methods=["GET"]),
                Route("/store/{name}", self._stored, methods=["GET"]),
            ]
        )

    def forget(self) -> None:
        """See `StandIn.forget`."""
        super().forget()
        self.messages.clear()
        self.problems.clear()
        self.refusals.clear()
        self.media.clear()
        self.list_failures.clear()

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a service that uses this server."""
        return {
            "twilio_account_sid": self.account_sid,
            "twilio_auth_token": self.auth_token,
            "twilio_from": self.number,
            "twilio_api_url": self.url,
            "twilio_segments_per_second": "0",
        }

    def arrives(
        self, sender: str, body: str, *, age: timedelta = timedelta(minutes=1), media: tuple[str, ...] = (), **more: Any
    ) -> str:
        """A message to us that Twilio has and may have told us of or not; returns its sid. media: content types."""
        at, sid = datetime.now(UTC) - age, ("MM" if media else "SM") + secrets.token_hex(16)
        uri = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}"
        message = {
            **self._message(sid, body, format_datetime(at)), "date_sent": format_datetime(at), "direction": "inbound",
            "from": sender, "num_media": str(len(media)), "status": "received", "to": self.number, **more,
        }  # fmt: skip
        older = (n for n, m in enumerate(self.messages) if parsedate_to_datetime(m["date_created"]) <= at)
        self.messages.insert(next(older, len(self.messages)), message)
        self.media[sid] = [
            {"account_sid": self.account_sid, "content_type": kind, "date_created": format_datetime(at), "date_updated":
             format_datetime(at), "parent_sid": sid, "sid": f"ME{n:032x}", "uri": f"{uri}/Media/ME{n:032x}.json"}
            for n, kind in enumerate(media)
        ]  # fmt: skip
        return sid

    def _message(self, sid: str, body: str, at: str) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}"
        return {
            "account_sid": self.account_sid, "api_version": "2010-04-01", "body": body, "date_created": at, "date_sent": None,
            "date_updated": at, "error_code": None, "error_message": None, "messaging_service_sid": None, "num_media": "0",
            "num_segments": "1", "price": None, "price_unit": None, "sid": sid,
            "subresource_uris": {"media": f"{uri}/Media.json"}, "uri": f"{uri}.json",
        }  # fmt: skip

    def texts(self, to: str | None = None) -> list[str]:
        """Bodies of what was sent, oldest first."""
        ours = (m for m in reversed(self.messages) if m["direction"] != "inbound")
        return [m["body"] for m in ours if to is None or m["to"] == to]

    def inbound(self, sender: str, body: str, sid: str | None = None, **more: str) -> dict[str, str]:
        """The form of an incoming message, with all that Twilio sends along."""
        sid = sid or "SM" + secrets.token_hex(16)
        return {
            "ToCountry": "US", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
            "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "HK",
            "To": self.number, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": self.account_sid,
            "From": sender, "ApiVersion": "2010-04-01", **more,
        }  # fmt: skip

    def status(self, sid: str, status: str, error_code: str = "") -> dict[str, str]:
        """The form of a status callback."""
        form = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status, "From": self.number}
        return (
            form
            | {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01"}
            | ({"ErrorCode": error_code} if error_code else {})
        )

    def signed(self, url: str, form: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a webhook to `url`."""
        signature = RequestValidator(self.auth_token).compute_signature(url, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return urlencode(form).encode(), headers

    async def _create(self, request: Request) -> Response:
        form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        self.requests.append(("POST", request.url.path, dict(form)))

        async def answer() -> Response:
            refused = self._refuse_caller(request) or self._refuse_message(form)
            if refused:
                return refused
            values = dict(form)
            now, sid = format_datetime(datetime.now(UTC)), "SM" + secrets.token_hex(16)
            message = {
                **self._message(sid, values["Body"], now), "direction": "outbound-api", "from": values.get("From"),
                "messaging_service_sid": values.get("MessagingServiceSid"), "status": "queued", "to": values["To"],
            }  # fmt: skip
            self.messages.insert(0, message)
            return JSONResponse(message, 201)

        return await self.fail(request, answer)

    async def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.requests.append(("GET", request.url.path, query))

        async def answer() -> Response:
            refused = self._refuse_caller(request) or self._refuse_query(query)
            if refused:
                return refused
            found = [
                m
                for m in self.messages
                if query.get("To") in (None, m["to"]) and query.get("From") in (None, m["from"])
            ]
            page, size = int(query.get("Page", 0)), int(query.get("PageSize", 50))
            more = len(found) > (page + 1) * size
            following = urlencode({**query, "Page": page + 1, "PageSize": size})
            return JSONResponse({
                "messages": found[page * size : (page + 1) * size], "page": page, "page_size": size,
                "start": page * size, "end": page * size + len(found) - 1,
                "uri": request.url.path, "first_page_uri": request.url.path,
                "previous_page_uri": None, "next_page_uri": f"{request.url.path}?{following}" if more else None,
            })  # fmt: skip

        coming_in = query.get("To", "").removeprefix("whatsapp:") in ("", self.number)
        return await self.fail(request, answer, self.list_failures if coming_in else self.failures)

    async def _media(self, request: Request) -> Response:
        self.requests.append(("GET", request.url.path, dict(request.query_params)))

        async def answer() -> Response:
            if refused := self._refuse_caller(request):
                return refused
            found = self.media.get(request.path_params["sid"], [])
            return JSONResponse({
                "media_list": found, "page": 0, "page_size": 50, "start": 0, "end": len(found), "uri": request.url.path,
                "first_page_uri": request.url.path, "previous_page_uri": None, "next_page_uri": None,
            })  # fmt: skip

        return await self.fail(request, answer)

    async def _file(self, request: Request) -> Response:
        """As Twilio does: with a login, and then on to where the file lies, without one."""

        async def answer() -> Response:
            refused = self._refuse_caller(request)
            where = self.elsewhere or f"{self.url}/store/{request.path_params['name']}"
            return refused or RedirectResponse(where, 307)

        return await self.fail(request, answer)

    async def _stored(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response("our login does not belong here", 400)
        content = self.files.get(request.path_params["name"])
        return Response(status_code=404) if content is None else Response(content, media_type="image/png")

    def _refuse_caller(self, request: Request) -> Response | None:
        wanted = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if (
            request.headers.get("authorization") != f"Basic {wanted}"
            or request.path_params["account"] != self.account_sid
        ):
            return self._error(401, 20003, "Authenticate")
        return None

    def _refuse_message(self, form: list[tuple[str, str]]) -> Response | None:
        values = dict(form)
        to, sender = values.get("To", ""), values.get("From", "")
        if to in self.refusals:
            return self._error(400, self.refusals[to], f"The message to {to} cannot be sent")
        if not to:
            return self._error(400, 21604, "A 'To' phone number is required.")
        if not values.get("Body"):
            return self._error(400, 21602, "Message body is required.")
        if not _ADDRESS.fullmatch(to):
            return self._error(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if not sender and not values.get("MessagingServiceSid"):
            return self._error(400, 21603, "A 'From' phone number is required.")
        network = "whatsapp:" if to.startswith("whatsapp:") else ""
        if sender and sender != network + self.number:
            return self._error(400, 21606, f"The 'From' number {sender} is not yours")
        if len(values["Body"]) > 1600:
            return self._error(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if self.spec:
            described = self.spec["paths"][_PATH]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
            for problem in self._against(described["schema"], form):
                return self._error(400, 21600, problem)
        return None

    def _refuse_query(self, query: dict[str, str]) -> Response | None:
        if self.spec:
            known = {
                p["name"]: p["schema"] for p in self.spec["paths"][_PATH]["get"]["parameters"] if p["in"] == "query"
            }
            for problem in self._against({"type": "object", "properties": known}, list(query.items())):
                return self._error(400, 20001, problem)
        return None

    def _against(self, schema: dict[str, Any], form: list[tuple[str, str]]) -> list[str]:
        """What the published description does not allow in these parameters; one that it does not know neither."""
        values: dict[str, Any] = {}
        for name, text in form:
            kind = schema["properties"].get(name, {}).get("type", "string")
            value: Any = text
            if kind == "integer" and re.fullmatch(r"-?\d+", text):
                value = int(text)
            elif kind == "boolean" and text in ("true", "false"):
                value = text == "true"
            elif kind == "array":
                value = [*values.get(name, []), text]
            values[name] = value
        whole = {**schema, "additionalProperties": False, "components": self.spec["components"]}
        return [error.message for error in jsonschema.Draft7Validator(whole).iter_errors(values)]

    def _error(self, status: int, code: int, message: str) -> Response:
        self.problems.append(f"{code} {message}")
        more = f"https://www.twilio.com/docs/errors/{code}"
        return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)
