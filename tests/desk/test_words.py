"""The desk in its five languages: nothing is untranslated, nothing is lost in a translation."""

from __future__ import annotations

import os
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.desk.extracting import HERE, template
from bot.desk.words import LANGUAGES, Tongue, Words, preferred
from tests.desk.office import Office

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "content" / "locale"
HINT = "run .venv/bin/python -m bot.desk.extracting content, and translate what is new in content/locale/{}/LC_MESSAGES/desk.po"


def catalog(tag: str) -> Catalog:
    with (LOCALE / tag / "LC_MESSAGES" / "desk.po").open("rb") as file:
        return read_po(file, locale=tag)


def ids(found: Catalog) -> set[object]:
    return {message.id for message in found if message.id}


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_template_holds_what_the_pages_say() -> None:
    with (LOCALE / "desk.pot").open("rb") as file:
        assert ids(read_po(file)) == ids(template()), HINT.format("...")


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_nothing_is_untranslated(tag: str) -> None:
    found = catalog(tag)
    assert ids(found) == ids(template()), HINT.format(tag)
    for message in found:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        english = message.id if isinstance(message.id, tuple | list) else (message.id,)
        assert all(form and form.strip() for form in forms), HINT.format(tag) + f": {english[0]}"
        for form in forms:
            assert names(form) <= names(english[0]), f"{tag}: {form}"
            assert names(form) == names(english[0]) or len(english) == 2, f"{tag}: {form}"


def test_no_sentence_of_a_template_stands_outside_of_the_catalogs() -> None:
    for path in sorted((HERE / "templates" / "desk").glob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", text)
        left = set(re.findall(r"[^\W\d_]{2,}", text)) - {"Kasama", "nbsp", "amp"}
        assert not left, f"{path.name}: {left}"


def test_a_changed_catalog_is_in_use_and_a_broken_one_keeps_the_last_good(tmp_path: Path) -> None:
    path = tmp_path / "es" / "LC_MESSAGES" / "desk.po"
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    words = Words(tmp_path)
    assert words.say("es", "Cases") == "Cases"
    for at, (entry, shown) in enumerate(
        (('msgstr "Casos"', "Casos"), ('msgstr "Asuntos"', "Asuntos"), ('msgstr "As', "Asuntos"))
    ):
        path.write_text(f'{head}#, fuzzy\nmsgid "Cases"\n{entry}\n', "utf-8")
        os.utime(path, ns=(at * 10**9, at * 10**9))
        assert words.say("es", "Cases") == shown


def test_plurals_and_names_as_each_language_has_them() -> None:
    words = Words(LOCALE)
    assert Tongue(words, "ar").count("{n} case", "{n} cases", 2) == "حالتان"
    assert Tongue(words, "en").count("{n} case", "{n} cases", 1) == "1 case"
    assert Tongue(words, "id").count("{n} case", "{n} cases", 7) == "7 kasus"
    assert Tongue(words, "ar").direction == "rtl" and Tongue(words, "fr").direction == "ltr"


@pytest.mark.parametrize(
    ("accept", "tag"), [("fr-CH, en;q=0.9", "fr"), ("in", "en"), ("de, es;q=0.5", "es"), ("", "en")]
)
def test_the_browser_is_asked_first(accept: str, tag: str) -> None:
    assert preferred(accept) == tag


async def test_she_chooses_a_language_and_keeps_it(tmp_path: Path) -> None:
    async with Office(tmp_path) as office:
        await office.hire("Ana")
        browser = await office.browser()
        assert 'lang="en"' in (await browser.get("/desk/sign-in")).text
        page = await browser.post("/desk/language", language="id", next="/desk/sign-in")
        assert '<html lang="id"' in page.text and "Kata sandi" in page.text
        ana = await office.browser("Ana")
        await ana.get("/desk/cases")
        await ana.post("/desk/language", language="ar", next="/desk/cases")
        elsewhere = await office.browser("Ana")
        assert '<html lang="ar" dir="rtl"' in (await elsewhere.get("/desk/cases")).text
