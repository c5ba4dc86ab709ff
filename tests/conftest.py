"""For all tests: databases of each kind, and which tests only compute.

Those that compute `make test` runs on all cores; the others start servers or measure time, and run one by one.
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
    "channels/test_national.py",
    "channels/test_segments.py",
    "test_catalogs.py",
    "test_choices.py",
    "test_editing.py",
    "test_preview.py",
    "test_safety.py",
    "test_sms_rules.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(TESTS).as_posix() in COMPUTING:
            item.add_marker("computes")


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
