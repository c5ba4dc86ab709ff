"""Her own account: password, recovery codes, signing out everywhere."""

from __future__ import annotations

from sqlalchemy import func, select
from starlette.responses import Response

from bot.desk import second_factor
from bot.desk.desk import SIGN_IN, Desk, Page, Visit
from bot.desk.passwords import fits, hashed, weakness
from bot.desk.sessions import end_all
from bot.desk.signing_in import LOCKED
from bot.desk.staff import EVERYBODY
from bot.store.desk_tables import RecoveryCode, Staff, StaffSession

ACCOUNT = "/desk/account"


def pages(desk: Desk) -> list[Page]:
    """The pages; the name at the top of every page leads here."""
    return [
        Page(ACCOUNT, show, EVERYBODY),
        Page(f"{ACCOUNT}/password", new_password, EVERYBODY, methods=("POST",)),
        Page(f"{ACCOUNT}/recovery-codes", new_codes, EVERYBODY, methods=("POST",)),
        Page(f"{ACCOUNT}/sign-out-everywhere", everywhere, EVERYBODY, methods=("POST",)),
    ]


async def show(visit: Visit, problem: str = "", status: int = 200) -> Response:
    staff = visit.staff
    async with visit.desk.database.read() as session:
        left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff.id)
        full = select(func.count()).select_from(StaffSession)
        codes = (await session.execute(left)).scalar_one()
        sessions = await session.execute(full.where(StaffSession.staff_id == staff.id, StaffSession.stage == "full"))
        browsers = sessions.scalar_one()
    email = visit.desk.vault.open(staff.email_sealed)
    done = visit.request.query_params.get("done", "")
    return visit.page(
        "account.html", status=status, email=email, codes=codes, browsers=browsers, problem=problem, done=done
    )


async def new_password(visit: Visit) -> Response:
    """She gives the one before; everybody else who is signed in with this account is signed out."""
    desk, staff = visit.desk, visit.staff
    if problem := await _not_her(visit):
        return await show(visit, problem, 403)
    password = str(visit.form.get("new", ""))
    if weak := weakness(password, staff.name, desk.vault.open(staff.email_sealed)):
        return await show(visit, visit.say(weak), 400)
    kept = await hashed(password)
    async with desk.database.write() as session:
        (await session.get_one(Staff, staff.id)).password = kept
        await end_all(session, staff.id)
        token = await desk.sessions.begin(session, staff, "full")
        visit.note(session, "new_password")
    response = visit.go(f"{ACCOUNT}?done=password")
    desk.cookies.put(response, desk.cookies.session, token)
    return response


async def new_codes(visit: Visit) -> Response:
    """New recovery codes, shown once."""
    if problem := await _not_her(visit):
        return await show(visit, problem, 403)
    async with visit.desk.database.write() as session:
        codes = await second_factor.new_recovery_codes(session, visit.staff.id)
        visit.note(session, "new_codes")
    return visit.page("recovery_codes.html", codes=codes)


async def everywhere(visit: Visit) -> Response:
    """Every browser that is signed in with this account has to sign in again, this one too."""
    async with visit.desk.database.write() as session:
        await end_all(session, visit.staff.id)
        visit.note(session, "signed_out_everywhere")
    response = visit.go(SIGN_IN)
    visit.desk.cookies.drop(response, visit.desk.cookies.session)
    return response


async def _not_her(visit: Visit) -> str:
    """A sentence when the password of the form is not hers: somebody may have found her desk open."""
    desk, account = visit.desk, f"password again of {visit.staff.id}"
    address = desk.callers.address(visit.request)
    if wait := await desk.guessing.begin(account, address):
        return visit.say(LOCKED, minutes=-(-wait // 60))
    if not await fits(visit.staff.password, str(visit.form.get("password", ""))):
        return visit.say("The present password is wrong.")
    await desk.guessing.succeeded(account, address)
    return ""
