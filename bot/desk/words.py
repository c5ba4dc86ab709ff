"""The desk's own sentences in the languages of its staff: gettext catalogs `content/locale/<lang>/LC_MESSAGES/desk.po`.

The English text is the message id, with {placeholders}. What has no translation is shown in English. An entry that is fuzzy is
used: it is a translation that no native speaker has read yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import structlog
from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_percent

from bot.knowledge.i18n import PO_LINE, catalog_plural

log = structlog.get_logger(__name__)

LANGUAGES = ("en", "es", "fr", "ar", "id")


def N_(text: str) -> str:
    """Marks a sentence outside the templates for the catalogs; it is translated where it is shown."""
    return text


class Words:
    """The catalogs, read again when a file changes."""

    def __init__(self, folder: Path) -> None:
        """folder: `content/locale`."""
        self._folder = folder
        self._read: dict[str, tuple[int, Catalog | None]] = {}

    def say(self, language: str, text: str, /, **values: Any) -> str:
        """A sentence, filled in."""
        catalog = self._catalog(language)
        message = catalog.get(text) if catalog else None
        found = message.string if message and isinstance(message.string, str) and message.string else text
        return found.format(**values) if values else found

    def count(self, language: str, one: str, many: str, n: int, /, **values: Any) -> str:
        """A sentence about `n` things."""
        catalog = self._catalog(language)
        message = catalog.get((one, many)) or catalog.get(one) if catalog else None
        form = one if n == 1 else many
        if catalog and message and isinstance(message.string, tuple | list):
            found = message.string[min(catalog_plural(catalog)(n), len(message.string) - 1)]
            form = found or form
        return form.format(n=n, **values)

    def _catalog(self, language: str) -> Catalog | None:
        path = self._folder / language / "LC_MESSAGES" / "desk.po"
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return None
        known = self._read.get(language)
        if known is None or known[0] != changed:
            try:
                data = path.read_bytes()
                if not all(PO_LINE.fullmatch(line.strip()) for line in data.decode("utf-8").splitlines()):
                    raise ValueError("a quote is missing, or a line does not belong there")
                known = changed, read_po(BytesIO(data), locale=language, abort_invalid=True)
            except (PoFileError, OSError, ValueError) as error:
                log.error("a catalog of the desk cannot be read", language=language, error=type(error).__name__)
                known = changed, known[1] if known else None  # the last good one
            self._read[language] = known
        return known[1]


class Tongue:
    """One reader's language, as the templates use it."""

    def __init__(self, words: Words, language: str) -> None:
        self.tag = language
        self.direction = "rtl" if language == "ar" else "ltr"
        self._locale = Locale.parse(language)
        self.say = partial(words.say, language)
        self.count = partial(words.count, language)

    def names(self) -> list[tuple[str, str]]:
        """Tag and own name of every language of the desk."""
        return [(tag, str(Locale.parse(tag).get_display_name(tag)).capitalize()) for tag in LANGUAGES]

    def moment(self, at: datetime) -> str:
        """Date and time, UTC: colleagues in several countries share one timeline."""
        return f"{format_datetime(at, 'medium', locale=self._locale)} UTC"

    def span(self, length: timedelta) -> str:
        """About how long: "3 hours"."""
        return format_timedelta(length, threshold=0.85, locale=self._locale)

    def percent(self, share: float) -> str:
        """A share from 0 to 1 as a percentage."""
        return str(format_percent(share, locale=self._locale))

    def country(self, code: str | None, two_letters: str | None = None) -> str:
        """A country's name; "?" where it is not known."""
        return str(self._locale.territories.get(two_letters or "", code or "?"))

    def language(self, tag: str) -> str:
        """A language's name."""
        return str(self._locale.languages.get(tag, tag))


def preferred(accept: str) -> str:
    """The first language of a browser's list that the desk has."""
    for part in accept.split(","):
        tag = part.split(";")[0].strip().lower().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return "en"
