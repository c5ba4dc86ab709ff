"""Our dialogue server gives the same answers as stock Rasa, byte for byte, on the same model and the same actions.

Stock keeps its conversations in memory, as it comes; ours keeps none and has all speed-ups. `KASAMA_TEST_SPEEDUPS=each`
holds every speed-up alone against stock too, and takes several minutes; other values are those of `KASAMA_RASA_SPEEDUPS`.
With any, messages are also sent without what is known of her.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from rasa_sdk.executor import ActionExecutor
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.registry import all_actions
from benchmarks.processes import ROOT, Server, rasa_server
from bot import rasa_speed
from bot.dialogue import picked
from bot.knowledge import Knowledge
from bot.training import model_path
from bot.turn import Turn
from tests.standins.serving import StandIn

FOLDER = ROOT / "bot" / "rasa_speed"
WANTED = os.environ.get("KASAMA_TEST_SPEEDUPS", "")

CONVERSATIONS: dict[str, list[str]] = {
    f"{path.stem}: {title}": [turn["her"] for turn in transcript["turns"]]
    for path in sorted((ROOT / "tests" / "conversations").glob("*.yml"))
    for title, transcript in yaml.safe_load(path.read_text("utf-8")).items()
}
CONVERSATIONS["choices"] = [
    picked("menu|topic=3"), picked("affirm"), picked("inform_route|destination=KWT"), picked("more"), "/restart", "/nothing",
]  # fmt: skip
CONVERSATIONS["hardly a message"] = ["?", "7", "😢", "a" * 1500, "madam ko\u200b\u202e\x07", "{}", "\\"]
# Alone: after it, stock does not answer in this conversation any more.
CONVERSATIONS["no message"] = [" "]

ODD: dict[str, dict[str, Any]] = {
    "a text with buttons": {"responses": [{"text": "a", "buttons": [{"title": "t", "payload": "/greet"}]}]},
    "two texts, a picture": {"responses": [{"text": "a"}, {"text": "b", "image": "i.png"}]},
    "nothing": {"events": [], "responses": []},
    "an answer without a form": {"events": "none"},
    "an event that there is not": {"events": [{"event": "nonsense"}]},
    "an event without its fields": {"events": [{"event": "slot"}]},
    "a list": [],  # type: ignore[dict-item]
    "responses that are none": {"responses": ["text"]},
    "a slot that there is not": {"events": [{"event": "slot", "name": "x", "value": 1}], "responses": [{"text": "a"}]},
    "a pause": {"events": [{"event": "pause"}], "responses": [{"text": "a"}]},
    "a followup": {"events": [{"event": "followup", "name": "action_greet"}], "responses": [{"text": "a"}]},
    "a restart": {"events": [{"event": "restart"}], "responses": [{"text": "a"}]},
}
"""What an action might answer that ours do not, or not yet."""


class Actions(StandIn):
    """Our actions, unless the message's metadata say what is to be answered, with which status.

    The fallback always runs: Rasa asks for ever where each of its actions refuses.
    """

    def __init__(self) -> None:
        super().__init__()
        knowledge = Knowledge(ROOT / "content")
        self._executor = ActionExecutor()
        for action in all_actions(knowledge, lambda: knowledge.languages):
            self._executor.register_action(action)
        self.app = Starlette(routes=[Route("/webhook", self._run, methods=["POST"])])

    async def _run(self, request: Request) -> Response:
        call = await request.json()
        wanted = call["tracker"]["latest_message"]["metadata"]
        if "answer" in wanted and call["next_action"] != "action_clarify":
            return JSONResponse(wanted["answer"], wanted.get("status", 200))
        result = await self._executor.run(call)
        return JSONResponse(result.model_dump() if result else None)


def ask(server: Server, sender: str, message: str, metadata: dict[str, Any] | None) -> bytes:
    body = {"sender": sender, "message": message, "metadata": metadata}
    return httpx.post(f"{server.url}/webhooks/rest/webhook", json=body, timeout=30, trust_env=False).content


@pytest.fixture(scope="module")
def actions() -> Iterator[Actions]:
    with Actions() as running:
        yield running


@pytest.fixture(scope="module")
def model() -> Path:
    path = model_path(ROOT, ROOT / "var")
    assert path.exists(), "train the model first: kasama train"
    return path


def started(server: Server) -> Iterator[Server]:
    try:
        yield server.start(180)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def stock(actions: Actions, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("stock")
    yield from started(
        rasa_server("stock", model, f"{actions.url}/webhook", speedups="none", stock=True, folder=folder)
    )


@pytest.fixture(scope="module", params=rasa_speed.SPEEDUPS if WANTED == "each" else [WANTED or "all"])
def ours(
    request: pytest.FixtureRequest, actions: Actions, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder, names = tmp_path_factory.mktemp("ours"), request.param
    yield from started(rasa_server(names, model, f"{actions.url}/webhook", speedups=names, stock=False, folder=folder))


def both(stock: Server, ours: Server, *question: Any) -> tuple[bytes, bytes]:
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask, server, *question) for server in (stock, ours)]
        return answers[0].result(), answers[1].result()


def test_the_transcripts(stock: Server, ours: Server) -> None:
    metadata = Turn("tl", "sms", origin="PHL", destination="HKG", country="HKG", pending="danger").as_metadata()
    steps = 0
    for number, (title, messages) in enumerate(CONVERSATIONS.items()):
        for message in messages:
            for known in (None, metadata) if WANTED else (metadata,):
                theirs, answer = both(stock, ours, f"{ours.name}-{number}-{known is None}", message, known)
                assert answer == theirs, f"{title}: {message!r}"
                steps += b'"step"' in answer
    assert steps >= len(CONVERSATIONS), "hardly an action was run"


@pytest.mark.parametrize("title", ODD)
def test_an_odd_answer_of_an_action(title: str, stock: Server, ours: Server) -> None:
    metadata = {"answer": ODD[title]}
    for message in ("how much is the fee", "/greet"):
        theirs, answer = both(stock, ours, f"{ours.name}-odd-{title}-{message}", message, metadata)
        assert answer == theirs


@pytest.mark.parametrize("status", (400, 404, 500, 204))
def test_an_action_that_fails(status: int, stock: Server, ours: Server) -> None:
    metadata = {"answer": {"error": "no", "action_name": "action_greet"}, "status": status}
    theirs, answer = both(stock, ours, f"{ours.name}-fails-{status}", "/greet", metadata)
    assert answer == theirs


def test_every_module_is_a_speed_up_that_explains_itself() -> None:
    modules = {path.stem: path for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    assert set(modules) == set(rasa_speed.SPEEDUPS)
    for path in modules.values():
        assert "Stock" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""), f"{path}: what does stock do?"


def test_the_switch() -> None:
    assert rasa_speed.chosen("all") == rasa_speed.chosen("") == list(rasa_speed.SPEEDUPS)
    assert rasa_speed.chosen("none") == []
    assert rasa_speed.chosen("rules, schema") == ["schema", "rules"]
    with pytest.raises(ValueError, match="there is no speed-up magic"):
        rasa_speed.chosen("rules,magic")


def test_a_message_is_sent_to_an_action_as_it_was_understood(stock: Server, ours: Server) -> None:
    """What the actions read of a tracker comes through the shortened request too."""
    text = "galing ako sa pinas, 60,000 pesos daw sa hong kong"
    theirs, answer = both(stock, ours, f"{ours.name}-entities", text, {"language": "tl", "channel": "sms"})
    understood = json.loads(answer)[0]["custom"]["understood"]
    assert {entity["entity"] for entity in understood["entities"]} >= {"country", "money"}
    assert answer == theirs
