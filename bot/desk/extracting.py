"""The desk's sentences as a gettext template, and the merge of the template into its catalogs.

`python -m bot.desk.extracting content` reads the templates and the modules of `bot/desk/`, writes `content/locale/desk.pot` and
brings `desk.po` of every language of the desk up to date: new sentences are added empty, those that are gone are removed.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.desk.words import LANGUAGES

HERE = Path(__file__).resolve().parent
_EPOCH = datetime(2026, 1, 1)  # a fixed time: the template changes only when a sentence does
_KEYWORDS = {"_": None, "N_": None, "say": None, "n_": (1, 2), "count": (1, 2)}


def template() -> Catalog:
    """All sentences, with the files that they stand in."""
    catalog = Catalog(project="Kasama", version="0", creation_date=_EPOCH, revision_date=_EPOCH, fuzzy=False)
    methods = [("templates/desk/**.html", "jinja2"), ("**.py", "python")]
    found = extract_from_dir(HERE, methods, keywords=_KEYWORDS, directory_filter=lambda _: True)
    for name, _line, text, _comments, _context in sorted(found, key=lambda row: (row[0], row[1])):
        if text:
            catalog.add(text, locations=[(f"bot/desk/{name}", None)])  # type: ignore[list-item]
    return catalog


def update(folder: Path) -> list[Path]:
    """Write the template and merge it into the catalogs. folder: `content`. Returns the files written."""
    locale, source = folder / "locale", template()
    written = [locale / "desk.pot"]
    _write(written[0], source)
    for tag in LANGUAGES:
        if tag == "en":
            continue
        path = locale / tag / "LC_MESSAGES" / "desk.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, _merged(path, tag, source))
        written.append(path)
    return written


def _merged(path: Path, tag: str, source: Catalog) -> Catalog:
    """In the order of the template. A translation stays as it is, and is fuzzy until a speaker has read it."""
    old = Catalog(locale=tag)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=tag)
    new = Catalog(
        locale=tag, project="Kasama", version="0", creation_date=_EPOCH, revision_date=_EPOCH, fuzzy=False,
    )  # fmt: skip
    for message in source:
        if not message.id:
            continue
        known = old.get(message.id)
        flags = set(known.flags) if known else {"fuzzy"}
        new.add(message.id, known.string if known else None, locations=message.locations, flags=flags)
    return new


def _write(path: Path, catalog: Catalog) -> None:
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=False, include_lineno=False, ignore_obsolete=True)
    draft.replace(path)


if __name__ == "__main__":
    for done in update(Path(sys.argv[1])):
        print(done)
