"""The preview page: what she reads for any question, route and channel, and the fact and source behind each sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as Address

from bot.desk.pages import HEADERS, direction, runs, templates
from bot.editing.previewing import CHANNELS, Asked, preview
from bot.knowledge import Answer, Knowledge, Money, Route
from bot.knowledge.values import last_day
from bot.messages import Outbound
from bot.replies import autonym
from bot.safety import Safety
from bot.segments import count
from bot.topics import TOPICS, label
from channels.rendering import BY_SMS, render

_CURRENCIES = frozenset(Locale("en").currencies)


def preview_routes(knowledge: Knowledge, safety: Safety) -> list[BaseRoute]:
    """The page's address. Everything on it is public: what may not be sent does not stand on it."""

    async def show(request: Request) -> Response:
        context = shown(knowledge, request.query_params)
        context["problems"] = [str(problem) for problem in (*knowledge.problems, *safety.problems)]
        return templates.TemplateResponse(request, "preview.html", context, headers=HEADERS)

    return [Address("/preview", show)]


def shown(knowledge: Knowledge, asked: Mapping[str, str], tag: str = "en") -> dict[str, Any]:
    """What the page shows. asked: topic, from, to, lang, channel, number, amount and currency, as they come; what makes no sense
    is passed over. tag: the language that countries and topics are named in."""
    countries = knowledge.snapshot.content.countries
    topic = asked.get("topic") if asked.get("topic") in TOPICS else "ask_fees"
    lang = asked.get("lang") if asked.get("lang") in knowledge.languages else "en"
    channel = str(asked.get("channel") if asked.get("channel") in CHANNELS else "sms")
    number = asked.get("number") if asked.get("number") in countries else None
    origin = asked.get("from") if asked.get("from") in countries else None
    destination = asked.get("to") if asked.get("to") in countries else None
    money = _money(asked.get("amount", ""), asked.get("currency", ""))
    found = preview(knowledge, Asked(str(topic), Route(origin, destination), str(lang), channel, money, number))
    return {
        **choices(knowledge, tag),
        "topics": [(name, knowledge.phrase(label(name), tag)) for name in TOPICS],
        "numbers": _countries(knowledge, tag, "origin", "destination"),
        "chosen": {"topic": topic, "lang": lang, "channel": channel, "from": origin, "to": destination,
                   "number": number,
                   "amount": asked.get("amount", "") if money else "", "currency": money.currency if money else ""},
        "bubbles": _bubbles(found.messages, channel),
        "known": found.answer.known,
        "reasons": reasons(knowledge, found.answer),
    }  # fmt: skip


def choices(knowledge: Knowledge, tag: str = "en") -> dict[str, Any]:
    """Languages, channels, and countries by side, to choose from."""
    return {
        "languages": [(one, autonym(one)) for one in knowledge.languages],
        "channels": list(CHANNELS.items()),
        "origins": _countries(knowledge, tag, "origin"),
        "destinations": _countries(knowledge, tag, "destination"),
    }


def _money(amount: str, currency: str) -> Money | None:
    try:
        value = Decimal(amount.replace(",", "").strip())
    except InvalidOperation:
        return None
    code = currency.strip().upper()
    return Money(value, code) if value.is_finite() and 0 < value < 10**9 and code in _CURRENCIES else None


def _countries(knowledge: Knowledge, tag: str, *roles: str) -> list[tuple[str, str]]:
    found = [code for code, file in knowledge.snapshot.content.countries.items() if set(roles) & set(file.roles)]
    return sorted(((code, knowledge.country_name(code, tag)) for code in found), key=lambda pair: pair[1])


def _bubbles(messages: Sequence[Outbound], channel: str) -> list[dict[str, Any]]:
    """One bubble per text that is sent. On SMS the choices are lines of the text, elsewhere buttons under the last."""
    bubbles: list[dict[str, Any]] = []
    for message in messages:
        for text in render(channel, message):
            bubbles.append(
                {"runs": runs(channel, text, message), "segments": count(text), "choices": (), "dir": direction(text)}
            )
        if channel not in BY_SMS:
            bubbles[-1]["choices"] = message.choices
    return bubbles


def reasons(knowledge: Knowledge, answer: Answer) -> list[dict[str, Any]]:
    """The sentences of an answer in their order, each with the facts and contacts that it rests on."""
    content = knowledge.snapshot.content
    today = date.today()
    rows = []
    whole = " ".join(answer.pages)
    for text, names in sorted((*answer.reasons, *answer.frame), key=lambda row: whole.find(row[0])):
        facts = []
        for name in names:
            fact, place = content.facts.get(name) or content.contacts[name], content.places[name]
            law = getattr(fact, "law", None)
            facts.append(
                {
                    "id": name, "kind": fact.kind.replace("_", " "), "law": law.cited() if law else "",
                    "source": fact.source, "checked": f"{fact.checked_by}, {fact.checked_on}", "review": fact.review_by,
                    "due": last_day(fact.review_by) < today, "state": fact.state, "where": f"{place.file}:{place.line}",
                }
            )  # fmt: skip
        rows.append({"text": text, "dir": direction(text), "facts": facts})
    return rows
