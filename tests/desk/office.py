"""A desk in a test: its pages on a database of its own, and people who work there."""

from __future__ import annotations

import functools
import itertools
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pyotp
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bot.cases import Inbox, passing
from bot.desk.desk import Desk
from bot.desk.pages import HERE
from bot.desk.passwords import hashed
from bot.desk.registry import furnish
from bot.desk.staff import by_email, join
from bot.knowledge import Knowledge
from bot.messages import Inbound
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.desk_tables import Invitation, Staff
from bot.store.models import Case, now
from bot.world import Mind, ThrowawayWorld, World
from tests.cases.town import HER, PARTNER_YML, ROOT, SAFETY, Model, Noting
from tests.privacy.worlds import language_model

ADDRESS = "http://desk.test"
PARTNERS = {"alpha": "HKG", "beta": "HKG", "gamma": "KWT"}
_numbers = itertools.count()
PASSWORD = "seven green umbrellas"
SECRET = pyotp.random_base32()


@functools.cache
def _mind() -> Mind:
    """The content with three fictitious partners, read once."""
    folder = Path(tempfile.mkdtemp(prefix="kasama-desk-")) / "content"
    shutil.copytree(ROOT / "content", folder)
    for name, destination in PARTNERS.items():
        text = PARTNER_YML.format(id=name, ID=name.upper(), destination=destination, promise=15)
        (folder / "partners" / f"{name}.yml").write_text(text)
    return Mind(Knowledge(folder), SAFETY, language_model(), Model(), frozenset({"sms"}))  # type: ignore[arg-type]


class Office:
    """The desk, the world behind it, and its database. Use `async with`. working: messages are answered and sent, and there is a
    sandbox. content: a folder of its own for those who change it."""

    def __init__(self, folder: Path, *, working: bool = False, content: Path | None = None, **settings: Any) -> None:
        self.settings = Settings(
            _env_file=None,
            home=folder,
            secret_key="a key for tests that is long enough",
            content=content or ROOT / "content",
            **settings,
        )  # type: ignore[call-arg]
        self.working = working
        self.vault = Vault(self.settings.keys)
        url = self.settings.database_url or f"sqlite+aiosqlite:///{folder / 'desk.sqlite3'}"
        self.database = Database(url, durable=False)
        addresses = {f"KASAMA_PARTNER_{name.upper()}_EMAIL": f"{name}@partner.example" for name in PARTNERS}
        self.channels: Any = {name: Noting(name) for name in ("sms", "email", "telegram")}
        self.knowledge = Knowledge(content) if content else _mind().knowledge
        self.world = World(
            _mind(), self.vault, self.database, name="t", channels=self.channels,
            inbox=Inbox("duty@operator.example", more=addresses), files=folder / "files",
        )  # fmt: skip
        self.sandbox = ThrowawayWorld(_mind())
        base = self.settings.public_url or ADDRESS
        self.desk = furnish(Desk(self.settings, self.world, self.knowledge, base, sandbox=self.sandbox))
        static = Mount("/static", StaticFiles(directory=HERE / "static"))
        self.app = Starlette(routes=[*self.desk.routes(), static])

    async def __aenter__(self) -> Office:
        await (self.world.start() if self.working else self.database.migrate())
        await (self.sandbox.start() if self.working else self.sandbox.database.migrate())
        return self

    async def __aexit__(self, *_: object) -> None:
        await (self.world.stop() if self.working else self.database.close())
        await self.sandbox.stop()

    async def case(self, text: str = "help, he is beating me", address: str = HER, partner: str = "") -> str:
        """She calls for help; the number of the case. partner: who may have it too, as if she had agreed."""
        await self.world.receive(Inbound("sms", address, text, f"d-{next(_numbers)}"))
        async with self.database.write() as session:
            case = (await session.execute(select(Case).order_by(Case.id.desc()).limit(1))).scalar_one()
            if partner:
                await passing.set_word(session, case, partner, "granted")
        return case.number

    async def hire(self, name: str, role: str = "caseworker", partner: str = "operator") -> Staff:
        """An account, ready to sign in: NAME@ngo.example, `PASSWORD`, `SECRET`."""
        email = f"{name.lower()}@ngo.example"
        given = Invitation(
            email_mark="x", email_sealed=b"", partner_id=partner, role=role, invited_by="t", ends_at=now()
        )
        async with self.database.write() as session:
            staff = await join(session, self.vault, given, email=email, name=name, password=await _kept())
            staff.totp_sealed, staff.totp_confirmed = self.vault.seal(SECRET), True
        return staff

    async def browser(self, name: str | None = None, address: str = "192.0.2.7") -> Browser:
        """A browser; name: who is signed in there."""
        browser = Browser(self, address)
        if name is not None:
            async with self.database.write() as session:
                staff = await by_email(session, self.vault, f"{name.lower()}@ngo.example")
                assert staff is not None
                token = await self.desk.sessions.begin(session, staff, "full")
            browser.client.cookies.set(self.desk.cookies.session, token)
        return browser


_hash: list[str] = []


async def _kept() -> str:
    if not _hash:
        _hash.append(await hashed(PASSWORD))
    return _hash[0]


class Browser:
    """Asks for pages and fills in their forms, following redirects as browsers do."""

    def __init__(self, office: Office, address: str) -> None:
        transport = httpx.ASGITransport(app=office.app, client=(address, 1234))
        base = office.settings.public_url or ADDRESS
        self.client = httpx.AsyncClient(transport=transport, base_url=base, follow_redirects=True)
        self.last: httpx.Response | None = None

    async def get(self, path: str, **more: Any) -> httpx.Response:
        self.last = await self.client.get(path, **more)
        return self.last

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with the token of the page that was opened last."""
        assert self.last is not None, "open the page first"
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.last.text)
        data = {"form_token": token[1] if token else "", **fields}
        self.last = await self.client.post(path, data=data)
        return self.last

    async def sign_in(self, name: str, password: str = PASSWORD, code: str | None = None) -> httpx.Response:
        """Both steps, or as far as they get."""
        await self.get("/desk/sign-in")
        answer = await self.post("/desk/sign-in", email=f"{name.lower()}@ngo.example", password=password)
        if answer.status_code != 200 or "/second-factor" not in str(answer.url):
            return answer
        return await self.post("/desk/second-factor", code=code or pyotp.TOTP(SECRET).now())
