"""Drills: by the real ways and up the real ladder, answered in every way, never in a figure, never to a woman."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.cases import OPERATOR, Actor, CaseRefused, drills, reading
from bot.cases.telling import DRILL_WORDS
from bot.cli import app
from bot.messages import PartnerReply
from bot.reporting.tables import tables
from bot.store.models import Case, Delivery, Person, now
from tests.cases.test_ladder import overdue
from tests.cases.test_web import visitor
from tests.cases.town import HER, OPERATOR_SMS, SOS, Town, until

MARK = "DRILL, nobody is in danger"


async def begin(town: Town, partner: str) -> str:
    """Begin a drill, once the one before is over; its number."""
    for attempt in range(100):
        try:
            async with town.world.database.write() as session:
                case = await drills.begin(session, town.world.cases.directory, town.world.cases.ladder, partner)
            break
        except drills.DrillRefused:
            if attempt == 99:
                raise
            await asyncio.sleep(0.05)
    town.world.outbox.wake()
    return case.number


async def result(town: Town, partner: str) -> drills.Result:
    async with town.world.database.read() as session:
        (found,) = await drills.results(session, town.world.cases.directory, [partner])
    return found


async def test_a_drill_climbs_the_partners_own_ladder_and_is_answered_by_sms(town: Town) -> None:
    email, sms = town.channels["email"], town.channels["sms"]
    alpha = town.addresses["KASAMA_PARTNER_ALPHA_SMS"]
    number = await begin(town, "alpha")
    assert await until(lambda: bool(email.to("alpha@partner.example")))
    mail = email.to("alpha@partner.example")[0]
    assert mail.subject == f"{MARK}: {number}" and DRILL_WORDS in mail.text and f"OK {number}" in mail.text
    assert "Her words" not in mail.text and "Reply to her" not in mail.text
    await overdue(town, "notify")
    assert await until(lambda: bool(sms.texts(alpha)))
    assert sms.texts(alpha)[0].startswith(f"REPEAT 1: {MARK}. Kasama {number}.")
    await town.writes("OK", alpha)
    assert await until(lambda: any("was a drill: you have answered it" in t for t in sms.texts(alpha)))
    found = await result(town, "alpha")
    assert found.state == "passed" and found.after is not None and timedelta() < found.after < timedelta(minutes=1)
    assert found.by == "alpha: First (sms)" and not found.late and not found.due
    await town.writes(f"OK {number}", alpha)
    assert await until(lambda: any("it is over, by alpha" in t for t in sms.texts(alpha)))
    everything = [*email.taken, *sms.taken]
    assert {to for _, to, _ in everything} == {"alpha@partner.example", alpha}, "nobody else hears of it"
    async with town.world.database.read() as session:
        assert (await session.execute(select(Delivery).where(Delivery.person_id.is_not(None)))).first() is None


async def test_nobody_answers_and_the_drill_ends_where_the_partners_ladder_ends(town: Town) -> None:
    await begin(town, "alpha")
    for _ in range(50):  # the ladder's own job works the same steps
        await overdue(town, "notify")
        await town.world.cases.ladder.work(town.world.database)
        found = await result(town, "alpha")
        if found.state != "running":
            break
        await asyncio.sleep(0.1)
    assert found.state == "missed" and found.due and found.passed_at is None
    assert all(step.state != "waiting" and step.kind == "notify" for step in await town.steps())
    assert len(town.channels["email"].taken) <= 1 and not town.channels["sms"].texts(OPERATOR_SMS)
    async with town.world.database.read() as session:
        sentences = await drills.overdue(session, town.world.cases.directory)
    assert [s.split()[1] for s in sentences] == ["operator", "alpha", "beta", "gamma"] and "never yet" in sentences[1]


async def test_answered_by_the_link_of_the_mail_once(town: Town) -> None:
    await begin(town, OPERATOR)
    assert await until(lambda: bool(town.channels["email"].taken))
    words = town.channels["email"].taken[0][2].text.split()
    link = next(word for word in words if word.startswith("https://kasama.example/partner/take/"))
    async with visitor(town) as client:
        assert (await client.get(link)).status_code == 200 and (await result(town, OPERATOR)).state == "running"
        page = await client.post(link)
        assert page.status_code == 200 and "was a drill" in page.text and "She has been told" not in page.text
        assert (await client.post(link)).status_code == 403
    assert (await result(town, OPERATOR)).by == "operator (link)"


async def test_answered_by_the_button_on_telegram_and_by_words_and_at_the_desk(town: Town) -> None:
    town.addresses["KASAMA_PARTNER_ALPHA_TELEGRAM"] = "-100200"
    path = town.content / "partners/alpha.yml"
    path.write_text(
        "id: alpha\nname: alpha house\nreach:\n- {channel: telegram, address_from: KASAMA_PARTNER_ALPHA_TELEGRAM}\n"
    )
    assert town.knowledge.reload_if_changed()
    town.world.cases.directory._addresses = {**town.addresses}
    number = await begin(town, "alpha")
    assert await until(lambda: bool(town.channels["telegram"].taken))
    shown = town.channels["telegram"].taken[0][2]
    assert (
        shown.choices[0].payload == f"case:take:{number}"
        and shown.text.startswith(MARK)
        and "write to her" not in shown.text
    )
    press = PartnerReply("telegram", "-100200", "Maria", "", "press-1", button=f"case:take:{number}")
    assert await town.world.answers.receive(press)
    assert (await result(town, "alpha")).by == "alpha: Maria (telegram)"
    number = await begin(town, "alpha")
    assert await town.world.answers.receive(
        PartnerReply("telegram", "-100200", "Maria", f"{number}: who are you?", "text-1")
    )
    assert (await result(town, "alpha")).state == "passed", "words for her take a case, so they take a drill"
    number = await begin(town, "alpha")
    async with town.world.database.write() as session:
        case = await reading.find(session, number, "alpha")
        assert case is not None
        await town.world.cases.work.take(session, case, Actor("alpha", "Ana", "desk"))
    assert (await result(town, "alpha")).by == "alpha: Ana (desk)"


async def test_who_is_not_meant_cannot_answer_it_and_nothing_else_can_be_done_with_it(town: Town) -> None:
    number = await begin(town, "alpha")
    beta = town.addresses["KASAMA_PARTNER_BETA_SMS"]
    await town.writes(f"OK {number}", beta)
    await town.writes(f"OK {number}", OPERATOR_SMS)
    assert await until(lambda: any("is a drill for alpha" in t for t in town.channels["sms"].texts(OPERATOR_SMS)))
    assert await until(lambda: any("There is no case" in t for t in town.channels["sms"].texts(beta)))
    assert (await result(town, "alpha")).state == "running"
    with pytest.raises(drills.DrillRefused, match="is under way"):
        await begin(town, "alpha")
    with pytest.raises(drills.DrillRefused, match="no such file"):
        await begin(town, "nobody")
    async with town.world.database.write() as session:
        case = await reading.find(session, number, "alpha")
        assert case is not None
        work, ana = town.world.cases.work, Actor("alpha", "Ana", "desk")
        for refused in (work.pass_on(session, case, ana, "beta"), work.hand_over(session, case, ana, "operator"),
                        work.hand_back(session, case, ana)):  # fmt: skip
            with pytest.raises(CaseRefused, match="is a drill"):
                await refused


async def test_ok_alone_means_the_woman_and_not_the_drill(town: Town) -> None:
    await begin(town, OPERATOR)
    await town.writes(SOS)
    await town.writes("OK", OPERATOR_SMS)
    assert await until(lambda: any("caseworker" in t for t in town.channels["sms"].texts(HER)))
    assert (await result(town, OPERATOR)).state == "running"


async def test_a_closed_partner_without_a_way_for_the_night_is_not_drilled(town: Town) -> None:
    path, local = town.content / "partners/alpha.yml", now() + timedelta(hours=3)
    span = f'opens: "{local:%H}:00", closes: "{local + timedelta(hours=1):%H}:00"'
    path.write_text(
        f"{path.read_text()}\ntime_zone: UTC\nhours: [{{days: [mon, tue, wed, thu, fri, sat, sun], {span}}}]\n"
    )
    assert town.knowledge.reload_if_changed()
    with pytest.raises(drills.DrillRefused, match="closed until"):
        await begin(town, "alpha")


async def test_drills_are_in_no_figure_and_old_ones_are_due(town: Town) -> None:
    number = await begin(town, "alpha")
    await town.writes(f"OK {number}", town.addresses["KASAMA_PARTNER_ALPHA_SMS"])
    async with town.world.database.read() as session:
        assert await tables(session, f"{now():%Y-%m}") == []
    assert not (await result(town, "alpha")).due
    async with town.world.database.write() as session:
        ago = now() - drills.EVERY - timedelta(minutes=1)
        await session.execute(update(Case).values(acknowledged_at=ago, opened_at=ago - timedelta(minutes=20)))
    found = await result(town, "alpha")
    assert found.due and found.late and found.after == timedelta(minutes=20)
    async with town.world.database.read() as session:
        nobody = (await session.execute(select(Person))).scalar_one()
        assert nobody.address_sealed == b"" and nobody.id == drills.NOBODY


def test_from_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASAMA_HOME", str(tmp_path))
    monkeypatch.setenv("KASAMA_OPERATOR_EMAIL", "duty@operator.example")
    monkeypatch.setenv("SMTP_URL", "smtp://mail.operator.example:25")

    def kasama(*arguments: str) -> str:
        return CliRunner().invoke(app, list(arguments)).output

    told = kasama("drill")
    number = next(line.split()[1] for line in told.splitlines() if line.startswith("operator"))
    assert "running" in told and "No service runs here" in told
    assert "under way" in kasama("drill", "--partner", "operator")
    assert "Drill due: partner operator has not passed a drill" in kasama("status")
    assert "was a drill" in kasama("cases", "ack", number)
    done = kasama("drill", "status")
    assert "passed" in done and "(terminal)" in done and "has not passed" not in done
    assert "Drill due" not in kasama("status") and "nobody has taken: 0" in kasama("status")
