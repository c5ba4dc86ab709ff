"""A copy of everything that must survive, in one file, made while the service runs; and its way back.

In it are the database and what came with messages of cases, sealed as they lie there. The key is not: it is kept apart. Trained
models and content are made again, or lie in the checkout.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from bot.attachments import FOLDER
from bot.store.crypto import Vault

DATABASE = "kasama.sqlite3"


class BackupError(Exception):
    """It cannot be done; the text says why and what to do."""


def sqlite_file(url: str) -> Path:
    """The file of an SQLite address. Raises `BackupError` for another database, with the commands that back that up."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        plain = URL.create("postgresql", address.username, None, address.host, address.port, address.database)
        raise BackupError(
            "The data are in PostgreSQL, which backs itself up:\n"
            f"  pg_dump --format=custom --file=kasama.dump '{plain}'\n"
            f"  pg_restore --no-owner --dbname='{plain}' kasama.dump     (into an empty database)\n"
            f"and copy the folder {FOLDER} in KASAMA_HOME afterwards. See docs/runbook.md."
        )
    return Path(address.database)


def back_up(database: Path, home: Path, target: Path) -> int:
    """Write a backup to `target`, readable by the owner only; returns its size in bytes. Raises `BackupError`.

    The service may go on writing: the copy is of one moment. Files are copied after the database, so none that it names is
    missing.
    """
    if not database.exists():
        raise BackupError(f"There is no database at {database}: nothing to back up.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(copy)) as made:
            source.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        _check(copy)
        draft = Path(folder) / "backup"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                archive.add(copy, DATABASE)
                for attachment in _attachments(home / FOLDER):
                    try:
                        archive.add(attachment, f"{FOLDER}/{attachment.name}")
                    except FileNotFoundError:  # deleted meanwhile, as its time had come
                        continue
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    return target.stat().st_size


def restore(source: Path, database: Path, home: Path, vault: Vault) -> dict[str, int]:
    """Bring a backup into a home without a database; returns how many of what there are. Raises `BackupError`, `WrongKey`.

    Nothing is put in place before the copy is whole and the key opens it.
    """
    if database.exists():
        raise BackupError(
            f"There is a database at {database} already. Stop the service and move it away first: nothing is overwritten."
        )
    if not source.is_file():
        raise BackupError(f"There is no file {source}.")
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as folder:
        try:
            _unpack(source, Path(folder))
        except (tarfile.TarError, EOFError, OSError) as error:
            raise BackupError(f"{source} is no whole backup of Kasama ({type(error).__name__}).") from None
        copy = Path(folder) / DATABASE
        if not copy.is_file():
            raise BackupError(f"{source} is no backup of Kasama: no database is in it.")
        _check(copy)
        found = _count(copy, vault)
        files = list(_attachments(Path(folder) / FOLDER))
        (home / FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in files:
            shutil.move(file, home / FOLDER / file.name)
        copy.chmod(0o600)
        copy.replace(database)
    return {**found, "attachments": len(files)}


def _unpack(source: Path, folder: Path) -> None:
    """Only what a backup holds: the database, and plain files of one folder, whatever paths the archive names."""
    (folder / FOLDER).mkdir()
    with tarfile.open(source) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            place = folder / DATABASE if member.name == DATABASE else folder / FOLDER / Path(member.name).name
            with place.open("wb") as file:
                shutil.copyfileobj(content, file)
            place.chmod(0o600)


def _attachments(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))


def _check(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise BackupError(f"The copy of the database is damaged: {answer}")


def _count(copy: Path, vault: Vault) -> dict[str, int]:
    """How much there is. The newest of each kind is opened: a backup whose key is lost is none."""
    with closing(sqlite3.connect(copy)) as connection:
        for table, column in (("people", "address_sealed"), ("inbound", "body_sealed")):
            newest = f"SELECT {column} FROM {table} WHERE length({column}) > 0 ORDER BY rowid DESC LIMIT 1"
            for (sealed,) in connection.execute(newest):
                vault.open(sealed)
        tables = {"people": "people", "messages": "inbound", "cases": "cases"}
        return {
            what: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for what, table in tables.items()
        }
