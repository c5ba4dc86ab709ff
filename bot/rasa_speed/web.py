"""No request is prepared for a log or for a browser that are not there.

Stock composes an access line for every request, which its own log level then drops, and runs every answer through the
rules for other websites' scripts, of which none is allowed anything. Only the service asks this server, over loopback.
"""

from __future__ import annotations

import logging
from typing import Any

import rasa.core.run
import rasa.server
from sanic import Sanic


def apply() -> None:
    """Put it in place."""
    stock_cors, stock_run = rasa.server.configure_cors, Sanic.run

    def configure_cors(app: Sanic, cors_origins: Any = "") -> None:
        if cors_origins:
            stock_cors(app, cors_origins)

    def run(self: Sanic, *arguments: Any, **named: Any) -> None:
        heard = logging.getLogger("sanic.access").isEnabledFor(logging.INFO)
        stock_run(self, *arguments, **{"access_log": heard, **named})

    rasa.server.configure_cors = configure_cors
    Sanic.run = run
