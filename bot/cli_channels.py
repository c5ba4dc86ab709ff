"""`kasama channels`: what an operator does with the ways in and out."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import httpx
import typer

from bot.cli_say import running_service
from bot.logs import configure_logs
from bot.messages import DeliveryError
from bot.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def channels() -> None:
    """The ways in and out."""


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
