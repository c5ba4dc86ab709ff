"""The whole service in one process: web server, live world, throwaway worlds, and the dialogue model beside it.

This is where the parts are put together; nothing else knows all of them.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import uvicorn
from rasa_sdk.executor import ActionExecutor

from actions.registry import all_actions
from bot import attachments, jobs, retention
from bot.app import build_app
from bot.cases import Inbox
from bot.cases.addresses import check_addresses, missing, partner_addresses
from bot.desk.desk import Desk
from bot.desk.first_start import tell_first_operator
from bot.desk.registry import furnish
from bot.dialogue import Dialogue
from bot.knowledge import Knowledge
from bot.knowledge.watching import watch
from bot.language import LanguageModel
from bot.processes import DialogueServer
from bot.reconciling import stored
from bot.renewal import Renewal
from bot.safety import Safety
from bot.service_errors import ListenError
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.training import ensure_model, language_path
from bot.world import Mind, ThrowawayWorld, World
from channels import Channel, HearsPartners, Reconciles, TellsFate, TellsReach
from channels.partner_webhook import PartnerWebhook
from channels.registry import build_channels
from channels.rendering import BY_SMS
from channels.telegram import Telegram
from channels.telegram_profile import profiles

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

RUN_FILE = "run.json"
"""In the home folder while the service runs: where it listens, and the token of its internal addresses."""


class Service:
    """Everything, started and stopped together.

    live: whether to open the database and the channels; without, only throwaway worlds can be talked to.
    early: gets the dialogue model's server before the rest is loaded, so that it can be started meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        live: bool = True,
        port: int | None = None,
        early: Callable[[DialogueServer], object] = lambda _: None,
    ) -> None:
        self.settings, self._live = settings, live
        self.token = settings.internal_token.get_secret_value() or secrets.token_urlsafe(24)
        self.socket = _listen(settings.host if live else "127.0.0.1", settings.port if port is None else port)
        self.port: int = self.socket.getsockname()[1]
        model = ensure_model(ROOT, settings.home, lambda line: log.info(line))
        language = LanguageModel.load(language_path(model))
        self._renewal = (
            None if settings.rasa_url else Renewal(ROOT, settings.home, self._dialogue_server, model, language)
        )
        if self.server is not None:
            early(self.server)
        knowledge, safety = Knowledge(settings.content), Safety(settings.content / "safety")
        self.mind = Mind(knowledge, safety, language, Dialogue(self._dialogue_urls, settings.rasa_timeout), BY_SMS)
        self.executor = ActionExecutor()
        for action in all_actions(knowledge, lambda: knowledge.languages):
            self.executor.register_action(action)
        # Partners' own systems need no setting of a provider: their addresses and secrets are the partners'.
        self.channels: dict[str, Channel] = {**build_channels(settings), PartnerWebhook.name: PartnerWebhook()}
        self.world = self._live_world() if live else None
        for channel in self.channels.values():
            if self.world is not None and isinstance(channel, PartnerWebhook):
                channel.secrets = self.world.cases.directory.webhook_secrets
            if self.world is not None and isinstance(channel, TellsFate):
                channel.on_status = functools.partial(self.world.outbox.note_status, channel.name)
            if self.world is not None and isinstance(channel, Reconciles):
                channel.reconciliation.stored = functools.partial(stored, self.world.database, self.world.vault)
            if self.world is not None and isinstance(channel, HearsPartners):
                channel.receive_partner = self.world.receive_partner
            if self.world is not None and isinstance(channel, TellsReach):
                channel.on_reachable = self.world.reach.notice
            if isinstance(channel, Telegram):
                channel.profiles = functools.partial(profiles, knowledge)
        self.sandbox = ThrowawayWorld(self.mind)
        self.desk = None
        if self.world is not None:
            base = settings.public_url or self._url("")
            self.desk = furnish(
                Desk(settings, self.world, knowledge, base, sandbox=self.sandbox, safety=self.mind.safety)
            )
        self.app = build_app(self)
        self._jobs: list[asyncio.Task[None]] = []
        self._web: uvicorn.Server | None = None

    def _live_world(self) -> World:
        settings = self.settings
        vault = Vault(settings.keys)
        by_sms = next((name for name in self.channels if name in BY_SMS), "sms")
        addresses = partner_addresses(settings)
        partners = self.mind.knowledge.snapshot.content.partners.values()
        check_addresses(partners, addresses)
        for partner in partners:
            for name in missing(partner, addresses):
                log.warning(
                    "a partner is not reached this way: the setting is missing", partner=partner.id, setting=name
                )
        inbox = Inbox(
            email=settings.operator_email,
            sms=settings.operator_sms,
            sms_channel=by_sms,
            more=addresses,
            public_url=settings.public_url,
            mail_read=bool(settings.imap_url.get_secret_value()),
        )
        if not any(name.startswith("KASAMA_OPERATOR_") for name in inbox.values):
            log.warning(
                "no partner is told of calls for help: set KASAMA_OPERATOR_EMAIL and SMTP_URL, or KASAMA_OPERATOR_SMS"
            )
        return World(
            self.mind,
            vault,
            Database(settings.database),
            name="live",
            channels=self.channels,
            inbox=inbox,
            pause=settings.pause,
            flood_limit=settings.flood_limit,
            files=settings.home / attachments.FOLDER,
        )

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def server(self) -> DialogueServer | None:
        """The dialogue model's process, when it is ours."""
        return self._renewal.server if self._renewal else None

    def _dialogue_server(self, model: Path) -> DialogueServer:
        actions = self._url(f"/internal/{self.token}/actions")
        return DialogueServer(model, actions, root=ROOT, speedups=self.settings.rasa_speedups)

    def _dialogue_urls(self) -> list[str]:
        return [self.server.url] if self.server else self.settings.rasa_urls

    @property
    def worlds(self) -> list[World]:
        """All worlds of this process."""
        return [w for w in (self.world, self.sandbox) if w is not None]

    async def start(self) -> None:
        """Start everything but the web server; returns when messages can be stored, while the model may still be loading."""
        for world in self.worlds:
            await world.start()
        if self.server is not None:
            await self.server.start()
        self._jobs = [asyncio.create_task(watch(self.settings.content, self.mind.knowledge, self.mind.safety))]
        if self._renewal is not None and self.world is not None:
            self._jobs.append(asyncio.create_task(self._renewal.watch()))
        if self.world is not None:
            self._jobs += [asyncio.create_task(self._fetch(c)) for c in self.channels.values()]
            due = retention.due(self.world.database, self.world.vault, self.settings.keep)
            self._jobs.append(asyncio.create_task(jobs.run(self.world.database, due)))
            self._announce()
        if self.desk is not None:
            await tell_first_operator(self.desk)

    async def stop(self) -> None:
        """Finish what is under way, end the model, close."""
        with suppress(FileNotFoundError):
            if self.world is not None:
                (self.settings.home / RUN_FILE).unlink()
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        for world in self.worlds:
            await world.stop()
        for channel in self.channels.values():
            await channel.close()
        if self.server is not None:
            await self.server.stop()
        await self.mind.dialogue.close()

    async def run(self) -> None:
        """Serve until stopped by a signal."""
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=10,
            proxy_headers=False,
            server_header=False,
        )
        self._web = uvicorn.Server(config)
        await self._web.serve(sockets=[self.socket])

    async def reconcile(self, hours: float) -> dict[str, int]:
        """Take in what the providers list of the last hours and their webhooks did not bring: channel -> messages.

        Raises `DeliveryError` when a provider gives no list.
        """
        assert self.world is not None
        taken = {}
        for channel in self.channels.values():
            if isinstance(channel, Reconciles):
                since = datetime.now(UTC) - timedelta(hours=hours)
                receive = self.world.receive
                taken[channel.name] = await channel.reconciliation.look(receive, since, younger=timedelta())
        return taken

    def should_end(self) -> None:
        """End `run` as a signal would."""
        if self._web is not None:
            self._web.should_exit = True

    async def dialogue_ready(self, seconds: float) -> bool:
        """Whether the model answers, waiting for it up to `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await self.mind.dialogue.ready():
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.2)
        return True

    def _announce(self) -> None:
        path = self.settings.home / RUN_FILE
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"pid": os.getpid(), "url": self._url(""), "token": self.token}, file)
        draft.replace(path)

    async def _fetch(self, channel: Channel) -> None:
        """Keep a polled channel running."""
        assert self.world is not None
        while True:
            try:
                await channel.run(self.world.receive)
                return
            except Exception:  # whatever it was, women go on writing
                log.exception("a channel stopped; it is started again in 5 s", channel=channel.name)
                await asyncio.sleep(5)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ListenError(
            f"KASAMA_HOST {host}, KASAMA_PORT {port}: cannot listen there ({error.strerror}). Is Kasama running already? "
            "Stop it, or set KASAMA_PORT to a free port."
        ) from None
    listening.listen(1024)
    listening.set_inheritable(True)
    return listening
