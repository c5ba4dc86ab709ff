"""Content at the desk: looking, changing, refusing, committing."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.editing import changing
from bot.editing.entries import PARTS, EntryError, entry, replaced
from bot.editing.fields import Form, model_of
from bot.knowledge.yamlfile import parse
from tests.desk.office import Browser, Office

ROOT = Path(__file__).resolve().parents[2]
CAP = "/desk/content/edit/countries/HKG/facts/minimum_wage"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy that may be changed, small enough to be loaded quickly."""
    folder = tmp_path / "checkout" / "content"
    shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns("safety", "schema"))
    for path in (folder / "locale").iterdir():
        if path.is_dir() and path.name not in ("es", "ar"):
            shutil.rmtree(path)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def state(folder: Path) -> dict[Path, bytes]:
    return {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def checkout(content: Path) -> Path:
    folder = content.parent
    git(folder, "init", "-q")
    (folder / "other.txt").write_text("one")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@ngo.example", "commit", "-q", "-m", "first")
    (folder / "other.txt").write_text("staged by somebody else")
    git(folder, "add", "other.txt")
    return folder


def form_of(page: str) -> dict[str, str]:
    """What stands in the fields of the big form of a page, as a browser would send it."""
    page = page[page.index('<form method="post" class="stack') :]
    found = {}
    for tag, name, value in re.findall(r'<(input)[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', page):
        if tag and name != "read":
            found[name] = unescape(value)
    if re.search(r'name="read" value="yes" checked', page):
        found["read"] = "yes"
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        found[name] = unescape(text)
    for name, body in re.findall(r'<select name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


async def change(browser: Browser, path: str, **fields: str) -> str:
    """Fill in a form, look at the difference, and save."""
    given = form_of((await browser.get(path)).text) | {name.replace("__", "."): text for name, text in fields.items()}
    shown = await browser.post(path, **given, do="show")
    saved = await browser.post(path, **(form_of(shown.text) | {"do": "save"}))
    return unescape(saved.text)


async def test_an_editor_changes_a_fact_and_only_that_is_different(tmp_path: Path, content: Path) -> None:
    folder, path = checkout(content), content / "countries" / "HKG.yml"
    before = path.read_text()
    async with Office(tmp_path, content=content) as office:
        await office.hire("Edith", "editor")
        edith = await office.browser("Edith")
        page = await change(edith, CAP, amount__value="5200", note__es="Hasta el otono.", review_by="2027-09")
        assert "Saved, and committed as" in page
        after = path.read_text()
        changed = [line for line in changing.difference(before, after) if line[0] in "+-"]
        assert sorted(changed) == sorted(
            [
                "-  amount: {value: 5100, currency: HKD, per: month}",
                "+  amount: {value: 5200, currency: HKD, per: month}",
                "-  review_by: 2026-09",
                "+  review_by: 2027-09",
                "+  note: {es: Hasta el otono.}",
            ]
        )
        assert "# Reviewed every autumn" in after
        assert git(folder, "log", "-1", "--format=%an <%ae> %s").strip() == (
            "Edith <edith@ngo.example> HKG: minimum_wage"
        )
        assert git(folder, "show", "--name-only", "--format=", "HEAD").split() == ["content/countries/HKG.yml"]
        assert git(folder, "diff", "--cached", "--name-only").split() == ["other.txt"], (
            "what others staged stays staged"
        )
        fact = office.knowledge.snapshot.content.facts["HKG.minimum_wage"]
        assert str(fact.amount.value) == "5200", "it is in service at once"  # type: ignore[union-attr]
        await office.hire("Olga", "operator")
        log = (await (await office.browser("Olga")).get("/desk/audit")).text
        assert "HKG: minimum_wage" in log


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (CAP, {"amount__value": "much"}, "value must be a number such as 4990 or 1137.86"),
        (CAP, {"amount__currency": "HK$"}, "HK$ is not a currency code"),
        (CAP, {"review_by": "2020-01"}, "review_by lies before checked_on"),
        (CAP, {"source__named": "", "source__url": "nowhere", "source__name": "X"}, "is not a web address"),
        (CAP, {"source__named": ""}, "has no source"),
        ("/desk/content/edit/countries/HKG/sources/mondaq", {"url": "x y"}, "is not a web address"),
        ("/desk/content/language/es/ask_origin", {"form0": "{nobody} de donde"}, "{nobody} is not in the English text"),
    ],
)
async def test_what_would_break_the_service_is_refused_in_the_words_of_the_check(
    tmp_path: Path, content: Path, path: str, fields: dict[str, str], said: str
) -> None:
    before = state(content)
    async with Office(tmp_path, content=content) as office:
        await office.hire("Edith", "editor")
        edith = await office.browser("Edith")
        given = form_of((await edith.get(path)).text) | {name.replace("__", "."): text for name, text in fields.items()}
        for do in ("show", "save"):
            page = await edith.post(path, **given, do=do)
            assert page.status_code == 400
            assert said in unescape(page.text), unescape(page.text)
            assert 'value="save"' not in page.text
        assert all(value in unescape(page.text) for value in fields.values()), "what she wrote is kept"
    assert state(content) == before


async def test_a_file_that_somebody_changed_meanwhile_is_not_written_over(tmp_path: Path, content: Path) -> None:
    path = content / "countries" / "HKG.yml"
    async with Office(tmp_path, content=content) as office:
        await office.hire("Edith", "editor")
        edith = await office.browser("Edith")
        given = form_of((await edith.get(CAP)).text) | {"amount.value": "5300"}
        shown = await edith.post(CAP, **given, do="show")
        path.write_text(path.read_text().replace("value: 1236", "value: 1300"))
        page = await edith.post(CAP, **(form_of(shown.text) | {"do": "save"}))
        assert "Somebody else has changed this file meanwhile" in page.text
        assert "value: 5300" not in path.read_text() and 'value="5300"' in page.text
        page = await edith.post(CAP, **(form_of(page.text) | {"do": "save"}))
        assert "Saved. Women read it now." in page.text
        assert "value: 5300" in path.read_text() and "value: 1300" in path.read_text()


async def test_a_sentence_is_translated_and_marked_as_read(tmp_path: Path, content: Path) -> None:
    path = content / "locale" / "es" / "LC_MESSAGES" / "kasama.po"
    before = path.read_text()
    async with Office(tmp_path, content=content) as office:
        await office.hire("Edith", "editor")
        edith = await office.browser("Edith")
        listed = await edith.get("/desk/content/language/es?which=unread&words=hello again")
        assert "/desk/content/language/es/greet_again" in listed.text
        page = await change(edith, "/desk/content/language/es/greet_again", form0="Hola de nuevo.", read="yes")
        assert "Saved. Women read it now." in page
        assert office.knowledge.phrase("greet_again", "es") == "Hola de nuevo."
    changed = [line for line in changing.difference(before, path.read_text()) if line[0] in "+-"]
    assert changed == [
        "-#, fuzzy", '-msgstr "Hola otra vez. \u00bfQu\u00e9 quieres saber?"', '+msgstr "Hola de nuevo."',
    ]  # fmt: skip
    with path.open("rb") as file:
        assert len(read_po(file)) > 500


async def test_a_partner_confirms_a_number(tmp_path: Path, content: Path) -> None:
    async with Office(tmp_path, content=content) as office:
        await office.hire("Cora", "coordinator")
        cora = await office.browser("Cora")
        path = "/desk/content/confirm/countries/KWT/kshr"
        assert "+965 2221 5150" in (await cora.get(path)).text
        assert "Say first that you have called it" in (await cora.post(path, do="save")).text
        version = re.search(r'name="version" value="(\w+)"', (await cora.get(path)).text)
        assert version
        page = await cora.post(path, do="save", sure="yes", version=version[1])
        assert "Saved. Women read it now." in page.text
        contact = office.knowledge.snapshot.content.contacts["KWT.kshr"]
        assert contact.state == "reviewed" and contact.checked_by == office.knowledge.operator.name


async def test_who_may_and_what_does_not_exist(tmp_path: Path, content: Path) -> None:
    async with Office(tmp_path, content=content) as office:
        number = await office.case()
        await office.hire("Edith", "editor")
        await office.hire("Carla", "caseworker")
        edith, carla = await office.browser("Edith"), await office.browser("Carla")
        for path in (CAP, "/desk/content", "/desk/unanswered", "/desk/content/language/es/greet"):
            assert (await edith.get(path)).status_code == 200
            assert (await carla.get(path)).status_code == 403
        assert (await edith.get("/desk/cases")).status_code == 403
        assert (await edith.get(f"/desk/cases/{number}")).status_code == 403
        for path in (
            "/desk/content/edit/countries/..%2f..%2fHKG/facts/minimum_wage",
            "/desk/content/edit/..%2fcountries/HKG/facts/minimum_wage",
            "/desk/content/edit/safety/en/facts/x",
            "/desk/content/edit/countries/HKG/contacts/minimum_wage",
            "/desk/content/edit/countries/HKG/__class__/minimum_wage",
            "/desk/content/language/..%2fes/greet",
            "/desk/content/language/en/greet",
            "/desk/content/language/es/no_such_key",
            "/desk/content/file/countries/..%2fpartners%2foperator",
            "/desk/content/confirm/countries/HKG/nothing",
        ):
            assert (await edith.get(path)).status_code == 404, path
        # Without the token of a form nothing happens.
        answer = await edith.client.post(CAP, data={"amount.value": "1", "do": "save"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "name",
    ["../HKG.yml", "countries/../countries/HKG.yml", "/etc/passwd", "countries/HKG.yml\n", "countries/.HKG.yml",
     "countries/LINK.yml", "safety/en.yml", "locale/../x/LC_MESSAGES/kasama.po", "locale/es/LC_MESSAGES/desk.po", ""],
)  # fmt: skip
def test_only_files_of_the_content_can_be_named(content: Path, name: str) -> None:
    (content / "countries" / "LINK.yml").symlink_to(content.parent)
    with pytest.raises(KeyError):
        changing.read(content, name)


def test_a_form_that_is_not_touched_changes_nothing_in_any_entry() -> None:
    seen = 0
    for path in sorted((ROOT / "content").glob("*/*.yml")):
        text = path.read_text()
        data = parse(text, path.name).data if path.parent.name in ("countries", "corridors", "instruments") else {}
        for part in PARTS:
            for one in list(data.get(part) or ())[::3]:  # every third: each is read from the whole file
                name = one if part == "sources" else one["id"]
                raw = entry(data, part, name)
                model = model_of(part, raw)
                assert model is not None
                sources = list(data.get("sources") or ()) if part != "sources" else []
                form = Form(model, sources=sources, defaults=data.get("defaults") or {}, languages=["en", "es", "km"])
                filled = {field.name: field.value for field in form.fields(raw)}
                new = form.read(raw, lambda key, filled=filled: filled.get(key, "").strip())  # type: ignore[misc]
                assert replaced(text, part, name, new) == text, f"{path}: {name}"
                seen += 1
    assert seen > 200


def test_what_shares_its_line_is_left_to_a_text_editor() -> None:
    with pytest.raises(EntryError, match="shares its line"):
        replaced("facts: [{id: a, kind: x}]\n", "facts", "a", {"id": "a", "kind": "x", "by": "agency"})


def test_comments_quotes_and_neighbours_stay() -> None:
    text = (
        "# top\nsources:\n  one: {name: A, url: 'https://a.example/'}  # said so\nfacts:\n- id: a  # first\n  kind: x\n"
        "  # why\n  number: '0800'\n\n# between\n- id: b\n  kind: y\n"
    )
    new = {"id": "a", "kind": "x", "number": "0900", "added": "no: colon"}
    after = replaced(text, "facts", "a", new)
    assert after == text.replace("number: '0800'", "number: '0900'\n  added: 'no: colon'")
    assert parse(after, "x").data["facts"][0] == new
    after = replaced(text, "sources", "one", {"name": "B", "url": "https://a.example/"})
    assert after == text.replace("name: A", "name: B")
