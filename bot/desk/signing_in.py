"""Signing in and out: password, then the second factor. Nothing tells whether an account exists, not even the time it takes."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from bot.desk import audit, second_factor
from bot.desk.desk import SIGN_IN, Desk, Page, Visit
from bot.desk.passwords import fits
from bot.desk.staff import EVERYBODY, by_email
from bot.desk.words import LANGUAGES, N_
from bot.store.desk_tables import Staff

FACTOR = "/desk/second-factor"
ENROL = "/desk/second-factor/new"
HOME = "/desk"
COOKIE_OF_LANGUAGE = 365 * 24 * 3600

WRONG = N_("E-mail address or password is wrong.")
LOCKED = N_("Too many attempts. Try again in {minutes} min.")


def pages(desk: Desk) -> list[Page]:
    """The pages; none is in the navigation."""
    return [
        Page(HOME, home, EVERYBODY),
        Page(SIGN_IN, show, None),
        Page(SIGN_IN, sign_in, None, methods=("POST",)),
        Page(FACTOR, show_factor, EVERYBODY, half=True),
        Page(FACTOR, give_factor, EVERYBODY, methods=("POST",), half=True),
        Page(ENROL, show_enrol, EVERYBODY, half=True),
        Page(ENROL, enrol, EVERYBODY, methods=("POST",), half=True),
        Page(f"{ENROL}/qr.svg", qr, EVERYBODY, half=True),
        Page("/desk/sign-out", sign_out, EVERYBODY, methods=("POST",), half=True),
        Page("/desk/language", choose_language, None, methods=("POST",)),
    ]


def inside(path: str) -> str:
    """Where to go after signing in: only to pages of ours."""
    return path if path.startswith(("/desk", "/try", "/preview")) and "\\" not in path and "//" not in path else HOME


async def home(visit: Visit) -> Response:
    """The first page of her navigation."""
    pages = visit.desk.navigation(visit.signed)
    return visit.go(pages[0].path) if pages else visit.go("/desk/account")


async def show(visit: Visit) -> Response:
    if visit.signed is not None and visit.signed.full:
        return visit.go(HOME)
    return _form(visit, inside(visit.request.query_params.get("next", "")))


async def sign_in(visit: Visit) -> Response:
    email, onward = visit.field("email", 254).casefold(), inside(visit.field("next"))
    desk, address = visit.desk, visit.desk.callers.address(visit.request)
    if wait := await desk.guessing.begin(email, address):
        return _form(visit, onward, visit.say(LOCKED, minutes=-(-wait // 60)), status=429)
    async with desk.database.read() as session:
        staff = await by_email(session, desk.vault, email)
    usable = staff is not None and staff.active
    password = visit.form.get("password", "")
    right = await fits(staff.password if staff and usable else None, password if isinstance(password, str) else "")
    if staff is None or not usable or not right:
        if staff is not None:
            async with desk.database.write() as session:
                audit.note(session, staff.partner_id, staff.name, "sign_in_failed")
        return _form(visit, onward, visit.say(WRONG), status=403)
    await desk.guessing.succeeded(email, address)
    return await begin(visit, staff, "factor" if staff.totp_confirmed else "enrol", onward)


async def begin(visit: Visit, staff: Staff, stage: str, onward: str = HOME) -> Response:
    """A new session at this stage, and on to what comes next. The cookie is a new one each time."""
    desk = visit.desk
    async with desk.database.write() as session:
        before = visit.request.cookies.get(desk.cookies.session, "")
        token = await desk.sessions.begin(session, staff, stage, instead_of=before)
        if stage == "full":
            audit.note(session, staff.partner_id, staff.name, "signed_in")
    response = visit.go({"factor": f"{FACTOR}?{urlencode({'next': onward})}", "enrol": ENROL}.get(stage, onward))
    desk.cookies.put(response, desk.cookies.session, token)
    return response


async def show_factor(visit: Visit) -> Response:
    if visit.signed is None or visit.signed.stage != "factor":
        return visit.go(ENROL if visit.signed and visit.signed.stage == "enrol" else HOME)
    return visit.page("second_factor.html", onward=inside(visit.request.query_params.get("next", "")), problem="")


async def give_factor(visit: Visit) -> Response:
    """A code of the app, or a recovery code."""
    assert visit.signed is not None
    if visit.signed.stage != "factor":
        return visit.go(HOME)
    desk, staff, onward = visit.desk, visit.staff, inside(visit.field("next"))
    account, address = f"second factor of {staff.id}", desk.callers.address(visit.request)
    if wait := await desk.guessing.begin(account, address):
        problem = visit.say(LOCKED, minutes=-(-wait // 60))
        return visit.page("second_factor.html", status=429, onward=onward, problem=problem)
    code = visit.field("code", 40)
    async with desk.database.write() as session:
        right = await second_factor.accepts(session, desk.vault, staff, code)
        if not right and (right := await second_factor.accepts_recovery(session, staff.id, code)):
            visit.note(session, "recovery_code")
        if not right:
            visit.note(session, "sign_in_failed")
    if not right:
        problem = visit.say("This code is wrong or was used before. The app shows a new one every 30 seconds.")
        return visit.page("second_factor.html", status=403, onward=onward, problem=problem)
    await desk.guessing.succeeded(account, address)
    return await begin(visit, staff, "full", onward)


async def show_enrol(visit: Visit) -> Response:
    if visit.signed is None or visit.signed.stage != "enrol":
        return visit.go(HOME)
    return await _enrolment(visit)


async def enrol(visit: Visit) -> Response:
    """The first code of the app: from now on the account needs one. The recovery codes are shown, once."""
    if visit.signed is None or visit.signed.stage != "enrol":
        return visit.go(HOME)
    desk = visit.desk
    async with desk.database.write() as session:
        staff = await session.get_one(Staff, visit.staff.id)
        right = await second_factor.accepts(session, desk.vault, staff, visit.field("code", 40))
        if right:
            staff.totp_confirmed = True
            codes = await second_factor.new_recovery_codes(session, staff.id)
            token = await desk.sessions.begin(session, staff, "full", instead_of=visit.signed.token)
            visit.note(session, "signed_in")
    if not right:
        return await _enrolment(visit, visit.say("This code is wrong. Is the clock of the phone right?"))
    signed = await desk.sessions.find(token)
    seen = Visit(desk, visit.request, signed, visit.tongue, token)
    response = seen.page("recovery_codes.html", codes=codes)
    desk.cookies.put(response, desk.cookies.session, token)
    return response


async def qr(visit: Visit) -> Response:
    """The picture that the app takes; only until the first code was given."""
    staff = visit.staff
    if visit.signed is None or visit.signed.stage != "enrol" or staff.totp_sealed is None:
        return visit.missing()
    picture = second_factor.picture(visit.desk.vault.open(staff.totp_sealed), _account(visit))
    return Response(picture, media_type="image/svg+xml")


async def sign_out(visit: Visit) -> Response:
    assert visit.signed is not None
    await visit.desk.sessions.end(visit.signed.token)
    async with visit.desk.database.write() as session:
        visit.note(session, "signed_out")
    response = visit.go(SIGN_IN)
    visit.desk.cookies.drop(response, visit.desk.cookies.session)
    return response


async def choose_language(visit: Visit) -> Response:
    """Another language for the desk, kept in the browser and, signed in, with the account."""
    language = visit.field("language", 8)
    response = visit.go(inside(visit.field("next")))
    if language in LANGUAGES:
        if visit.signed is not None:
            async with visit.desk.database.write() as session:
                (await session.get_one(Staff, visit.staff.id)).language = language
        cookies = visit.desk.cookies
        cookies.put(response, cookies.language, language, seconds=COOKIE_OF_LANGUAGE)
    return response


def _form(visit: Visit, onward: str, problem: str = "", *, status: int = 200) -> Response:
    oidc = visit.desk.settings.oidc_issuer
    return visit.page(
        "sign_in.html", status=status, onward=onward, problem=problem, oidc=oidc, email=visit.field("email")
    )


async def _enrolment(visit: Visit, problem: str = "") -> Response:
    desk = visit.desk
    async with desk.database.write() as session:
        staff = await session.get_one(Staff, visit.staff.id)
        if staff.totp_sealed is None:
            staff.totp_sealed = desk.vault.seal(second_factor.new_secret())
        secret = desk.vault.open(staff.totp_sealed)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    link = second_factor.address(secret, _account(visit))
    return visit.page("enrol.html", status=403 if problem else 200, secret=grouped, link=link, problem=problem)


def _account(visit: Visit) -> str:
    return str(visit.desk.vault.open(visit.staff.email_sealed))
