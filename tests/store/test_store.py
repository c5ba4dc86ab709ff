"""Encryption, keys and migrations."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.store.crypto import Vault, WrongKey
from bot.store.database import _MIGRATIONS as MIGRATIONS
from bot.store.database import Database
from bot.store.keys import Keys, keys_of
from bot.store.models import Base

_AT = "2026-01-01 00:00:00"
ROWS: dict[str, dict[str, object]] = {
    "people": {
        **dict.fromkeys(("id", "mark", "channel"), "x"), "address_sealed": b"x", "choices": "[]",
        "created_at": _AT, "wrote_at": _AT,
        **dict.fromkeys(
            ("language_chosen", "origin_said", "destination_said", "route_asked", "route_told", "page", "fallbacks", "greeted",
             "stopped"), 0),
    },
    "cases": {
        **dict.fromkeys(("number", "kind", "reason", "consent", "language", "state", "severity"), "x"), "id": 1, "person_id": "x",
        "opened_at": _AT, "round": 0, "wish_asked": 0, "hidden_at": _AT,
    },
    "inbound": {
        "id": 1, "channel": "x", "provider_id": "x", "person_id": "x", "body_sealed": b"x", "state": "x", "attempts": 0,
        "due_at": _AT, "told_wait": 0, "received_at": _AT, "case_id": 1,
    },
    "attachments": {
        "case_id": 1, "inbound_id": 1, "channel": "x", "kind": "x", "content_type": "x", "reference_sealed": b"x",
        "key_sealed": b"x", "file": "x", "state": "x", "attempts": 0, "due_at": _AT, "created_at": _AT,
    },
}  # fmt: skip

VAULT = Vault("a key for tests that is long enough")


@given(st.text(alphabet=st.characters(categories=None)))
def test_what_is_sealed_opens_again_whatever_it_is(text: str) -> None:
    sealed = VAULT.seal(text)
    assert VAULT.open(sealed) == text
    assert len(text) < 4 or text.encode("utf-8", "surrogatepass") not in sealed


def test_another_key_is_told_in_words_and_an_older_key_still_opens() -> None:
    sealed = VAULT.seal("help")
    with pytest.raises(WrongKey, match="KASAMA_SECRET_KEY"):
        Vault("another key that is long enough too").open(sealed)
    both = Vault(Keys(("another key that is long enough too", "a key for tests that is long enough")))
    assert both.open(sealed) == "help" and both.age(sealed) == 1 and both.age(both.seal("help")) == 0


def test_marks_are_stable_and_keyed() -> None:
    assert VAULT.mark("sms", "+852") == VAULT.mark("sms", "+852") != VAULT.mark("telegram", "+852")
    assert Vault("another key that is long enough too").mark("sms", "+852") != VAULT.mark("sms", "+852")


def test_the_made_key_is_kept_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    (first,) = keys_of(tmp_path / "home", "").current()
    assert keys_of(tmp_path / "home", "").current() == (first,) and len(first) >= 32
    assert stat.S_IMODE((tmp_path / "home/secret.key").stat().st_mode) == 0o600
    assert keys_of(tmp_path / "home", "configured", ("older",)).current() == ("configured", "older")


def test_an_added_key_is_in_use_everywhere_at_once(tmp_path: Path) -> None:
    ours, theirs = Vault(keys_of(tmp_path, "")), Vault(keys_of(tmp_path, ""))
    sealed, mark = ours.seal("help"), ours.mark("sms", "+852")
    theirs.keys.add()
    assert ours.open(sealed) == "help" and ours.age(sealed) == 1 and ours.age(ours.seal("help")) == 0
    assert ours.marks("sms", "+852")[1] == mark != ours.mark("sms", "+852")
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    theirs.keys.keep(1)
    with pytest.raises(WrongKey):
        ours.open(sealed)


async def test_migrations_give_the_tables_of_the_models(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'folder' / 'test.sqlite3'}")
    await database.migrate()
    await database.migrate()
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c), Base.metadata)
        )
        mode, sync = [
            (await connection.exec_driver_sql(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "synchronous")
        ]
    await database.close()
    assert not differences, "write a migration: bot/store/migrations/versions"
    assert (mode, sync) == ("wal", 2)


async def test_a_migration_keeps_what_hangs_on_a_case(tmp_path: Path) -> None:
    """SQLite makes a table anew for some changes, and would delete with the old one what points at it."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"
    database = Database(url)

    def migrate(connection: Connection, revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with database.engine.begin() as connection:
        await connection.run_sync(migrate, "0010")
    async with database.engine.begin() as connection:
        for table, values in ROWS.items():
            columns = ", ".join(values)
            await connection.exec_driver_sql(
                f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(values))})", tuple(values.values())
            )
    await database.migrate()
    async with database.engine.connect() as connection:
        kept = {t: (await connection.exec_driver_sql(f"SELECT count(*) FROM {t}")).scalar() for t in ROWS}
    await database.close()
    assert set(kept.values()) == {1}, kept
