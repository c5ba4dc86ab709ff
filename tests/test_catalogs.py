"""The catalogs of `content/locale/`: complete, readable, same names in braces as the English, right script.

A translator sees in each failure the catalog, the entry and what to do.
"""

from __future__ import annotations

import re
import shutil
import string
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog, Message

from bot.knowledge.extracting import ALL

LOCALE = Path(__file__).parent.parent / "content" / "locale"
LANGUAGES = sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/kasama.po"))

# The languages written in another script than Latin. A new one is added here with the block it is written in.
SCRIPTS = {
    "ne": re.compile("[\u0900-\u097f]"), "bn": re.compile("[\u0980-\u09ff]"), "am": re.compile("[\u1200-\u137f]"),
    "ar": re.compile("[\u0600-\u06ff]"), "ru": re.compile("[\u0400-\u04ff]"), "km": re.compile("[\u1780-\u17ff]"),
    "lo": re.compile("[\u0e80-\u0eff]"), "th": re.compile("[\u0e00-\u0e7f]"),
}  # fmt: skip

# Languages whose every letter exists in GSM-7, where another character would make each SMS cost twice.
GSM7_LANGUAGES = {"en", "id", "tl"}
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


@cache
def catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "kasama.po").open("rb") as file:
        return pofile.read_po(file, locale=language, domain="kasama", abort_invalid=True)


def entries(language: str) -> Iterator[Message]:
    return (message for message in catalog(language) if message.id)


def name(message: Message) -> str:
    """What a translator calls an entry: its context where it has one, else its English text."""
    return message.context or str(message.id)


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The singular and plural forms of a msgid or msgstr."""
    return [text or ""] if isinstance(text, str) or text is None else [form or "" for form in text]


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def words(text: str) -> str:
    """The text without its placeholders: what is left for a translator to write."""
    return re.sub(r"\{[^}]*\}", "", text)


def reviewed(language: str) -> set[str]:
    """The entries that the header lists as read by a native speaker, one `Reviewed: name` line each."""
    lines = re.findall(r"^#\s*Reviewed:\s*(.+?)\s*$", catalog(language).header_comment, re.MULTILINE)
    return set(lines) - {"none"}


def test_there_are_catalogs() -> None:
    assert {"es", "ne", "tl"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_parses_and_names_its_language(language: str) -> None:
    header = dict(catalog(language).mime_headers)
    assert header["Language"] == language
    assert re.search(r"charset=utf-8", header["Content-Type"], re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_holds_the_english_of_today(language: str) -> None:
    merge = "run `python -m bot.knowledge.extracting content`, then translate"
    have = {message.context: forms(message.id) for message in entries(language)}
    want = {key: [text] if isinstance(text, str) else list(text) for key, text in ALL.items()}
    changed = sorted(key for key, text in want.items() if have.get(key) != text)
    assert not changed, f"{language}: new or changed in English, {merge}: {changed}"
    assert not have.keys() - want.keys(), (
        f"{language}: gone from the English, {merge}: {sorted(have.keys() - want.keys())}"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_untranslated(language: str) -> None:
    empty = sorted(name(m) for m in entries(language) if not all(form.strip() for form in forms(m.string)))
    assert not empty, f"{language}: translate {empty}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_english(language: str) -> None:
    wrong = []
    for message in entries(language):
        expected = set().union(*(placeholders(form) for form in forms(message.id)))
        # A plural form may leave the number out ("one day"), so there a missing name is right and a new one is not.
        plural = len(forms(message.id)) > 1
        for form in forms(message.string):
            got = placeholders(form)
            if got - expected or (expected - got and not plural):
                wrong.append(f"{name(message)}: has {sorted(got)}, needs {sorted(expected)}")
    assert not wrong, f"{language}: {wrong}"


@pytest.mark.parametrize("language", sorted(SCRIPTS.keys() & set(LANGUAGES)))
def test_is_written_in_its_script(language: str) -> None:
    # An entry whose English holds only placeholders and names ("Kasama {number}") has no word to write.
    wrong = [
        name(message)
        for message in entries(language)
        for form in forms(message.string)
        if not SCRIPTS[language].search(words(form)) and form not in forms(message.id)
    ]
    same = [
        name(message)
        for message in entries(language)
        if message.string == message.id and re.search(r"[a-z]{3,}", words(forms(message.id)[0]).replace("Kasama", ""))
    ]
    assert not wrong + same, f"{language}: not in its own script: {wrong + same}"


@pytest.mark.parametrize("language", sorted(GSM7_LANGUAGES & set(LANGUAGES)))
def test_costs_no_ucs2(language: str) -> None:
    wrong = {
        name(message): sorted(set("".join(forms(message.string))) - GSM7)
        for message in entries(language)
        if set("".join(forms(message.string))) - GSM7
    }
    assert not wrong, f"{language}: characters that make an SMS cost twice: {wrong}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sounds_calm(language: str) -> None:
    """VOICE.md: no exclamation marks and no emoji."""
    loud = [
        name(message)
        for message in entries(language)
        if re.search("[!\u00a1\uff01\u2600-\u27bf\U0001f000-\U0001faff]", "".join(forms(message.string)))
    ]
    assert not loud, f"{language}: exclamation mark or emoji in {loud}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_fuzzy_until_reviewed(language: str) -> None:
    """What no native speaker has read stays marked fuzzy; who has read an entry adds it to the header."""
    unmarked = sorted(name(m) for m in entries(language) if not m.fuzzy and name(m) not in reviewed(language))
    stale = sorted(reviewed(language) - {name(message) for message in entries(language)})
    assert not unmarked, f"{language}: mark as fuzzy, or list in the header as `# Reviewed: ...`: {unmarked}"
    assert not stale, f"{language}: the header lists entries that do not exist: {stale}"


def test_the_template_tells_translators_where_each_sentence_stands() -> None:
    with (LOCALE / "kasama.pot").open("rb") as file:
        template = pofile.read_po(file)
    for message in template:
        if not message.id:
            continue
        assert message.context, f"{message.id} has no context"
        text = " ".join(message.auto_comments)
        assert re.match(r"\S+ ", text), f"{message.context}: bot/knowledge/comments.py does not say when it is said"
        assert re.search(r"At most \d+ characters", text), f"{message.context} has no limit"
        for name in set().union(*(placeholders(form) for form in forms(message.id))):
            assert "{" + name + "}" in text, f"{message.context}: the comment does not name {{{name}}}"


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs gettext")
@pytest.mark.parametrize("language", LANGUAGES)
def test_gettext_itself_takes_it(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / "kasama.po"
    done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
