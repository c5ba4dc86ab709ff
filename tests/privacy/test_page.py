"""docs/privacy.md names everything that is stored, and every setting of how long."""

from __future__ import annotations

import re

from bot.settings import Settings, environment_name
from bot.store.models import Base
from tests.privacy.worlds import ROOT

PAGE = (ROOT / "docs/privacy.md").read_text()
ROWS = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \|(.*)$", PAGE, re.MULTILINE)}


def test_every_table_and_every_sealed_column_is_on_the_page_and_no_other() -> None:
    assert set(ROWS) == set(Base.metadata.tables), "the table in docs/privacy.md lists exactly the tables of the models"
    for table in Base.metadata.sorted_tables:
        sealed = {column.name for column in table.columns if column.name.endswith("_sealed")}
        assert set(re.findall(r"`(\w+_sealed)`", ROWS[table.name])) == sealed, table.name


def test_every_setting_of_retention_is_on_the_page() -> None:
    wanted = {environment_name(field) for field in Settings.model_fields if field.startswith("keep_")}
    assert wanted == set(re.findall(r"`(KASAMA_KEEP_\w+)`", PAGE))


def test_readers_find_it() -> None:
    assert "docs/privacy.md" in (ROOT / "README.md").read_text()
