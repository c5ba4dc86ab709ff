"""The English sentences as a gettext template, and the merge of the template into the catalogs.

`python -m bot.knowledge.extracting content` writes `content/locale/kasama.pot` and brings every catalog up to date:
new sentences are
added empty, sentences that are gone are removed, translations stay as they are. `--add sw` begins a catalog for a new
language.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.knowledge.comments import comments
from bot.knowledge.phrases import PHRASES
from bot.knowledge.says import SENTENCES

ALL = {**PHRASES, **SENTENCES}
"""Every English sentence by key: a text, or a singular and a plural."""

_EPOCH = datetime(2026, 1, 1)  # a fixed time: the template changes only when a sentence does


def template() -> Catalog:
    """All sentences, each with its key as context, and a comment: when it is said, how long it may be, what to keep."""
    catalog = Catalog(project="Kasama", version="0", creation_date=_EPOCH, revision_date=_EPOCH, fuzzy=False)
    for key, text in ALL.items():
        catalog.add(text, context=key, auto_comments=comments(key, text))
    return catalog


def merge(catalog: Catalog, source: Catalog) -> None:
    """Bring a catalog up to date, by key. A sentence whose English changed keeps its translation, marked fuzzy."""
    old = {message.context: message for message in catalog if message.id and message.context}
    for message in list(catalog):
        if message.id:
            catalog.delete(message.id, context=message.context)
    catalog.obsolete.clear()
    for new in source:
        if not new.id:
            continue
        known = old.get(new.context or "")
        forms = catalog.num_plurals
        empty: str | tuple[str, ...] = "" if isinstance(new.id, str) else ("",) * forms
        string = known.string if known and isinstance(known.string, str) == isinstance(new.id, str) else empty
        flags = set(known.flags) if known else {"fuzzy"}
        if known and known.id != new.id:
            flags.add("fuzzy")
        entry: Message = catalog.add(new.id, string, context=new.context, auto_comments=new.auto_comments, flags=flags)
        if known:
            entry.user_comments = known.user_comments


def update(folder: Path, add: str | None = None) -> list[Path]:
    """Write the template and merge it into all catalogs. folder: `content`. Returns the files written."""
    locale, source = folder / "locale", template()
    written = [locale / "kasama.pot"]
    locale.mkdir(exist_ok=True)
    _write(written[0], source)
    if add:
        fresh = locale / add / "LC_MESSAGES" / "kasama.po"
        if not fresh.exists():
            fresh.parent.mkdir(parents=True)
            _write(
                fresh,
                Catalog(
                    locale=add, project="Kasama", version="0", creation_date=_EPOCH, revision_date=_EPOCH, fuzzy=False
                ),
            )
    for path in sorted(locale.glob("*/LC_MESSAGES/kasama.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parent.parent.name, domain="kasama")
        merge(catalog, source)
        _write(path, catalog)
        written.append(path)
    return written


def _write(path: Path, catalog: Catalog) -> None:
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=False, ignore_obsolete=True)
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("content", type=Path)
    parser.add_argument("--add", metavar="LANGUAGE")
    options = parser.parse_args(arguments)
    for path in update(options.content, options.add):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
