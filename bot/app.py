"""The web application: providers' webhooks, operation, the try-it page, and internal addresses behind a token."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from structlog.contextvars import bind_contextvars

from bot.cases.web import partner_routes
from bot.desk.gate import behind
from bot.desk.pages import HERE
from bot.desk.preview_page import preview_routes
from bot.desk.try_page import try_routes
from bot.messages import DeliveryError
from bot.openapi import description
from bot.readiness import figures, readiness
from bot.saying import LineError, say
from channels.registry import webhooks
from channels.rendering import render

if TYPE_CHECKING:
    from bot.service import Service

log = structlog.get_logger(__name__)


def build_app(service: Service) -> Starlette:
    """The ASGI application of a service."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        answer = await readiness(service)
        return JSONResponse(answer, status_code=200 if answer["ready"] else 503)

    async def metrics(_request: Request) -> Response:
        await figures(service)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(description())

    async def run_action(request: Request) -> Response:
        call = await request.json()
        # Brought along for the logs, see `bot.dialogue`; an action does not see it.
        about = ((call.get("tracker") or {}).get("latest_message") or {}).get("metadata") or {}
        if (message := about.pop("message", None)) is not None:
            bind_contextvars(message=message)
        try:
            result = await service.executor.run(call)
        except (ActionExecutionRejection, ActionNotFoundException) as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, status_code=400)
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

    async def say_one(request: Request) -> Response:
        body = await request.json()
        world = service.world if body.get("live") and service.world else service.sandbox
        try:
            return JSONResponse(await say(world, body["line"], render))
        except LineError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    async def reconcile(request: Request) -> Response:
        try:
            return JSONResponse({"taken": await service.reconcile(float((await request.json())["hours"]))})
        except DeliveryError as error:
            return JSONResponse({"code": error.code}, status_code=502)

    routes: list[Any] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/openapi.json", openapi),
        *behind(
            service.desk,
            [
                *try_routes(service.sandbox, service.mind.knowledge),
                *preview_routes(service.mind.knowledge, service.mind.safety),
            ],
        ),
        Mount("/static", StaticFiles(directory=HERE / "static"), middleware=[Middleware(GZipMiddleware)]),
        Mount(
            "/internal/{token}",
            routes=[
                Route("/actions", _inside(service, run_action), methods=["POST"]),
                Route("/say", _inside(service, say_one), methods=["POST"]),
                Route("/reconcile", _inside(service, reconcile), methods=["POST"]),
            ],
        ),
    ]
    if service.desk is not None:
        routes.extend(service.desk.routes())
    if service.world is not None:
        routes.extend(webhooks(service.channels, service.world.receive))
        routes.extend(partner_routes(service.world))
    return Starlette(routes=routes, lifespan=lifespan)


def _inside(service: Service, endpoint: Any) -> Any:
    """Only for those who know the token, which lies in a file that only the service's own user can read."""

    async def checked(request: Request) -> Response:
        if not hmac.compare_digest(str(request.path_params["token"]).encode(), service.token.encode()):
            return PlainTextResponse("not found\n", status_code=404)
        answer: Response = await endpoint(request)
        return answer

    return checked
