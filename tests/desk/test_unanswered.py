"""What the bot did not understand, at the desk: who may, what is shown, labelling, exporting, forgetting."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.cli import app
from bot.messages import Inbound
from bot.retention import Keep, purge
from bot.store.desk_tables import TrainingLine
from bot.store.models import InboundRow, Person, now
from bot.unanswered import lines
from tests.desk.office import Office

ROOT = Path(__file__).resolve().parents[2]


async def write(office: Office, text: str, address: str, intent: str = "nlu_fallback", safety: str = "none") -> None:
    """A message that was answered, with what was understood of it."""
    await office.world.receive(Inbound("sms", address, text, f"u-{address}-{text[:40]}"))
    async with office.database.write() as session:
        row = (await session.execute(select(InboundRow).order_by(InboundRow.id.desc()).limit(1))).scalar_one()
        row.state, row.answered_at = "answered", now()
        row.understood = {"intent": intent, "confidence": 0.2, "language": "en", "entities": [], "safety": safety}


def texts(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'name="text" value="([^"]*)"', page)]


async def test_only_what_nobody_has_to_answer_for_is_shown(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Edith", "editor")
        await write(office, "can i bring my cat, call 91234567", "+85291110001")
        await write(office, "can i bring my cats? call 95554444", "+85291110002")
        await write(office, "is the moon far", "+85291110003", "out_of_scope")
        await write(office, "what are the fees", "+85291110003", "ask_fees")
        await write(office, "strange words in a case", "+85291110004", safety="check")
        await write(office, "words of one who asked for deletion", "+85291110005")
        await write(office, "words that are too old", "+85291110006")
        await write(office, "3", "+85291110007")
        await office.case("help, he is beating me with strange words", "+85291110008")
        async with office.database.write() as session:
            ids = list((await session.execute(select(InboundRow.id).order_by(InboundRow.id))).scalars())
            person = (await session.get_one(InboundRow, ids[5])).person_id
            await session.execute(update(Person).where(Person.id == person).values(erase_asked_at=now()))
            old = now() - timedelta(days=91)
            await session.execute(update(InboundRow).where(InboundRow.id == ids[6]).values(received_at=old))
        edith = await office.browser("Edith")
        page = (await edith.get("/desk/unanswered")).text
        assert texts(page) == [
            "can i bring my cats? call (number)",
            "can i bring my cat, call (number)",
            "is the moon far",
        ]
        assert page.count('action="/desk/unanswered/label"') == 2
        assert "9111" not in page and "9555" not in page
        assert texts((await edith.get("/desk/unanswered?lang=es")).text) == []


async def test_two_clicks_label_a_group_and_the_lines_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Edith", "editor")
        for n, text in enumerate(
            ("can i bring my cat [x](y), call 91234567", "can i bring my cat", "my secret recipe")
        ):
            await write(office, text, f"+8529111000{n}")
        edith = await office.browser("Edith")
        await edith.get("/desk/unanswered")
        both = ["can i bring my cat [x](y), call (number)", "can i bring my cat"]
        fields = {"language": "en", "intent": "out_of_scope", "text": both}
        for bad in ({"intent": "no_such"}, {"language": "../en"}, {"text": []}):
            page = await edith.post("/desk/unanswered/label", **(fields | bad))  # type: ignore[arg-type]
            assert page.status_code == 400
        page = await edith.post("/desk/unanswered/label", **fields)  # type: ignore[arg-type]
        assert texts(page.text) == ["my secret recipe"]
        invented = {"language": "en", "intent": "greet", "text": "what nobody wrote"}
        await edith.post("/desk/unanswered/label", **invented)
        await edith.post("/desk/unanswered/label", language="en", intent=lines.ASIDE, text="my secret recipe")
        assert texts((await edith.get("/desk/unanswered")).text) == []

        async with office.database.read() as session:
            kept = (await session.execute(select(TrainingLine))).scalars().all()
        assert [(row.intent, office.vault.open(row.text_sealed)) for row in kept] == [
            ("out_of_scope", both[1]), ("out_of_scope", both[0]), ("-", "my secret recipe"),
        ]  # fmt: skip
        assert {column.name for column in TrainingLine.__table__.columns} == {
            "id", "language", "intent", "text_sealed", "at",
        }  # fmt: skip
        assert all(row.at.hour == row.at.minute == row.at.second == 0 for row in kept)

        archive = zipfile.ZipFile(io.BytesIO((await edith.client.get("/desk/unanswered/lines.zip")).content))
        assert archive.namelist() == ["data/nlu/en/out_of_scope.yml"]
        text = archive.read("data/nlu/en/out_of_scope.yml").decode()
        before = (ROOT / "data/nlu/en/out_of_scope.yml").read_text()
        assert text == before + "    - can i bring my cat\n    - can i bring my cat x (y), call\n"

        data = tmp_path / "data"
        (data / "nlu" / "en").mkdir(parents=True)
        for name, value in {"HOME": str(tmp_path), "SECRET_KEY": "a key for tests that is long enough"}.items():
            monkeypatch.setenv(f"KASAMA_{name}", value)
        monkeypatch.setenv("KASAMA_DATABASE_URL", office.database.url)
        import asyncio

        said = await asyncio.to_thread(CliRunner().invoke, app, ["desk", "export-lines", "--data", str(data)])
        assert said.exit_code == 0, said.output
        written = (data / "nlu/en/out_of_scope.yml").read_text()
        assert written.splitlines()[-2:] == ["    - can i bring my cat", "    - can i bring my cat x (y), call"]
        again = await asyncio.to_thread(CliRunner().invoke, app, ["desk", "export-lines", "--data", str(data)])
        assert "Nothing is new." in again.output

        await purge(office.database, office.vault, Keep(messages=90))
        async with office.database.write() as session:
            assert len((await session.execute(select(TrainingLine))).all()) == 3
            await session.execute(update(TrainingLine).values(at=now() - timedelta(days=91)))
        await purge(office.database, office.vault, Keep(messages=90))
        async with office.database.read() as session:
            assert (await session.execute(select(TrainingLine))).all() == []


async def test_caseworkers_do_not_see_them(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Carla", "caseworker")
        carla = await office.browser("Carla")
        assert (await carla.get("/desk/unanswered")).status_code == 403
        assert (await carla.get("/desk/unanswered/lines.zip")).status_code == 403
