"""A town with two partners beside the operator that cover Hong Kong, and a third that does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cases.town import Town

PARTNERS = {"alpha": "HKG", "beta": "HKG", "gamma": "KWT"}


@pytest.fixture
async def town(tmp_path: Path, database: str) -> AsyncIterator[Town]:
    async with Town(tmp_path, partners=PARTNERS, database=database) as town:
        yield town
