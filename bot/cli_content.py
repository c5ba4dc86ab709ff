"""`kasama content`: for those who write the facts and the texts."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from bot.editing import confirming, coverage, previewing, schemas, skeletons
from bot.knowledge import Knowledge, Money, Route, checking
from bot.logs import configure_logs
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
    problems = checking.check(folder, date.today())
    for problem in problems:
        print(problem)
    errors = sum(problem.level == "error" for problem in problems)
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
    number: Annotated[str | None, typer.Option(help="Country of her phone number, ISO code of three letters.")] = None,
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
    if channel not in previewing.CHANNELS:
        sys.exit(f"There is no channel {channel}. Channels: {', '.join(previewing.CHANNELS)}.")
    question = previewing.Asked(name, Route(origin, destination), lang, channel, asked, number)
    shown = previewing.preview(knowledge, question)
    for page, message in enumerate(shown.messages, start=1):
        for text in render(channel, message):
            segments = count(text)
            cost = f": {segments.segments} SMS, {segments.encoding}" if channel == "sms" else ""
            print(f"--- page {page}{cost}\n{text}")
        if channel != "sms" and message.choices:
            print("--- buttons: " + " | ".join(choice.label for choice in message.choices))
    print("--- facts: " + (", ".join(shown.answer.facts) or "none"))


@app.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Write topics by corridor as an SVG picture to this file.")
    ] = None,
) -> None:
    """What is there and how old: per country, topic and language, and what waits for a partner's confirmation."""
    configure_logs("ERROR", stream=sys.stderr)
    folder = load_settings().content
    report = coverage.status(Knowledge(folder), date.today())
    report["problems"] += [str(problem) for problem in Safety(folder / "safety").problems]
    if picture is not None:
        picture.write_text(coverage.heat_map(report), encoding="utf-8")
    print(dumps(report, ensure_ascii=False, indent=1) if json else coverage.as_text(report))


@app.command()
def schema() -> None:
    """Write JSON Schema for the content files, which editors use to complete and check."""
    for path in schemas.write(load_settings().content):
        print(path)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="country, corridor or partner.")],
    name: Annotated[str, typer.Argument(help="KEN, KEN-SAU, or a short name.")],
    by: Annotated[str, typer.Option(help="Who checks its facts.")] = "your name",
) -> None:
    """A commented skeleton of a new file."""
    try:
        print(skeletons.make(load_settings().content, kind, name, by, date.today()))
    except skeletons.SkeletonError as error:
        sys.exit(str(error))


@app.command()
def confirm(
    entry: Annotated[str, typer.Argument(help="What status lists, for example HKG.labour_hotline.")],
    by: Annotated[str, typer.Option(help="The partner who confirms it: the name of a file in content/partners.")],
) -> None:
    """A partner has called the number, or knows that the fact is right: from now on it is sent."""
    try:
        path = confirming.confirm(load_settings().content, entry, by, date.today())
    except confirming.ConfirmError as error:
        sys.exit(str(error))
    print(f"{entry} is confirmed in {path}; it is to be checked again in a year.")
