"""A partner says that a fact or a number is right: `kasama content confirm HKG.labour_hotline --by PARTNER`.

The file is edited line by line, so that its comments and its form stay as its editor left them.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from bot.editing import changing
from bot.knowledge.loading import FOLDERS, Content, assemble, load_file

_ITEM = re.compile(r"^(\s*)- id: *(\S+)")


class ConfirmError(Exception):
    """It cannot be confirmed; the text says why."""


def confirm(content: Path, full: str, by: str, today: date) -> Path:
    """Mark a fact or contact as reviewed by a partner, valid for a year from today. Returns the file that was changed.

    full: the id as answers and `status` name it, `HKG.labour_hotline`. by: id of a file in content/partners.
    Raises `ConfirmError`; then nothing was changed.
    """
    name, text = confirmed(content, full, by, today)
    file = changing.read(content, name)
    try:
        changing.save(content, file, text, today, author=None, what="")
    except changing.Refused as error:
        raise ConfirmError(f"{error.problems[0]}; nothing was changed") from None
    except changing.Changed:
        raise ConfirmError("the file was changed meanwhile; nothing was changed here, try again") from None
    return file.path


def confirmed(content: Path, full: str, by: str, today: date) -> tuple[str, str]:
    """The file, named as inside `content`, and its text with the fact or contact marked. Raises `ConfirmError`."""
    loaded = _load(content)
    if by not in loaded.partners:
        known = ", ".join(sorted(loaded.partners)) or "none"
        raise ConfirmError(f"there is no partner {by} in content/partners; there are: {known}")
    place = loaded.places.get(full)
    if place is None:
        raise ConfirmError(f"there is nothing with the id {full}; kasama content status lists what waits")
    name = place.file.split("/", 1)[1]
    lines = changing.read(content, name).text.split("\n")
    start = place.line - 1
    match = _ITEM.match(lines[start])
    if match is None:
        raise ConfirmError(
            f"{place.file}:{place.line}: write the entry as `- id: {full.split('.')[-1]}` on a line of its own first"
        )
    indent = match[1] + "  "
    end = next(
        (n for n in range(start + 1, len(lines)) if lines[n].strip() and not lines[n].startswith(indent)), len(lines)
    )
    kept = [
        line
        for line in lines[start + 1 : end]
        if not re.match(rf"{indent}(verify_before_publishing|state|checked_by|checked_on|review_by):", line)
    ]
    added = [
        f"{indent}state: reviewed", f"{indent}checked_by: {loaded.partners[by].name}", f"{indent}checked_on: {today.isoformat()}",
        f"{indent}review_by: {today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat()}",
    ]  # fmt: skip
    return name, "\n".join([*lines[: start + 1], *added, *kept, *lines[end:]])


def _load(content: Path) -> Content:
    files = [
        load_file(content, path, model)
        for name, model in FOLDERS.items()
        for path in sorted((content / name).glob("*.yml"))
    ]
    return assemble(files)[0]
