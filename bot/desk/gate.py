"""The pages for trying things out are for developers: on a service with a public address they stand behind the desk's sign-in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.desk.desk import Desk


def behind(desk: Desk | None, routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The routes, each only for staff who are signed in; as they are where no public address is set."""
    if desk is None or not desk.settings.public_url:
        return list(routes)
    return [_for_staff(desk, route) if isinstance(route, Route) else route for route in routes]


def _for_staff(desk: Desk, route: Route) -> Route:
    endpoint: Callable[[Request], Awaitable[Response]] = route.endpoint

    async def checked(request: Request) -> Response:
        if await desk.signed_in(request) is None:
            return desk.to_sign_in(request)
        return await endpoint(request)

    methods = sorted(route.methods) if route.methods else None
    return Route(route.path, checked, methods=methods)
