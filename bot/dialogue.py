"""Asks the dialogue model over HTTP on loopback. It sees a pseudonym and the text, never a number or a name."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import httpx
import structlog

from bot.topics import TOPICS
from bot.turn import Step, Turn, Understood

log = structlog.get_logger(__name__)

LONGEST = 2000
"""Characters of a message that the model reads; a question is never longer, and its cost grows with the length."""


class DialogueDown(Exception):
    """The model cannot be reached, or does not answer in time; the message can be tried again."""


class DialogueBroken(Exception):
    """The model answered something that is not a step; the same message may break it again."""


class Dialogue:
    """Client of the dialogue model.

    url: gives the address of the Rasa server, without a slash at the end; it may move when it is started again.
    timeout: seconds.
    """

    def __init__(self, url: Callable[[], str], timeout: float) -> None:
        self._url = url
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout, connect=1.0), trust_env=False)

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        """What the model understood and what is to be done.

        text: her words, or a picked choice in the form that `picked` gives. Raises `DialogueDown`, `DialogueBroken`.
        """
        body = {"sender": conversation, "message": text, "metadata": turn.as_metadata()}
        try:
            response = await self._client.post(f"{self._url()}/webhooks/rest/webhook", json=body)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise DialogueDown(type(error).__name__) from None
        if response.status_code >= 500:
            raise DialogueDown(f"HTTP {response.status_code}")
        try:
            return _read(response.json())
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise DialogueBroken(f"HTTP {response.status_code}, {type(error).__name__}") from None

    async def ready(self) -> bool:
        """Whether the model answers at all."""
        try:
            return (await self._client.get(f"{self._url()}/", timeout=2.0)).status_code == 200
        except httpx.TransportError:
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _read(answers: list[dict[str, Any]]) -> tuple[Understood, Step]:
    payload = answers[0]["custom"]
    step = payload["step"]
    return Understood.from_message(payload["understood"]), Step(step["replies"], step["choices"], step["effects"])


def plain(text: str) -> str:
    """Her words as the model may read them.

    A slash at the beginning would be taken for a command of ours; control and direction marks and lone surrogates say nothing.
    """
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") else " " for c in text[:LONGEST])
    kept = "".join(
        c for c in kept if c not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )
    return " ".join(kept.split()).lstrip("/ ")


PICKABLE = frozenset(
    {
        *TOPICS,
        "affirm",
        "deny",
        "menu",
        "more",
        "greet",
        "hide",
        "stop",
        "delete_data",
        "set_language",
        "talk_to_human",
        "inform_route",
    }
)
"""Intents that a choice may stand for. A button's payload comes back from her device, where it can be changed."""


def picked(payload: str) -> str:
    """A choice's payload, `intent` or `intent|key=value|...`, as the model takes it; the menu for one that nothing offers."""
    intent, *rest = payload.split("|")
    if intent not in PICKABLE:
        return "/menu"
    entities = dict(pair.split("=", 1) for pair in rest if "=" in pair)
    return f"/{intent}" + (json.dumps(entities) if entities else "")
