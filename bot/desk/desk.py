"""The desk itself: what every page of it stands on. A page says who may see it; everything else is seen to here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.cases import Actor
from bot.desk import audit
from bot.desk.guessing import Guessing
from bot.desk.pages import templates
from bot.desk.security import HEADERS, Callers, Cookies, Rate, is_own_form
from bot.desk.sessions import Sessions, Signed, form_token
from bot.desk.staff import Invitations
from bot.desk.words import LANGUAGES, Tongue, Words, preferred

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.knowledge import Knowledge
    from bot.safety import Safety
    from bot.settings import Settings
    from bot.world import World

log = structlog.get_logger(__name__)

SIGN_IN = "/desk/sign-in"
PER_MINUTE = 600
"""Requests of one address to the desk; an office of ten with open queues stays far below."""

MOST_FIELDS = 600
"""Fields of a form: a fact with lists and notes in all languages has some hundred."""

LARGEST_FIELD, LARGEST_FORM = 200_000, 1_000_000
"""Bytes of one field of a form, and of a whole form."""


@dataclass(slots=True)
class Visit:
    """One request to a page of the desk. signed: who it is; None only on pages that are open to everybody."""

    desk: Desk
    request: Request
    signed: Signed | None
    tongue: Tongue
    secret: str
    form: FormData = field(default_factory=FormData)

    @property
    def staff(self) -> Any:
        """The colleague's account (`bot.store.desk_tables.Staff`); only on pages that need sign-in."""
        assert self.signed is not None
        return self.signed.staff

    @property
    def actor(self) -> Actor:
        """She, as timelines of cases name her."""
        return Actor(self.staff.partner_id, self.staff.name, "desk")

    def field(self, name: str, most: int = 2000) -> str:
        """What stands in a field of the form, without blanks at its ends."""
        value = self.form.get(name, "")
        return value.strip()[:most] if isinstance(value, str) else ""

    def say(self, text: str, /, **values: Any) -> str:
        """A sentence in her language."""
        return self.tongue.say(text, **values)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page from `templates/desk/`, in the frame of the desk."""
        shown: dict[str, Any] = {
            "_": self.tongue.say,
            "n_": self.tongue.count,
            "tongue": self.tongue,
            "form_token": form_token(self.secret),
            "signed": self.signed,
            "navigation": self.desk.navigation(self.signed),
            "here": self.request.url.path,
            **context,
        }
        return templates.TemplateResponse(self.request, f"desk/{template}", shown, status_code=status)

    def problem(self, text: str, status: int = 400) -> Response:
        """A page that says what is wrong, in her language. text: a finished sentence."""
        return self.page("problem.html", status=status, problem=text)

    def missing(self) -> Response:
        """There is no such thing, or not for her: the same words for both."""
        return self.problem(self.say("There is nothing here, or it is not yours to see."), 404)

    def go(self, path: str) -> Response:
        """On to another page."""
        return RedirectResponse(path, status_code=303)

    def note(self, session: AsyncSession, what: str, about: str = "") -> None:
        """A line for the audit log."""
        audit.note(session, self.staff.partner_id, self.staff.name, what, about)


Endpoint = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the desk. roles: who may; None: everybody, signed in or not.

    label: its name in the navigation, marked with `N_`; empty: it is not there. quiet: asked by an open page by itself, so it
    does not keep a session alive. half: also for those who still have to give the second factor.
    """

    path: str
    endpoint: Endpoint
    roles: frozenset[str] | None
    methods: tuple[str, ...] = ("GET",)
    label: str = ""
    quiet: bool = False
    half: bool = False


class Desk:
    """The pages with what they need: database, knowledge, sessions, languages."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        knowledge: Knowledge,
        base: str,
        *,
        sandbox: World | None = None,
        safety: Safety | None = None,
    ) -> None:
        """base: what whole addresses begin with, for mails and logs. sandbox: a throwaway world for trying things out."""
        self.settings, self.world, self.knowledge, self.base = settings, world, knowledge, base
        self.sandbox, self.safety = sandbox, safety
        self.database, self.vault = world.database, world.vault
        self.words = Words(settings.content / "locale")
        self.sessions = Sessions(
            self.database,
            idle=timedelta(minutes=settings.desk_idle_minutes),
            longest=timedelta(hours=settings.desk_session_hours),
        )
        self.invitations, self.guessing = Invitations(self.vault), Guessing(self.database, self.vault)
        self.cookies = Cookies(secure=settings.public_url.startswith("https://"))
        self.callers = Callers(name for part in settings.proxies.split(",") if (name := part.strip()))
        self.pages: list[Page] = []
        self._rate = Rate(PER_MINUTE)

    def add(self, *pages: Page) -> None:
        """Add pages, in the order of the navigation."""
        self.pages.extend(pages)

    def routes(self) -> list[Route]:
        """The addresses of all pages."""
        smaller = [Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)]  # it leaves a stream of events alone
        return [
            Route(page.path, self._guarded(page), methods=list(page.methods), name=page.path, middleware=smaller)
            for page in self.pages
        ]

    def navigation(self, signed: Signed | None) -> list[Page]:
        """What she may open, for the top of every page."""
        if signed is None or not signed.full:
            return []
        return [page for page in self.pages if page.label and page.roles and signed.staff.role in page.roles]

    async def signed_in(
        self, request: Request, roles: frozenset[str] | None = None, *, touch: bool = True
    ) -> Signed | None:
        """Who is signed in with both factors, if her role is among `roles`; for addresses outside the desk, too."""
        signed = await self.sessions.find(request.cookies.get(self.cookies.session, ""), touch=touch)
        if signed is None or not signed.full or (roles is not None and signed.staff.role not in roles):
            return None
        return signed

    def link(self, path: str) -> str:
        """A whole address, for mails and logs."""
        return f"{self.base}{path}"

    def to_sign_in(self, request: Request) -> Response:
        """Where somebody goes who has to sign in first. A part of a page is not replaced by the sign-in page: all of it is."""
        if request.headers.get("hx-request"):
            return Response(status_code=403, headers={"HX-Redirect": SIGN_IN})
        if request.method not in ("GET", "HEAD"):
            return Response("sign in first\n", status_code=403, media_type="text/plain")
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(path, safe='')}", status_code=303)

    # Every request

    def _guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not self._rate.allows(self.callers.address(request)):
                response = Response("too many requests\n", status_code=429, headers={"Retry-After": "60"})
            else:
                response = await self._answer(page, request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    async def _answer(self, page: Page, request: Request) -> Response:
        signed = await self.sessions.find(request.cookies.get(self.cookies.session, ""), touch=not page.quiet)
        if page.roles is not None and (signed is None or not (signed.full or page.half)):
            return self.to_sign_in(request)
        planted = request.cookies.get(self.cookies.form, "")
        fresh = "" if signed or len(planted) == 43 else token_urlsafe(32)
        secret = signed.token if signed else fresh or planted
        visit = Visit(self, request, signed, Tongue(self.words, self._language(request, signed)), secret)
        if page.roles is not None and visit.staff.role not in page.roles:
            return visit.problem(visit.say("Your role does not include this page."), 403)
        if request.method not in ("GET", "HEAD"):
            if not 0 <= _length(request) <= LARGEST_FORM:
                return visit.problem(visit.say("This is too much at once."), 413)
            try:
                visit.form = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
            except HTTPException:
                return visit.problem(visit.say("This is too much at once."), 400)
            given = request.headers.get("x-form-token", "") or visit.field("form_token")
            if fresh or not is_own_form(request, secret, given, self.settings.public_url):
                text = visit.say(
                    "This form is too old, or it did not come from this page. Go back, load the page again and repeat."
                )
                return visit.problem(text, 403)
        response = await page.endpoint(visit)
        if fresh:
            self.cookies.put(response, self.cookies.form, fresh)
        return response

    def _language(self, request: Request, signed: Signed | None) -> str:
        own = signed.staff.language if signed else None
        chosen = own or request.cookies.get(self.cookies.language, "")
        return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def _length(request: Request) -> int:
    """Bytes that a form announces; -1 where it announces none, which no browser does."""
    given = request.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 12 else -1
