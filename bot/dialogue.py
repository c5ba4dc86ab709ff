"""Asks the dialogue model over HTTP. It sees a pseudonym and the text, never a number or a name.

One server or several: they keep nothing of a conversation, so any of them answers any message.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import structlog

from bot.metrics import RASA_FAILURES, RASA_SECONDS
from bot.topics import TOPICS
from bot.turn import Step, Turn, Understood

log = structlog.get_logger(__name__)

LONGEST = 2000
"""Characters of a message that the model reads; a question is never longer, and its cost grows with the length."""


RESTS = 5.0
"""Seconds for which a server that failed is asked last."""


class DialogueDown(Exception):
    """The model cannot be reached, or does not answer in time; the message can be tried again."""


class DialogueBroken(Exception):
    """The model answered something that is not a step; the same message may break it again."""


class Dialogue:
    """Client of the dialogue model.

    urls: gives the addresses of the Rasa servers, without a slash at the end; one may move when it is started again.
    timeout: seconds.
    """

    def __init__(self, urls: Callable[[], Sequence[str]], timeout: float) -> None:
        self._urls = urls
        self._turn = 0
        self._failed: dict[str, float] = {}
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout, connect=1.0), trust_env=False)

    async def ask(self, conversation: str, text: str, turn: Turn) -> tuple[Understood, Step]:
        """What the model understood and what is to be done.

        text: her words, or a picked choice in the form that `picked` gives. Raises `DialogueDown`, `DialogueBroken`.
        """
        metadata = turn.as_metadata()
        if message := structlog.contextvars.get_contextvars().get("message"):
            metadata["message"] = message
        body = {"sender": conversation, "message": text, "metadata": metadata}
        began = time.monotonic()
        response = await self._post("/webhooks/rest/webhook", body)
        try:
            read = _read(response.json())
        except (ValueError, KeyError, TypeError, IndexError) as error:
            RASA_FAILURES.labels("broken").inc()
            raise DialogueBroken(f"HTTP {response.status_code}, {type(error).__name__}") from None
        RASA_SECONDS.observe(time.monotonic() - began)
        return read

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """The answer of the next server; of another one when that cannot be reached. Raises `DialogueDown`."""
        failure = "no address"
        for url in self._order():
            try:
                response = await self._client.post(f"{url}{path}", json=body)
                if response.status_code < 500:
                    return response
                failure = f"HTTP {response.status_code}"
            except (httpx.TransportError, httpx.InvalidURL) as error:
                failure = type(error).__name__
                if isinstance(error, httpx.ReadTimeout):
                    # She has waited long enough; the message is tried again, and then somewhere else.
                    self._failed[url] = time.monotonic()
                    break
            self._failed[url] = time.monotonic()
        RASA_FAILURES.labels("down").inc()
        raise DialogueDown(failure)

    def _order(self) -> list[str]:
        """The servers, each first in its turn; those that have just failed last."""
        urls = list(self._urls())
        self._turn += 1
        at = self._turn % len(urls) if urls else 0
        fresh = time.monotonic() - RESTS
        return sorted(urls[at:] + urls[:at], key=lambda url: self._failed.get(url, fresh) > fresh)

    async def ready(self) -> bool:
        """Whether any of them answers at all."""
        for url in self._order():
            try:
                if (await self._client.get(f"{url}/", timeout=2.0)).status_code == 200:
                    return True
            except (httpx.TransportError, httpx.InvalidURL):
                continue
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
