"""Checks a catalog entry by entry: plural forms, script, characters that make an SMS cost twice, length, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import regex  # type: ignore[import-untyped]
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot import segments
from bot.knowledge.comments import most
from bot.knowledge.i18n import Sentence, script_of
from bot.knowledge.yamlfile import Problem

TOO_MANY = 25
"""Entries of one catalog that are named as not translated before the rest is only counted."""


def entries(path: Path, shown: str, sentences: Mapping[str, Sentence]) -> Iterator[Problem]:
    """Problems of a catalog that can be read. shown: its name in messages. sentences: the English ones by key."""
    catalog = read_po(BytesIO(path.read_bytes()))
    tag = path.parent.parent.name
    script = script_of(tag)
    found: dict[str, Message] = {}
    for message in catalog:
        key = message.context
        if not message.id:
            continue
        line = message.lineno or 1
        if key is None or key not in sentences:
            what = key or "an entry without msgctxt"
            yield Problem(
                shown,
                line,
                f"{what} is no sentence of Kasama, so nobody reads it; undo the change of its msgctxt",
                "warning",
            )
            continue
        found[key] = message
        if message.id != sentences[key]:
            text = (
                f"{key}: msgid is not the English sentence of today; if it was changed here by hand, undo that, else run "
                "`python -m bot.knowledge.extracting content`; then read the translation again"
            )
            yield Problem(shown, line, text, "warning")
        yield from _forms(key, message, catalog, shown, tag, script)
    yield from _twice(path.read_text(encoding="utf-8"), shown)
    yield from _missing(found, shown, sentences)


def _twice(text: str, shown: str) -> Iterator[Problem]:
    """Entries with the same key: only one of them is used."""
    first: dict[str, int] = {}
    for number, row in enumerate(text.splitlines(), 1):
        if key := regex.fullmatch(r'msgctxt "(.+)"', row.strip()):
            if key[1] in first:
                said = f"{key[1]} stands here twice (first in line {first[key[1]]}); remove one of them"
                yield Problem(shown, number, said, "warning")
            first.setdefault(key[1], number)


def _forms(key: str, message: Message, catalog: Catalog, shown: str, tag: str, script: str | None) -> Iterator[Problem]:
    line = message.lineno or 1
    forms = _strings(message)
    if not isinstance(message.id, str) and any(forms):
        empty = [n for n in range(catalog.num_plurals) if n >= len(forms) or not forms[n].strip()]
        if empty:
            text = f"{key}: msgstr[{empty[0]}] is missing; this language has {catalog.num_plurals} forms, for numbers such as"
            yield Problem(shown, line, f"{text} {_example(catalog, empty[0])}: write it; until then she reads English")
    for form in (form for form in forms if form):
        words = regex.sub(r"\{[^}]*\}", "", form)
        if script and _other_script(words, script) and form not in (message.id, *message.id):
            text = f"{key} is not written in the script of the language {tag} ({words.strip()[:30]}); translate it"
            yield Problem(shown, line, text, "warning")
        if script == "Latn":
            yield from _costly(key, form, shown, line)
        if loud := regex.search(r"[!\u00a1\uff01\u2600-\u27bf\U0001f000-\U0001faff]", form):
            text = f"{key}: {loud[0]} has no place in what Kasama says; it speaks calmly, so end with a full stop"
            yield Problem(shown, line, text, "warning")
        cost, limit = segments.units(words), most(key, gsm=script == "Latn")
        if cost > limit:
            text = f"{key} has {cost} characters; more than {limit} do not fit where it is said, so shorten it"
            yield Problem(shown, line, text, "warning")


def _strings(message: Message) -> list[str]:
    """The translation, or its plural forms; empty texts where nothing is written."""
    return [message.string] if isinstance(message.string, str) else [form or "" for form in message.string or ()]


def _costly(key: str, form: str, shown: str, line: int) -> Iterator[Problem]:
    """What no SMS alphabet has. Accents are dropped when sending where that saves money, so they may stand."""
    if not set(form) - segments.GSM_BASIC - segments.GSM_EXTENSION:
        return
    folded = segments.plain(form + "x" * 300)  # long enough for accents to be worth dropping
    bad = sorted(set(folded) - segments.GSM_BASIC - segments.GSM_EXTENSION)
    typographic = sorted(c for c in set(form) if c in segments.REPLACED)
    if bad:
        text = f"{key}: {bad[0]} (U+{ord(bad[0]):04X}) makes every SMS with this sentence cost twice; write it with plain letters"
        yield Problem(shown, line, text, "warning")
    elif typographic:
        text = f"{key}: {typographic[0]} (U+{ord(typographic[0]):04X}) is not in the alphabet of SMS; write plain ' \" - or ..."
        yield Problem(shown, line, text, "warning")


def _other_script(words: str, script: str) -> bool:
    """Whether there are words and none of them is in the script. Names such as Telegram or SMS may stand in any text."""
    letters = regex.findall(r"\p{L}", words)
    return len(letters) > 3 and not regex.search(rf"\p{{Script={script}}}", words)


def _example(catalog: Catalog, form: int) -> str:
    from bot.knowledge.i18n import catalog_plural

    plural = catalog_plural(catalog)
    return ", ".join(str(n) for n in range(200) if plural(n) == form)[:12].rstrip(", ") or "none"


def _missing(found: Mapping[str, Message], shown: str, sentences: Mapping[str, Sentence]) -> Iterator[Problem]:
    missing = [key for key in sentences if key not in found or not any(_strings(found[key]))]
    for key in missing[:TOO_MANY]:
        line = (found[key].lineno or 1) if key in found else 1
        yield Problem(shown, line, f"{key} is not translated; she reads it in English until it is", "warning")
    if len(missing) > TOO_MANY:
        rest = len(missing) - TOO_MANY
        text = f"{rest} more are not translated; bring the catalog up to date with `python -m bot.knowledge.extracting content`"
        yield Problem(shown, 1, f"{text} and translate them", "warning")
