"""For all tests: databases of each kind, and which tests may run beside others.

`make test` runs in four parts: those that only compute, on all cores; those that mostly wait for servers of their own, several
at a time; those that start the whole service or a browser, two at a time; and those that measure how long something takes, alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standins.postgres import Postgres, programs

TESTS = Path(__file__).parent

COMPUTING = (
    "knowledge/test_broken.py",
    "knowledge/test_digits.py",
    "knowledge/test_service.py",
    "knowledge/test_topics.py",
    "knowledge/test_walk.py",
    "nlu/test_entities.py",
    "nlu/test_language.py",
    "nlu/test_training_lines.py",
    "privacy/test_first_reply.py",
    "channels/test_mail_reading.py",
    "channels/test_national.py",
    "channels/test_segments.py",
    "test_catalogs.py",
    "test_choices.py",
    "test_editing.py",
    "test_preview.py",
    "test_safety.py",
    "test_sms_rules.py",
)


WHOLE = (
    "benchmarks/",
    "conversations/",
    "desk/test_browser.py",
    "desk/test_content_browser.py",
    "dialogue/",
    "end_to_end/",
)


TIMED = ("knowledge/test_live.py", "knowledge/test_speed.py", "nlu/test_encoder.py", "nlu/test_understanding.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(TESTS).as_posix()
        if path in COMPUTING:
            item.add_marker("computes")
        elif path.startswith(WHOLE):
            item.add_marker("whole")
        elif path in TIMED:
            item.add_marker("timed")
        elif path.startswith(("knowledge/", "nlu/")):  # `make test` does not look there a second time
            raise pytest.UsageError(f"{path}: name it in COMPUTING or TIMED of tests/conftest.py")
        else:
            item.add_marker("waits")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed; .ci/run installs it")
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy address of a new, empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()
