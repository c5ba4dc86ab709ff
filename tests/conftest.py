"""Which tests only compute: `make test` runs those on all cores; the others start servers or measure time, and run one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

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
