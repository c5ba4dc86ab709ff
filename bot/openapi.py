"""What this service offers to other programs, in the words of OpenAPI 3.1, at `/openapi.json`.

Pages for people and addresses inside the service are no interface and are left out.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from channels.description import WEBHOOKS

PAGES = ("/try", "/preview", "/static", "/desk", "/internal", "/partner/take")
"""Beginnings of addresses that are for people, or for the service itself."""

_PROBLEMS = {"type": "array", "items": {"type": "string"}}
_READINESS = {
    "type": "object",
    "required": ["ready", "problems", "warnings", "content"],
    "properties": {
        "ready": {"type": "boolean"},
        "problems": _PROBLEMS,
        "warnings": _PROBLEMS,
        "content": _PROBLEMS,
        "drills": _PROBLEMS,
    },
}


def _get(summary: str, content_type: str, schema: dict[str, Any], *, statuses: dict[str, str]) -> dict[str, Any]:
    content = {content_type: {"schema": schema}}
    answers = {status: {"description": text, "content": content} for status, text in statuses.items()}
    return {"get": {"summary": summary, "responses": answers}}


OPERATION: dict[str, dict[str, Any]] = {
    "/healthz": _get("Whether the process lives.", "text/plain", {"type": "string"}, statuses={"200": "It does."}),
    "/readyz": _get(
        "Whether it can answer, and if not why, in words; `warnings` tells what waits too long or is nearly "
        "full, `content` facts and texts that are broken, `drills` partners "
        "that have not shown lately that they answer.",
        "application/json", _READINESS, statuses={"200": "It can.", "503": "It cannot; what was accepted waits."},
    ),
    "/metrics": _get("Figures for Prometheus.", "text/plain", {"type": "string"}, statuses={"200": "The figures."}),
    "/openapi.json": _get("This description.", "application/json", {"type": "object"}, statuses={"200": "It."}),
}  # fmt: skip
"""By path, what an operator's tools ask for."""


_REASON = {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}}
_DEED = {
    "type": "object",
    "required": ["case", "do"],
    "properties": {
        "case": {"type": "string"},
        "do": {"enum": ["acknowledge", "reply", "hand_back", "note", "close"]},
        "text": {"type": "string"},
        "by": {"type": "string"},
    },
}
PARTNERS: dict[str, dict[str, Any]] = {
    "/partner/webhook/{partner}": {
        "post": {
            "summary": "What a partner does with a case that was posted to its webhook; see docs/operators.md.",
            "parameters": [
                {"name": "partner", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "X-Kasama-Timestamp", "in": "header", "schema": {"type": "string"}},
                {"name": "X-Kasama-Signature", "in": "header", "schema": {"type": "string"}},
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": _DEED}}},
            "responses": {
                "200": {
                    "description": "Done.",
                    "content": {
                        "application/json": {"schema": {"type": "object", "required": ["done", "case", "state"]}}
                    },
                },
                "400": {"description": "No case, or nothing that can be done with one.", "content": _REASON},
                "403": {"description": "The signature does not fit, or is old.", "content": _REASON},
                "409": {"description": "Taken before, or not possible now.", "content": _REASON},
                "413": {"description": "Too large.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            },
        }
    }
}


def description() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kasama",
            "version": version("kasama"),
            "description": "Webhooks of the providers of messages, and the operation of the service.",
        },
        "paths": {**OPERATION, **PARTNERS, **WEBHOOKS},
    }
