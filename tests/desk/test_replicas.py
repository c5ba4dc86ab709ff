"""Several replicas of the desk on one PostgreSQL: what one of them does, the others know."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.desk.events import Watching
from bot.store.desk_tables import Invitation, RecoveryCode
from bot.store.models import Case, CaseEvent
from tests.desk.office import PASSWORD, Office
from tests.standins.postgres import Postgres, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed; .ci/run installs it")


async def test_two_replicas_are_one_desk(tmp_path: Path) -> None:
    with Postgres() as postgres:
        url = postgres.database()
        async with Office(tmp_path, database_url=url) as here, Office(tmp_path, database_url=url) as there:
            for name in ("Ana", "Bea"):
                await here.hire(name)
            # A session of one is a session of the other.
            ana, bea = await here.browser("Ana"), await there.browser("Bea")
            elsewhere = await there.browser()
            elsewhere.client.cookies = ana.client.cookies
            assert (await elsewhere.get("/desk/account")).url.path == "/desk/account"

            # A case that comes in here is seen there.
            watching = Watching(there.database, pause=0.05)
            queue = await watching.listen()
            number = await here.case()
            change = await asyncio.wait_for(queue.get(), 5)
            assert change.case == number and change.alert
            watching.leave(queue)
            assert number in (await bea.get("/desk/cases")).text

            # Both take it at the same moment, each with a replica of her own.
            for browser in (ana, bea):
                await browser.get(f"/desk/cases/{number}")
            answers = await asyncio.gather(*(browser.post(f"/desk/cases/{number}/take") for browser in (ana, bea)))
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            async with here.database.read() as session:
                taken = select(func.count()).select_from(CaseEvent).where(CaseEvent.what == "acknowledged")
                assert (await session.execute(taken)).scalar_one() == 1
                assert (await session.execute(select(Case.taken_by))).scalar_one().startswith("operator: ")

            # Guessing is counted together, and many at once are no way around it.
            guesses = [
                office.desk.guessing.begin("ana@ngo.example", "192.0.2.1") for office in (here, there) for _ in range(5)
            ]
            waits = await asyncio.gather(*guesses)
            assert waits.count(0) == 5


async def test_an_invitation_and_a_recovery_code_work_once_on_two_replicas(tmp_path: Path) -> None:
    from bot.desk import second_factor

    with Postgres() as postgres:
        url = postgres.database()
        async with Office(tmp_path, database_url=url) as here, Office(tmp_path, database_url=url) as there:
            async with here.database.write() as session:
                token = await here.desk.invitations.make(session, "new@ngo.example", "caseworker", "operator", "t")
            browsers = [await here.browser(), await there.browser()]
            path = f"/desk/invitation/{token}"
            for browser in browsers:
                await browser.get(path)
            answers = await asyncio.gather(*(browser.post(path, name="New", password=PASSWORD) for browser in browsers))
            assert sorted(answer.status_code for answer in answers) == [200, 404]
            staff = await here.hire("Ana")
            async with here.database.write() as session:
                (code, *_) = await second_factor.new_recovery_codes(session, staff.id)

            async def use(office: Office) -> bool:
                async with office.database.write() as session:
                    return await second_factor.accepts_recovery(session, staff.id, code)

            assert sorted(await asyncio.gather(use(here), use(there))) == [False, True]
            async with here.database.read() as session:
                assert (await session.execute(select(func.count()).select_from(RecoveryCode))).scalar_one() == 9
                assert (await session.execute(select(func.count()).select_from(Invitation))).scalar_one() == 1
