"""Sentences in her language out of gettext catalogs, and country names, money, dates and lists as CLDR has them.

A message is found by its context (the key); the English text in the code is the message id. An entry that is fuzzy is
used: it is a
translation that no native speaker has read yet. An entry that is missing, empty or holds other placeholders is
answered in English, and a whole sentence says so: "(anglais) You must ...".
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Day
from decimal import Decimal
from functools import lru_cache
from gettext import c2py
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from bot.knowledge.digits import LATIN, SEPARATORS, written_with
from bot.knowledge.values import Amount
from bot.knowledge.yamlfile import Problem

Sentence = str | tuple[str, str]
PO_LINE = re.compile(r'(#.*)?|(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\])?\s*"([^"\\]|\\.)*"')
"""Every line of a catalog: Babel passes over a broken one without a word."""
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2019": "'", "\u200e": None, "\u200f": None})


_NUMBER = re.compile(r"\u200e?(?<![0-9+*#])(?:[+*#][0-9][0-9 ]*[0-9]|[0-9]+(?: [0-9]+)+)")
RIGHT_TO_LEFT = ("ar",)


def left_to_right(text: str, tag: str) -> str:
    """The text with a mark before every phone number, where the language runs from right to left.

    Without it "+852 2157 9537" reads "9537 2157 852+" on her phone.
    """
    return _NUMBER.sub(lambda found: "\u200e" + found[0].removeprefix("\u200e"), text) if tag in RIGHT_TO_LEFT else text


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises `ValueError` when a brace is alone."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """CLDR's locale of a language tag."""
    return Locale.parse(language.replace("-", "_"))


@dataclass(slots=True)
class Language:
    """The messages of one language.

    missing: keys answered in English. unread: keys that no native speaker has checked. outdated: keys whose English
    has changed since.
    """

    tag: str
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)
    plural: Callable[[int], int] | None = None


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """One catalog that was read. stamp: time and size by which a change is seen. language is None when it is broken.

    problems, entry_problems: as those of `Catalogs`.
    """

    stamp: tuple[int, int]
    language: Language | None
    problems: tuple[Problem, ...] = ()
    entry_problems: tuple[Problem, ...] = ()


class Catalogs:
    """All languages at one moment.

    problems: catalogs that cannot be read. entry_problems: single entries that are answered in English because they
    are broken.
    """

    def __init__(
        self, sentences: Mapping[str, Sentence], folder: Path | None = None, before: Catalogs | None = None
    ) -> None:
        """sentences: the English ones by key. folder: `content/locale`. before: what was read of it earlier; files that
        have not changed since are taken from it."""
        self.sentences = sentences
        self.problems: list[Problem] = []
        self.entry_problems: list[Problem] = []
        english = Language("en", {key: (text,) if isinstance(text, str) else text for key, text in sentences.items()})
        self._languages: dict[str, Language] = {"en": english}
        self._files: dict[Path, CatalogFile] = {}
        known = before._files if before is not None and before.sentences is sentences else {}
        for path in sorted(folder.glob("*/LC_MESSAGES/kasama.po")) if folder else []:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            kept = known.get(path)
            file = kept if kept is not None and kept.stamp == stamp else self._read(path, folder, stamp)
            self._files[path] = file
            self.problems.extend(file.problems)
            self.entry_problems.extend(file.entry_problems)
            if file.language is not None:
                self._languages[file.language.tag] = file.language

    @property
    def languages(self) -> tuple[str, ...]:
        """English first, then what has a catalog."""
        return tuple(self._languages)

    def language(self, tag: str) -> Language:
        """What is known of one language; an unknown tag is English."""
        return self._languages.get(tag) or self._languages["en"]

    def text(self, key: str, tag: str, values: Mapping[str, object]) -> str:
        """One sentence, filled in. A plural is chosen by the value `n`. Raises `KeyError` for a key that does not exist."""
        language = self._languages.get(tag) or self._languages["en"]
        forms = language.texts.get(key)
        foreign = ""
        if forms is None:
            forms = self._languages["en"].texts[key]
            if language.tag != "en" and forms[0].endswith((".", "?")):
                foreign = f"({locale_of(language.tag).languages.get('en', 'English')}) "  # so that she knows why
            language = self._languages["en"]
        form = forms[0]
        if len(forms) > 1:
            form = forms[self._form(language, forms, values)]
        text = form.format_map(values) if values and "{" in form else form
        if form.startswith("{") and form.endswith("."):
            text = text[:1].upper() + text[1:]  # a sentence may begin with a name: "the Philippines"
        return left_to_right(foreign + text, language.tag)

    @staticmethod
    def _form(language: Language, forms: tuple[str, ...], values: Mapping[str, object]) -> int:
        n = values.get("n")
        number = Decimal(str(getattr(n, "number", n)))
        if language.plural is None:
            return 0 if number == 1 else len(forms) - 1
        if number != number.to_integral_value():
            # "1.5 days": Russian and Romanian take the form of two, the others that of many.
            return 1 if language.tag in ("ru", "ro") else len(forms) - 1
        index = language.plural(int(number))
        return min(int(index), len(forms) - 1)

    def _read(self, path: Path, folder: Path | None, stamp: tuple[int, int]) -> CatalogFile:
        assert folder is not None
        tag = path.parent.parent.name
        shown = f"{folder.parent.name}/{path.relative_to(folder.parent).as_posix()}"

        def broken(line: int, what: str) -> CatalogFile:
            return CatalogFile(stamp, None, (Problem(shown, line, what),))

        try:
            locale_of(tag)
        except (UnknownLocaleError, ValueError):
            return broken(1, f"the folder {tag} is not a language code; use one such as tl or ne")
        try:
            data = path.read_bytes()
            for number, row in enumerate(data.decode("utf-8").splitlines(), 1):
                if not PO_LINE.fullmatch(row.strip()):
                    hint = "a quote is missing, or the line does not belong here; open the file in Poedit, which marks the place"
                    return broken(number, f"is not a valid catalog: {hint}")
            catalog = read_po(BytesIO(data), abort_invalid=True)
        except PoFileError as error:
            line = (error.lineno or 0) + 1
            return broken(line, f"is not a valid catalog ({error.args[0]}); open it in Poedit, which marks the place")
        except UnicodeDecodeError as error:
            number = data[: error.start].count(b"\n") + 1
            return broken(number, "this line is not UTF-8 text; save the catalog as UTF-8 in your editor")
        except (LookupError, ValueError) as error:
            hint = "save it as UTF-8 with a header as in the other catalogs"
            return broken(1, f"cannot be read ({type(error).__name__}); {hint}")
        try:
            plural = catalog_plural(catalog)
            plural(1)
        except (ValueError, TypeError):
            hint = "is not a rule of gettext; copy the line Plural-Forms of this language from another project"
            number = next((n for n, row in enumerate(data.decode().splitlines(), 1) if "Plural-Forms" in row), 1)
            return broken(number, f"{catalog.plural_expr} {hint}")
        entry_problems: list[Problem] = []
        language = self._language(tag, catalog, shown, plural, entry_problems)
        return CatalogFile(stamp, language, (), tuple(entry_problems))

    def _language(
        self, tag: str, catalog: Catalog, shown: str, plural: Callable[[int], int], problems: list[Problem]
    ) -> Language:
        language = Language(tag, plural=plural)
        for message in catalog:
            key = message.context
            if not message.id or key is None or key not in self.sentences:
                continue
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            forms = tuple(form or "" for form in forms)
            if not forms or not all(form.strip() for form in forms):
                continue
            wrong = _placeholder_problem(self.sentences[key], forms)
            if wrong:
                problems.append(Problem(shown, message.lineno or 1, f"{key}: {wrong}"))
                continue
            language.texts[key] = forms
            language.lines[key] = message.lineno or 1
            if message.id != self.sentences[key]:
                language.outdated.add(key)
            if message.fuzzy:
                language.unread.add(key)
        language.missing = set(self.sentences) - set(language.texts)
        return language


def catalog_plural(catalog: Catalog) -> Callable[[int], int]:
    """The function that gives the plural form of a number, from the catalog's own header."""
    return c2py(catalog.plural_expr)


def _placeholder_problem(english: Sentence, forms: tuple[str, ...]) -> str | None:
    allowed = frozenset().union(*(placeholders(form) for form in ((english,) if isinstance(english, str) else english)))
    for form in forms:
        try:
            used = placeholders(form)
        except ValueError:
            return "a brace is alone; write placeholders exactly as in the English, for example {country}"
        if used - allowed:
            right = ", ".join("{" + name + "}" for name in sorted(allowed)) or "no braces"
            return f"{{{sorted(used - allowed)[0]}}} is not in the English text; use {right}"
        if isinstance(english, str) and allowed - used:
            return f"{{{sorted(allowed - used)[0]}}} is missing; put it where the value belongs in the sentence"
    return None


class Words:
    """CLDR's way of writing things in one language. zero: the digits to write with, Latin ones unless she wrote others."""

    def __init__(self, tag: str, zero: str = LATIN) -> None:
        self.locale, self.zero = locale_of(tag), zero
        self._symbols = SEPARATORS.get(zero, "latn")
        self._numbers: dict[Decimal, str] = {}
        self._dates: dict[str, str] = {}
        self._lists: dict[tuple[str, ...], str] = {}

    def ready(self) -> Words:
        """Read what CLDR knows of the language now, so that the first answer is as quick as the others."""
        self.date("2000-01-01")
        self.date("2000-01")
        self.list(["a", "b"])
        self.money_of(Decimal("0.5"), "XXX")
        self.percent(Decimal(1))
        self.weekday(0)
        self.country("PHL")
        return self

    def number(self, value: Decimal | int) -> str:
        """A number with the separators of the language."""
        key = Decimal(value)
        found = self._numbers.get(key)
        if found is None:
            found = self.digits(self._decimal(key, None))
            self._numbers[key] = found
        return found

    def _decimal(self, value: Decimal, form: str | None) -> str:
        return format_decimal(
            value,
            format=form,
            locale=self.locale,
            decimal_quantization=form is not None,
            numbering_system=self._symbols,
        ).translate(_BLANKS)

    def digits(self, text: str) -> str:
        """A text such as `8:30` with her digits."""
        return written_with(self.zero, text)

    def money(self, amount: Amount) -> str:
        """Currency code and amount: the code is the same in every language, and is in GSM-7."""
        return self.money_of(amount.value, amount.currency)

    def money_of(self, value: Decimal, currency: str) -> str:
        """Cents are written with two digits or not at all."""
        if value == value.to_integral_value():
            return f"{currency} {self.number(value.to_integral_value())}"
        found = self._decimal(value, self.locale.decimal_formats[None].pattern.split(".")[0] + ".00")
        return f"{currency} {self.digits(found)}"

    def percent(self, value: Decimal) -> str:
        """10% as the language writes it."""
        pattern = str(self.locale.percent_formats[None].pattern)
        blank = " " if "\u00a0" in pattern or " " in pattern else ""
        return f"{self.number(value)}{blank}%"

    def date(self, partial: str) -> str:
        """A year, a month or a day, as long as it is known."""
        found = self._dates.get(partial)
        if found is None:
            parts = [int(p) for p in partial.split("-")]
            if len(parts) == 1:
                found = str(parts[0])
            elif len(parts) == 2:
                found = str(format_skeleton("yMMM", Day(parts[0], parts[1], 1), locale=self.locale))
            else:
                found = format_date(Day(*parts), "medium", locale=self.locale)
            found = self.digits(found.translate(_BLANKS))
            self._dates[partial] = found
        return found

    def day(self, day: Day) -> str:
        """A day of any year."""
        return self.digits(str(format_skeleton("MMMd", day, locale=self.locale)).translate(_BLANKS))

    def weekday(self, number: int) -> str:
        """0 is Monday; the short name."""
        return str(self.locale.days["format"]["abbreviated"][number])

    def list(self, parts: Sequence[str], *, either: bool = False) -> str:
        """`a, b and c`, or `a, b or c`."""
        key = (*parts, "or" if either else "and")
        found = self._lists.get(key)
        if found is None:
            found = (
                format_list(list(parts), style="or" if either else "standard", locale=self.locale).translate(_BLANKS)
                if parts
                else ""
            )
            if self.locale.language == "en":
                found = found.replace(", and ", " and ").replace(", or ", " or ")
            elif len(parts) > 1:
                found = re.sub(r",(?=[^\s\d])", ", ", found)  # CLDR's Nepali list has no blank after the comma
                if self.locale.language in (
                    "th",
                    "lo",
                ):  # nor its Thai one around "and", where a name or a number may stand
                    found = " ".join(re.sub("(และ|หรือ|ແລະ|ຫຼື)", r" \1 ", found).split())
            self._lists[key] = found
        return found

    def language(self, tag: str) -> str:
        """A language's name."""
        return str(self.locale.languages.get(tag) or self.locale.languages.get(locale_of(tag).language) or tag)

    def country(self, alpha3: str) -> str:
        """CLDR's name."""
        return str(self.locale.territories.get(alpha2(alpha3), alpha3))


def script_of(tag: str) -> str | None:
    """ISO 15924 code of the script that a language is written in, as CLDR knows it."""
    parts = tag.replace("-", "_").split("_")
    if len(parts) > 1 and len(parts[1]) == 4:
        return parts[1]
    likely = get_global("likely_subtags").get(parts[0], "").split("_")
    return likely[1] if len(likely) > 1 else None


@lru_cache(maxsize=512)
def alpha2(alpha3: str) -> str:
    """ISO 3166 alpha-2 of an alpha-3 code; the code itself when there is none."""
    return alpha3_table().get(alpha3, alpha3)


_WITHDRAWN = frozenset({"ANT", "BUR", "ZAR", "SCG", "YUG", "DDR", "FXX", "NTZ", "SUN", "TMP", "YMD"})
"""Codes that ISO 3166 has withdrawn and CLDR still knows."""


@lru_cache(maxsize=1)
def alpha3_table() -> dict[str, str]:
    aliases = get_global("territory_aliases")
    return {
        three: two[0]
        for three, two in aliases.items()
        if len(three) == 3 and three.isalpha() and len(two[0]) == 2 and three not in _WITHDRAWN
    }
