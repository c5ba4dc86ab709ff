"""Our own description: no address without one, and schemathesis tries on each webhook whatever the description allows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from bot.app import build_app
from bot.openapi import OPERATION, PAGES, description
from channels.description import WEBHOOKS
from channels.registry import build_channels, webhooks
from tests.channels.conftest import Inbox, settings
from tests.channels.fuzzing import TARGETS, Call, _phone, _telegram, _twilio

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
SIGNERS = {"/webhooks/twilio": "twilio", "/webhooks/telegram": "telegram", "/webhooks/sms-gateway": "phone"}


class Signing:
    """Signs each request on its way to the webhooks as its provider would, so that what stands in it is looked at."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = next((name for start, name in SIGNERS.items() if str(scope.get("path")).startswith(start)), None)
        if scope["type"] != "http" or name is None:
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        call = Call(scope["path"], body, {}, scope["query_string"].decode("latin-1"))
        TARGETS[name].sign(call)
        signed = {k.lower().encode(): v.encode() for k, v in call.headers.items() if k != "Content-Type"}
        kept = [(k, v) for k, v in scope["headers"] if k not in signed and k != b"host"]
        headers = [*kept, *signed.items(), (b"host", b"kasama.test")]

        async def again() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app({**scope, "scheme": "http", "headers": headers}, again, send)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All channels, with an inbox in memory, and their description."""
    folder: Path = tmp_path_factory.mktemp("profile")
    nowhere = "http://127.0.0.1:9"
    channels = build_channels(
        settings(
            **{
                **_twilio.settings, **_telegram.settings, **_phone.settings_in(folder, url="https://gateway.example/send"),
                "twilio_api_url": nowhere, "telegram_api_url": nowhere, "telegram_webhook_secret": _telegram.secret,
            }
        )
    )  # fmt: skip
    inbox = Inbox()
    app = Starlette(routes=[*webhooks(channels, inbox.receive), Route("/openapi.json", lambda _: JSONResponse(ours()))])
    return schemathesis.openapi.from_asgi("/openapi.json", Signing(app))


def ours() -> dict[str, Any]:
    return {**description(), "paths": WEBHOOKS}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", WEBHOOKS)
def test_whatever_a_webhook_gets(described: Any, path: str, mode: GenerationMode) -> None:
    @given(case=described[path]["POST"].as_strategy(generation_mode=mode))
    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def check(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    check()


def test_every_address_is_described_or_a_page() -> None:
    service = MagicMock()
    service.channels, service.worlds = {}, []
    found: set[tuple[str, str]] = set()
    for route in build_app(service).routes:
        if isinstance(route, Mount) or str(getattr(route, "path", "")).startswith(PAGES):
            assert route.path.startswith(PAGES), (
                f"{route.path} is neither described nor named in PAGES of bot/openapi.py"
            )
            continue
        assert isinstance(route, Route)
        found |= {(route.path, method.lower()) for method in route.methods or () if method != "HEAD"}
    told = {(path, method) for path, item in description()["paths"].items() for method in item}
    assert found - told == set(), "bot/openapi.py or channels/description.py lacks these"
    assert told - found == set(), "these are described and do not exist"


def test_it_is_a_description() -> None:
    schemathesis.openapi.from_dict(description()).validate()
    assert set(OPERATION).isdisjoint(WEBHOOKS)
    assert SimpleNamespace(**description()["info"]).version
