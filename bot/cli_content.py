"""`kasama content`: for those who write the facts and the texts."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bot.knowledge import Knowledge, Money, Route, checking
from bot.logs import configure_logs
from bot.messages import Outbound
from bot.safety import Safety
from bot.segments import count
from bot.settings import load_settings
from bot.topics import TOPICS
from channels.rendering import render

app = typer.Typer(no_args_is_help=True)


@app.command()
def check() -> None:
    """Everything that is wrong in content/, as `file:line: what is wrong and what to do`."""
    configure_logs("ERROR", stream=sys.stderr)
    folder = load_settings().content
    problems = [(str(problem), "error") for problem in Safety(folder / "safety").problems]
    problems += [(str(problem), problem.level) for problem in checking.check(folder, date.today())]
    for text, _ in problems:
        print(text)
    errors = sum(level == "error" for _, level in problems)
    if errors:
        sys.exit(1)
    warnings = f" {len(problems)} warnings are above." if problems else ""
    print(f"Nothing is wrong.{warnings}")


@app.command()
def preview(
    topic: Annotated[str, typer.Argument(help="A topic, for example fees or wages.")],
    origin: Annotated[str | None, typer.Option("--from", help="Origin, ISO code of three letters.")] = None,
    destination: Annotated[str | None, typer.Option("--to", help="Destination, ISO code of three letters.")] = None,
    lang: Annotated[str, typer.Option(help="Language.")] = "en",
    channel: Annotated[str, typer.Option(help="sms or telegram.")] = "sms",
    amount: Annotated[float | None, typer.Option(help="An amount that she was asked for.")] = None,
    currency: Annotated[str | None, typer.Option(help="Its currency, for example PHP.")] = None,
) -> None:
    """What she will read, page by page, with the number of SMS, and the facts behind it."""
    configure_logs("ERROR", stream=sys.stderr)
    knowledge = Knowledge(load_settings().content)
    name = topic if topic.startswith("ask_") else f"ask_{topic}"
    if name not in TOPICS:
        sys.exit(f"There is no topic {topic}. Topics: {', '.join(t.removeprefix('ask_') for t in TOPICS)}.")
    if lang not in knowledge.languages:
        sys.exit(f"There are no texts in {lang}. Languages: {', '.join(knowledge.languages)}.")
    asked = Money(Decimal(str(amount)), currency) if amount is not None else None
    answer = knowledge.answer(name, Route(origin, destination), lang, asked=asked)
    for number, page in enumerate(answer.pages, start=1):
        for text in render(channel, Outbound(page)):
            segments = count(text)
            print(f"--- page {number}: {segments.segments} SMS, {segments.encoding}\n{text}")
    print("--- facts: " + (", ".join(answer.facts) or "none"))
