"""A PostgreSQL of the tests' own, on loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest that is there; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    if found:
        return found[0]
    there = shutil.which("initdb")
    return Path(there).parent if there else None


class Postgres:
    """A server with trust authentication for this machine; every database in it is thrown away."""

    def __init__(self) -> None:
        bin_folder = programs()
        if bin_folder is None:
            raise FileNotFoundError("PostgreSQL is not installed")
        self._bin = bin_folder
        self._folder = tempfile.mkdtemp(prefix="kasama-postgres-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._databases = 0

    def __enter__(self) -> Postgres:
        data = f"{self._folder}/data"
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", data, "-U", "kasama", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", data, "-w", "-l", f"{self._folder}/log", "-o", options, "start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def database(self) -> str:
        """The SQLAlchemy address of a new, empty database."""
        self._databases += 1
        name = f"kasama{self._databases}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "kasama", name)
        return f"postgresql+asyncpg://kasama@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # Not captured: the server inherits the pipe, and waiting for its end would never end.
        with open(os.devnull, "w") as nothing:
            subprocess.run(command, check=True, cwd="/", stdout=nothing, stderr=nothing, timeout=60)
