"""Stands in for two SMS gateways, each spoken to by the profile that is shipped for it in `deploy/gateways/`.

`GatewayStandIn("android-phone")` is the server of SMS Gateway for Android, `GatewayStandIn("africas-talking")` that of Africa's
Talking, as far as the profiles use them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.serving import StandIn

PROFILES = Path(__file__).resolve().parents[2] / "deploy" / "gateways"


class GatewayStandIn(StandIn):
    """messages: what it has taken, oldest first, as {"id", "to", "text"}. problems: why it refused what it refused.

    refusals: number -> word of the gateway for everything sent to it, for example `InvalidPhoneNumber`.
    """

    secret, password, user, number = "signing-key-of-the-stand-in", "password-of-the-stand-in", "user", "+97150000001"

    def __init__(self, kind: str = "android-phone") -> None:
        super().__init__()
        self.kind = kind
        self.messages: list[dict[str, str]] = []
        self.problems: list[str] = []
        self.refusals: dict[str, str] = {}
        self.app = Starlette(
            routes=[
                Route("/3rdparty/v1/messages", self._android, methods=["POST"]),
                Route("/version1/messaging", self._aggregator, methods=["POST"]),
            ]
        )

    def forget(self) -> None:
        """See `StandIn.forget`."""
        super().forget()
        for kept in (self.messages, self.problems, self.refusals):
            kept.clear()

    def profile(self, folder: Path, **send: Any) -> Path:
        """The shipped profile with this server's address and account; send: further changes of its part `send`."""
        data = yaml.safe_load((PROFILES / f"{self.kind}.yml").read_text("utf-8"))
        path = "/3rdparty/v1/messages" if self.kind == "android-phone" else "/version1/messaging"
        data["send"].update({"url": self.url + path, "pause": 0, "timeout": 1.0, **send})
        if self.kind == "android-phone":
            data["send"]["user"] = self.user
        else:
            data["from"] = self.number
            data["send"]["fields"]["username"] = self.user
        file = folder / f"{self.kind}.yml"
        file.write_text(yaml.safe_dump(data), "utf-8")
        return file

    def settings_in(self, folder: Path, **send: Any) -> dict[str, Any]:
        """Settings of a service that uses this server; its profile is written into the folder."""
        return {
            "sms_gateway": self.profile(folder, **send),
            "sms_gateway_secret": self.secret,
            "sms_gateway_password": self.password,
        }

    def texts(self, to: str | None = None) -> list[str]:
        """Texts of what was sent, oldest first."""
        return [m["text"] for m in self.messages if to is None or m["to"] == to]

    def event(self, event: str, payload: dict[str, Any], event_id: str | None = None) -> dict[str, Any]:
        """A call of the phone, as JSON."""
        return {
            "deviceId": "ffffffffceb0b1db0000018e937c815b", "event": event, "id": event_id or secrets.token_urlsafe(16),
            "payload": payload, "webhookId": "LreFUt-Z3sSq0JufY9uWB",
        }  # fmt: skip

    def inbound(self, sender: str, text: str, event_id: str | None = None, **more: Any) -> dict[str, Any]:
        """An incoming message of the phone."""
        payload = {
            "messageId": "abc123", "message": text, "phoneNumber": sender, "simNumber": 1,
            "receivedAt": datetime.now(UTC).isoformat(timespec="milliseconds"), **more,
        }  # fmt: skip
        return self.event("sms:received", payload, event_id)

    def signed(self, body: Any, at: float | None = None) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a call of the phone. body: JSON, or the bytes as they are. at: when it was signed."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(time.time() if at is None else at))
        signature = hmac.new(self.secret.encode(), raw + stamp.encode(), hashlib.sha256).hexdigest()
        return raw, {"X-Signature": signature, "X-Timestamp": stamp, "Content-Type": "application/json"}

    def form(self, sender: str, text: str, message_id: str | None = None, **more: str) -> bytes:
        """The body of an incoming message of the aggregator."""
        fields = {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", "from": sender, "id": message_id or secrets.token_hex(16),
            "linkId": "SampleLinkId123", "text": text, "to": "20880", "networkCode": "63902", **more,
        }  # fmt: skip
        return urlencode(fields).encode()

    async def _android(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append(("POST", request.url.path, {"body": body.decode()}))

        async def answer() -> Response:
            wanted = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {wanted}":
                return self._error(401, "Unauthorized")
            message = json.loads(body)
            to, text = message["phoneNumbers"], message["textMessage"]["text"]
            unknown = set(message) - {
                "id",
                "phoneNumbers",
                "textMessage",
                "withDeliveryReport",
                "simNumber",
                "priority",
                "ttl",
            }
            if unknown or len(to) != 1 or not to[0].startswith("+") or not text or len(message["id"]) > 36:
                return self._error(400, "failed to validate")
            if to[0] in self.refusals:
                return self._error(400, self.refusals[to[0]])
            if any(m["id"] == message["id"] for m in self.messages):
                return self._error(409, "message with the same id already exists")
            self.messages.append({"id": message["id"], "to": to[0], "text": text})
            recipients = [{"phoneNumber": to[0], "state": "Pending"}]
            return JSONResponse({"id": message["id"], "state": "Pending", "recipients": recipients, "states": {}}, 202)

        return await self.fail(request, answer)

    async def _aggregator(self, request: Request) -> Response:
        values = dict(parse_qsl((await request.body()).decode()))
        self.requests.append(("POST", request.url.path, values))

        async def answer() -> Response:
            if request.headers.get("apikey") != self.password:
                self.problems.append("401")
                return Response("The supplied authentication is invalid", 401)
            status, code = self.refusals.get(values["to"], "Success"), 101
            recipient = {"statusCode": code, "number": values["to"], "status": status, "cost": "KES 0.8000"}
            recipient["messageId"] = f"ATXid_{secrets.token_hex(8)}" if status == "Success" else "None"
            if status == "Success":
                self.messages.append({"id": str(recipient["messageId"]), "to": values["to"], "text": values["message"]})
            data = {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}
            return JSONResponse({"SMSMessageData": data}, 201)

        return await self.fail(request, answer)

    def _error(self, status: int, message: str) -> Response:
        self.problems.append(f"{status} {message}")
        return JSONResponse({"message": message}, status)
