"""Several dialogue servers behind one service: the load is spread, and one that is down costs no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from bot.dialogue import Dialogue, DialogueDown
from bot.settings import SettingsError, load_settings
from bot.turn import Turn

ANSWER = [
    {"custom": {"understood": {"intent": {"name": "greet"}}, "step": {"replies": [], "choices": [], "effects": {}}}}
]
URLS = ["http://a.example:5005", "http://b.example:5005"]


class Servers:
    """What each server does: answers, is down, hangs, or fails."""

    def __init__(self) -> None:
        self.does = {"a.example": "answers", "b.example": "answers"}
        self.asked: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.asked[host] += 1
        if self.does[host] == "is down":
            raise httpx.ConnectError("refused", request=request)
        if self.does[host] == "hangs":
            raise httpx.ReadTimeout("slow", request=request)
        return httpx.Response(500 if self.does[host] == "fails" else 200, json=ANSWER)


@contextmanager
def both() -> Iterator[tuple[Servers, Dialogue]]:
    servers = Servers()
    dialogue = Dialogue(lambda: URLS, 1.0)
    dialogue._client = httpx.AsyncClient(transport=httpx.MockTransport(servers))
    yield servers, dialogue


async def ask(dialogue: Dialogue) -> str:
    return (await dialogue.ask("c", "hello", Turn("en", "sms")))[0].intent


async def test_the_load_is_spread() -> None:
    with both() as (servers, dialogue):
        for _ in range(10):
            assert await ask(dialogue) == "greet"
        assert servers.asked == {"a.example": 5, "b.example": 5}


@pytest.mark.parametrize("trouble", ["is down", "fails"])
async def test_one_that_is_down_is_passed_over_and_then_left_alone(trouble: str) -> None:
    with both() as (servers, dialogue):
        servers.does["a.example"] = trouble
        for _ in range(10):
            assert await ask(dialogue) == "greet"
        assert servers.asked["b.example"] == 10 and servers.asked["a.example"] == 1
        assert await dialogue.ready()


async def test_one_that_hangs_costs_one_wait() -> None:
    with both() as (servers, dialogue):
        servers.does = dict.fromkeys(servers.does, "hangs")
        with pytest.raises(DialogueDown):
            await ask(dialogue)
        assert servers.asked.total() == 1
        servers.does["b.example"] = servers.does["a.example"] = "answers"
        assert await ask(dialogue) == "greet"
        assert set(servers.asked) == {"a.example", "b.example"}  # the second try goes elsewhere


async def test_all_down_is_told() -> None:
    with both() as (servers, dialogue):
        servers.does = dict.fromkeys(servers.does, "is down")
        with pytest.raises(DialogueDown):
            await ask(dialogue)
        assert servers.asked.total() == 2 and not await dialogue.ready()


def test_the_setting_takes_a_list_and_wants_a_token() -> None:
    urls = "http://a.example:5005/, http://b.example:5005"
    assert load_settings(rasa_url=urls, internal_token="t" * 32).rasa_urls == URLS
    with pytest.raises(SettingsError, match="KASAMA_RASA_URL must be an address"):
        load_settings(rasa_url="http://a.example,b.example", internal_token="t" * 32)
    with pytest.raises(SettingsError, match="KASAMA_INTERNAL_TOKEN is missing"):
        load_settings(rasa_url=urls)
    with pytest.raises(SettingsError, match="KASAMA_INTERNAL_TOKEN must be 32"):
        load_settings(internal_token="short")
