"""Stands in for Telegram's Bot API."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.serving import SPECS, StandIn

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramStandIn(StandIn):
    """sent: sendMessage calls taken. answered: ids of buttons answered. updates: not confirmed, oldest first.

    blocked, unknown: chats that cannot be written to. webhook: its parameters, or None. problems: why it refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.token, self.secret = "12345:token-of-the-stand-in", "secret_of_the_stand-in"
        self.sent: list[dict[str, Any]] = []
        self.cleared: list[tuple[Any, Any]] = []
        self.answered: list[str] = []
        self.updates: list[dict[str, Any]] = []
        self.blocked: set[int] = set()
        self.unknown: set[int] = set()
        self.webhook: dict[str, Any] | None = None
        self.problems: list[str] = []
        self.polls = 0
        self._ids = itertools.count(700_000_001)
        spec = SPECS / "telegram_bot_api.json"
        self.spec: dict[str, Any] = json.loads(spec.read_text())["methods"] if spec.exists() else {}
        self.deleted: list[int] = []
        self.undeletable: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.profile: dict[tuple[str, str], Any] = {}
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
            ]
        )

    def forget(self) -> None:
        """See `StandIn.forget`."""
        super().forget()
        for kept in (self.deleted, self.undeletable, self.files, self.profile):
            kept.clear()
        for kept in (self.sent, self.cleared, self.answered, self.updates, self.blocked, self.unknown, self.problems):
            kept.clear()
        self.webhook = None

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a service that uses this server by polling; add `telegram_webhook_secret` for the webhook."""
        return {"telegram_bot_token": self.token, "telegram_api_url": self.url}

    def texts(self, chat: int | None = None) -> list[str]:
        """Texts that were sent, oldest first."""
        return [m["text"] for m in self.sent if chat is None or int(m["chat_id"]) == chat]

    def message(self, text: str | None, chat: int = 4242, **more: Any) -> dict[str, Any]:
        """An update with a message in a private chat; `more` adds fields of the message."""
        update_id = next(self._ids)
        message = {
            "message_id": update_id - 700_000_000, "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Juana"},
            "from": {"id": chat, "is_bot": False, "first_name": "Juana", "language_code": "tl"},
            **more,
        }  # fmt: skip
        if text is not None:
            message["text"] = text
        return {"update_id": update_id, "message": message}

    def press(self, data: str, chat: int = 4242, message_id: int = 77) -> dict[str, Any]:
        """An update with a pressed button."""
        update_id = next(self._ids)
        return {
            "update_id": update_id,
            "callback_query": {
                "id": f"q{update_id}", "chat_instance": "1", "data": data,
                "from": {"id": chat, "is_bot": False, "first_name": "Juana", "language_code": "tl"},
                "message": {
                    "message_id": message_id, "date": int(time.time()), "text": "?",
                    "chat": {"id": chat, "type": "private"},
                    "from": {"id": 12345, "is_bot": True, "first_name": "Kasama"},
                },
            },
        }  # fmt: skip

    def push(self, *updates: dict[str, Any]) -> None:
        """Put updates where polling finds them."""
        self.updates.extend(updates)

    async def _call(self, request: Request) -> Response:
        method, token = request.path_params["method"], request.path_params["token"]
        body = (await request.body()).decode()
        values = dict(request.query_params) | dict(parse_qsl(body, keep_blank_values=True))
        self.requests.append((method, request.url.path, values))

        async def answer() -> Response:
            if token != self.token:
                return self._error(401, "Unauthorized")
            if self.spec and method not in self.spec:
                return self._error(404, "Not Found: method not found")
            for problem in self._against(method, values):
                return self._error(400, f"Bad Request: {problem}")
            handler = getattr(self, f"_{method}", None)
            result = await handler(values) if handler else True
            return result if isinstance(result, Response) else JSONResponse({"ok": True, "result": result})

        return await self.fail(request, answer)

    def _against(self, method: str, values: dict[str, str]) -> list[str]:
        """What the published description does not allow in these parameters."""
        if not self.spec:
            return []
        fields = {f["name"]: f for f in self.spec[method].get("fields", ())}
        problems = [f"unknown parameter {name}" for name in values if name not in fields]
        problems += [f"{n} is required" for n, f in fields.items() if f["required"] and n not in values]
        return problems + [
            f"{n} is not {fields[n]['types']}"
            for n, v in values.items()
            if n in fields and not _fits(fields[n]["types"], v)
        ]

    async def _getMe(self, values: dict[str, str]) -> Any:
        return {"id": 12345, "is_bot": True, "first_name": "Kasama", "username": "kasama_bot"}

    async def _getUpdates(self, values: dict[str, str]) -> Any:
        if self.webhook:
            return self._error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(values.get("offset", 0))
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        deadline = time.monotonic() + float(values.get("timeout", 0))
        self.polls += 1
        poll = self.polls
        while not self.updates and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            if self.polls != poll:
                return self._error(409, "Conflict: terminated by other getUpdates request")
        return self.updates[: int(values.get("limit", 100))]

    async def _setWebhook(self, values: dict[str, str]) -> Any:
        if "secret_token" in values and not _SECRET.fullmatch(values["secret_token"]):
            return self._error(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = dict(values) if values["url"] else None
        return True

    async def _deleteWebhook(self, values: dict[str, str]) -> Any:
        self.webhook = None
        if values.get("drop_pending_updates") == "true":
            self.updates.clear()
        return True

    async def _sendMessage(self, values: dict[str, str]) -> Any:
        chat, text = values["chat_id"], values["text"]
        if int(chat) in self.blocked:
            return self._error(403, "Forbidden: bot was blocked by the user")
        if int(chat) in self.unknown:
            return self._error(400, "Bad Request: chat not found")
        if not text.strip():
            return self._error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return self._error(400, "Bad Request: message is too long")
        markup = json.loads(values["reply_markup"]) if "reply_markup" in values else {}
        for button in itertools.chain.from_iterable(markup.get("inline_keyboard", [])):
            if not button.get("text") or not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                return self._error(400, "Bad Request: BUTTON_DATA_INVALID")
        entities = json.loads(values["entities"]) if "entities" in values else []
        size = len(text.encode("utf-16-le")) // 2
        if any(e["offset"] < 0 or e["length"] < 1 or e["offset"] + e["length"] > size for e in entities):
            return self._error(400, "Bad Request: ENTITY_BOUNDS_INVALID")
        self.sent.append(dict(values, reply_markup=markup, entities=entities))
        message = {
            "message_id": len(self.sent),
            "date": int(time.time()),
            "chat": {"id": int(chat), "type": "private"},
            "text": text,
        }
        return message

    async def _deleteMessages(self, values: dict[str, str]) -> Any:
        ids = json.loads(values["message_ids"])
        if not 1 <= len(ids) <= 100:
            return self._error(400, "Bad Request: wrong number of messages")
        if self.undeletable & set(ids):
            return self._error(400, "Bad Request: message can't be deleted")
        self.deleted += ids
        return True

    async def _deleteMessage(self, values: dict[str, str]) -> Any:
        if int(values["message_id"]) in self.undeletable:
            return self._error(400, "Bad Request: message can't be deleted")
        self.deleted.append(int(values["message_id"]))
        return True

    async def _getFile(self, values: dict[str, str]) -> Any:
        content = self.files.get(values["file_id"])
        if content is None:
            return self._error(400, "Bad Request: wrong file_id")
        name = values["file_id"]
        return {"file_id": name, "file_unique_id": "u", "file_size": len(content), "file_path": f"photos/{name}.jpg"}

    async def _file(self, request: Request) -> Response:
        async def answer() -> Response:
            name = request.path_params["path"].removeprefix("photos/").removesuffix(".jpg")
            if request.path_params["token"] != self.token or name not in self.files:
                return Response(status_code=404)
            return Response(self.files[name], media_type="image/jpeg")

        return await self.fail(request, answer)

    async def _setMyCommands(self, values: dict[str, str]) -> Any:
        commands = json.loads(values["commands"])
        for command in commands:
            if not re.fullmatch("[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                return self._error(400, "Bad Request: BOT_COMMAND_INVALID")
        self.profile["commands", values.get("language_code", "")] = commands
        return True

    async def _setMyDescription(self, values: dict[str, str]) -> Any:
        self.profile["description", values.get("language_code", "")] = values["description"]
        return True

    async def _setMyShortDescription(self, values: dict[str, str]) -> Any:
        if len(values["short_description"]) > 120:
            return self._error(400, "Bad Request: DESCRIPTION_TOO_LONG")
        self.profile["short", values.get("language_code", "")] = values["short_description"]
        return True

    async def _answerCallbackQuery(self, values: dict[str, str]) -> Any:
        self.answered.append(values["callback_query_id"])
        return True

    async def _editMessageReplyMarkup(self, values: dict[str, str]) -> Any:
        self.cleared.append((values.get("chat_id"), values.get("message_id")))
        chat = {"id": int(values.get("chat_id", 0)), "type": "private"}
        return {"message_id": int(values.get("message_id", 0)), "date": int(time.time()), "chat": chat, "text": "?"}

    def _error(self, status: int, description: str) -> Response:
        self.problems.append(description)
        return JSONResponse({"ok": False, "error_code": status, "description": description}, status)


def _fits(types: list[str], text: str) -> bool:
    """Whether a parameter of a form can be read as one of these types of the Bot API."""
    for kind in types:
        if kind == "String":
            return True
        if kind == "Integer" and re.fullmatch(r"-?\d+", text):
            return True
        if kind == "Boolean" and text in ("true", "false", "True", "False"):
            return True
        if kind.startswith("Float") and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return True
        try:
            value = json.loads(text)
        except ValueError:
            continue
        if kind == "Array of String" and isinstance(value, list) and all(isinstance(v, str) for v in value):
            return True
        if (kind.startswith("Array of") and isinstance(value, list)) or (kind[0].isupper() and isinstance(value, dict)):
            return True
    return False
