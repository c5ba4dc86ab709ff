"""`kasama channels`: what an operator does with the ways in and out."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer

from bot.cli_say import running_service
from bot.deeplink import DeepLink
from bot.knowledge import Knowledge
from bot.logs import configure_logs
from bot.messages import DeliveryError
from bot.settings import Settings, load_settings
from channels.telegram import Telegram

app = typer.Typer(no_args_is_help=True)


@app.callback()
def channels() -> None:
    """The ways in and out."""


@app.command("telegram-link")
def telegram_link(
    lang: Annotated[str | None, typer.Option(help="Her language, for example tl.")] = None,
    origin: Annotated[str | None, typer.Option("--from", help="Where she is from, for example PHL.")] = None,
    destination: Annotated[str | None, typer.Option("--to", help="Where she works or goes, for example HKG.")] = None,
    bot: Annotated[str | None, typer.Option(help="The bot's name; without it Telegram is asked.")] = None,
    out: Annotated[Path, typer.Option(help="Where the QR picture goes: .svg, .png or .pdf.")] = Path("telegram.svg"),
) -> None:
    """Print a link that opens the bot knowing her language and route, and write it as a QR picture."""
    import segno

    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()
    link = DeepLink(lang, origin and origin.upper(), destination and destination.upper())
    _check(link, Knowledge(settings.content))
    if bot is None:
        if not settings.telegram_bot_token.get_secret_value():
            sys.exit("Set TELEGRAM_BOT_TOKEN, or give the bot's name with --bot.")
        try:
            bot = asyncio.run(_username(settings))
        except DeliveryError as error:
            sys.exit(f"Telegram did not tell the bot's name ({error.code}). Try again, or give it with --bot.")
    name = bot.removeprefix("@")
    if not re.fullmatch(r"[A-Za-z0-9_]{3,32}", name):
        sys.exit("--bot is the bot's name as in its link: letters, digits and _.")
    if out.suffix not in (".svg", ".png", ".pdf"):
        sys.exit("--out must end with .svg, .png or .pdf.")
    url = f"https://t.me/{name}" + (f"?start={link.text}" if link.text else "")
    # A quarter of the picture may be scratched or folded and it is still read.
    segno.make(url, error="q", micro=False).save(str(out), scale=8)
    print(f"{url}\n{out}")


def _check(link: DeepLink, knowledge: Knowledge) -> None:
    if link.language is not None and link.language not in knowledge.languages:
        sys.exit(f"--lang: there are texts in {', '.join(knowledge.languages)}.")
    if link.origin is not None and not knowledge.is_origin(link.origin):
        sys.exit(
            "--from: no facts begin in that country. Write its three letters, as the file in content/countries is called."
        )
    if link.destination is not None and not knowledge.is_destination(link.destination):
        sys.exit(
            "--to: there are no facts for that country. Write its three letters, as the file in content/countries is called."
        )


async def _username(settings: Settings) -> str:
    telegram = Telegram(settings)
    try:
        return await telegram.username()
    finally:
        await telegram.close()


@app.command("reconcile")
def reconcile(
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How far back to look.")] = 72,
) -> None:
    """Take in messages that a provider lists and whose webhook never arrived; none comes in twice."""
    configure_logs("ERROR", stream=sys.stderr)
    settings = load_settings()
    if not settings.twilio_account_sid:
        sys.exit(
            "No channel is set up whose provider can be asked: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM."
        )
    try:
        taken = asyncio.run(_reconcile(settings, hours))
    except DeliveryError as error:
        sys.exit(f"The provider gave no list ({error.code}); nothing was taken in. Try again.")
    for name, number in taken.items():
        print(f"{name}: {number} {'message' if number == 1 else 'messages'} taken in")


async def _reconcile(settings: Settings, hours: float) -> dict[str, int]:
    running = running_service(settings)
    if running is not None:
        address = f"{running['url']}/internal/{running['token']}/reconcile"
        async with httpx.AsyncClient(timeout=600, trust_env=False) as client:
            response = await client.post(address, json={"hours": hours})
        if response.status_code == 502:
            raise DeliveryError(response.json()["code"])
        response.raise_for_status()
        return dict(response.json()["taken"])

    from bot.service import Service

    service = Service(settings, port=0)
    serving = asyncio.create_task(service.run())
    try:
        await service.dialogue_ready(120)
        taken = await service.reconcile(hours)
        assert service.world is not None
        await service.world.quiet(60)
        return taken
    finally:
        service.should_end()
        await serving
