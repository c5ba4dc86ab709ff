"""A backup made while messages come in is whole, and readable with the key, in a home that was empty."""

from __future__ import annotations

import asyncio
import json
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import backup
from bot.attachments import FOLDER
from bot.backup import BackupError
from bot.cli_operation import bring_back
from bot.settings import Settings
from bot.store.crypto import Vault, WrongKey
from bot.store.database import Database
from bot.store.models import InboundRow, Person

VAULT = Vault("a key for tests that is long enough")


async def write(database: Database, number: int) -> None:
    async with database.write() as session:
        body = VAULT.seal(json.dumps({"text": f"message {number}"}))
        session.add(InboundRow(channel="sms", provider_id=f"id-{number}", person_id="p", body_sealed=body))


async def texts(path: Path) -> list[str]:
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    async with database.read() as session:
        rows = (await session.execute(select(InboundRow).order_by(InboundRow.id))).scalars()
        found = [json.loads(VAULT.open(row.body_sealed))["text"] for row in rows]
    await database.close()
    return found


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home with a message and an attachment."""
    home = tmp_path / "home"
    database = Database(f"sqlite+aiosqlite:///{home / backup.DATABASE}")
    await database.migrate()
    async with database.write() as session:
        session.add(Person(id="p", mark="m", channel="sms", address_sealed=VAULT.seal("+85251230000")))
    await write(database, 0)
    await database.close()
    (home / FOLDER).mkdir()
    (home / FOLDER / "a1").write_bytes(b"sealed")
    return home


async def test_a_backup_under_load_comes_back_whole(home: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{home / backup.DATABASE}")
    over = False

    async def load() -> int:
        number = 1
        while not over:
            await write(database, number)
            number += 1
        return number

    loading = asyncio.create_task(load())
    await asyncio.sleep(0.2)
    target = tmp_path / "copies" / "kasama.backup"
    await asyncio.to_thread(backup.back_up, home / backup.DATABASE, home, target)
    await asyncio.sleep(0.1)
    over = True
    written = await loading
    await database.close()
    assert target.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in target.parent.iterdir()) == ["kasama.backup"]

    new = tmp_path / "new"
    found = backup.restore(target, new / backup.DATABASE, new, VAULT)
    back = await texts(new / backup.DATABASE)
    assert 1 < len(back) < written  # of one moment in the middle
    assert back == [f"message {n}" for n in range(len(back))]
    assert found == {"people": 1, "messages": len(back), "cases": 0, "attachments": 1}
    assert (new / FOLDER / "a1").read_bytes() == b"sealed"


async def test_another_key_is_told_before_anything_is_put_in_place(home: Path, tmp_path: Path) -> None:
    target, new = tmp_path / "b", tmp_path / "new"
    backup.back_up(home / backup.DATABASE, home, target)
    with pytest.raises(WrongKey):
        backup.restore(target, new / backup.DATABASE, new, Vault("another key that is long enough, too"))
    assert list(new.iterdir()) == []


async def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "b"
    backup.back_up(home / backup.DATABASE, home, target)
    with pytest.raises(BackupError, match="already"):
        backup.restore(target, home / backup.DATABASE, home, VAULT)
    assert await texts(home / backup.DATABASE) == ["message 0"]


async def test_half_a_backup_is_refused(home: Path, tmp_path: Path) -> None:
    target, new = tmp_path / "b", tmp_path / "new"
    backup.back_up(home / backup.DATABASE, home, target)
    target.write_bytes(target.read_bytes()[:-2000])
    with pytest.raises(BackupError, match="no whole backup"):
        backup.restore(target, new / backup.DATABASE, new, VAULT)
    assert not (new / backup.DATABASE).exists()


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    evil, new = tmp_path / "evil", tmp_path / "deep" / "new"
    with tarfile.open(evil, "w:gz") as archive:
        (tmp_path / "x").write_text("x")
        archive.add(tmp_path / "x", "../../x.escaped")
    with pytest.raises(BackupError, match="no database"):
        backup.restore(evil, new / backup.DATABASE, new, VAULT)
    assert not list(tmp_path.rglob("x.escaped"))


def test_a_missing_key_is_told_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="key is missing"):
        bring_back(Settings(home=tmp_path / "new", _env_file=None), tmp_path / "b")  # type: ignore[call-arg]
    assert not (tmp_path / "new" / "secret.key").exists()


def test_postgresql_is_sent_to_its_own_tool() -> None:
    with pytest.raises(BackupError, match="pg_dump") as caught:
        backup.sqlite_file("postgresql+asyncpg://kasama:secret@db.example/kasama")
    assert "secret" not in str(caught.value) and "postgresql://kasama@db.example/kasama" in str(caught.value)
