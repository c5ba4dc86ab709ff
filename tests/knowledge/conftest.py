"""The real content, as it stands on a fixed day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge import Knowledge

CONTENT = Path(__file__).parents[2] / "content"
DAY = date(2026, 11, 25)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Loaded once; nothing changes it."""
    return Knowledge(CONTENT, today=lambda: DAY)
