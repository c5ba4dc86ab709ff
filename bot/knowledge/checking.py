"""Checks `content/` beyond its form: phone numbers, languages, dates to check again, catalogs, length of the first SMS page.

`python -m bot.knowledge.checking content` prints `file:line: what is wrong and what to do`, errors first, and ends
with 1 if there
are errors.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import phonenumbers
from babel import UnknownLocaleError

from bot import segments
from bot.knowledge import answers, catalog_check
from bot.knowledge.answers import Route
from bot.knowledge.extracting import ALL
from bot.knowledge.i18n import Catalogs, alpha2, alpha3_table, locale_of
from bot.knowledge.kinds import AnyFact, ConventionRule
from bot.knowledge.loading import FOLDERS, Content, Loaded, assemble, load_file
from bot.knowledge.pages import GSM_UNITS, measure
from bot.knowledge.schema import Contact, Partner
from bot.knowledge.snapshot import EMERGENCY_KINDS, Snapshot, take
from bot.knowledge.values import last_day
from bot.knowledge.yamlfile import Document, Problem
from bot.lexicon import LexiconError, read_lexicon
from bot.topics import TOPICS

SOON = timedelta(days=30)
FIRST_PAGE = 3
"""Segments that the first page of an answer may cost."""


def check(folder: Path, today: date, only: str | None = None, *, pages: bool = True) -> list[Problem]:
    """All problems of the folder as it stands on disk, errors before warnings.

    only: a file of countries, corridors, instruments, partners or a catalog, as problems name it. What no change of it can
    break is not looked at: the words that mean danger, other catalogs sentence by sentence, and the first pages of other
    routes and languages, which takes seconds. A file that holds for every route is looked at in English.
    pages: whether first pages are looked at; there are only warnings of them.
    """
    folder = Path(folder)
    files = [
        load_file(folder, path, FOLDERS[name]) for name in FOLDERS for path in sorted((folder / name).glob("*.yml"))
    ]
    problems = [problem for loaded in files for problem in loaded.problems]
    problems.extend(_strays(folder))
    content, between = assemble(files)
    problems.extend(between)
    if "operator" not in content.partners and not any("partners/" in p.file for p in problems):
        where = f"{folder.name}/partners/operator.yml"
        problems.append(
            Problem(where, 1, "is missing; it names the organisation that answers calls for help (id, name, languages)")
        )
    catalogs = Catalogs(ALL, folder / "locale")
    problems.extend([*catalogs.problems, *catalogs.entry_problems])
    if only is None:
        problems.extend(_lexicons(folder))
    problems.extend(_entries(content, files, today))
    problems.extend(_partners(content, files))
    problems.extend(_corridors(content, files))
    for tag in catalogs.languages[1:]:
        path = folder / "locale" / tag / "LC_MESSAGES" / "kasama.po"
        shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if only in (None, shown):
            problems.extend(catalog_check.entries(path, shown, ALL))
    if pages and not any(problem.level == "error" for problem in problems):
        problems.extend(_pages(take(content, catalogs), folder, today, only))
    return sorted(problems, key=lambda p: (p.level != "error", p.file, p.line))


def _strays(folder: Path) -> Iterator[Problem]:
    """Files that nobody reads because of their name or place."""
    for name in FOLDERS:
        for path in sorted((folder / name).glob("*")):
            if path.suffix != ".yml" and not path.name.startswith("."):
                shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                yield Problem(
                    shown, 1, "is not read, because its name does not end in .yml; rename or remove it", "warning"
                )

    for path in sorted((folder / "locale").glob("*")):
        if path.is_dir() and not (path / "LC_MESSAGES" / "kasama.po").exists():
            text = "holds no LC_MESSAGES/kasama.po, so nobody reads it; put the catalog there or remove the folder"
            yield Problem(f"{folder.name}/locale/{path.name}", 1, text, "warning")


def _lexicons(folder: Path) -> Iterator[Problem]:
    """The words that mean danger: the checks stand beside what reads them."""
    if not (folder / "safety").is_dir():
        return
    for path in sorted((folder / "safety").glob("*.yml")):
        try:
            read_lexicon(path)
        except LexiconError as error:
            for problem in error.problems:
                yield Problem(f"{folder.name}/safety/{path.name}", problem.line, problem.message)


def _partners(content: Content, files: Iterable[Loaded]) -> Iterator[Problem]:
    for loaded in files:
        partner, document = loaded.model, loaded.document
        if not isinstance(partner, Partner) or document is None:
            continue
        yield from _languages(partner.languages, loaded.file, document.line(("languages",)))
        yield from _languages(partner.names, loaded.file, document.line(("names",)))
        yield from _languages(partner.covers.languages, loaded.file, document.line(("covers", "languages")))
        places = (
            (("countries",), partner.countries),
            (("covers", "destinations"), partner.covers.destinations),
            (("covers", "origins"), partner.covers.origins),
        )
        for where, codes in places:
            for code in codes:
                if code not in alpha3_table():
                    text = f"{code} is not a country code of ISO 3166; write three letters, for example HKG"
                    yield Problem(loaded.file, document.line(where), text)
        yield from _addresses(partner, loaded.file, document)


def _addresses(partner: Partner, file: str, document: Document) -> Iterator[Problem]:
    """Ways whose address is not set here, or cannot be one. Only warned of: a checkout of the content has no addresses."""
    from bot.cases.addresses import missing, partner_addresses, wrong

    if partner.id != "operator" and not partner.reach and not partner.on_duty:
        text = "names no way to reach it, so no case is ever passed on to it; add reach, or on_duty"
        yield Problem(file, 1, text, "warning")
    values = partner_addresses()
    absent, bad = missing(partner, values), wrong(partner, values)
    listed = [(("reach", i), way) for i, way in enumerate(partner.reach)]
    for n, person in enumerate(partner.on_duty):
        listed += [(("on_duty", n, "reach", i), way) for i, way in enumerate(person.reach)]  # type: ignore[misc]
    for where, way in listed:
        for name in (way.address_from, way.secret_from):
            if name in absent:
                text = f"{name} is not set here, so this way is not used; put it into .env, or remove the way"
                yield Problem(file, document.line(where), text, "warning")
        for problem in bad:
            if problem.startswith(f"{way.address_from} "):
                yield Problem(file, document.line(where), problem, "warning")


def _entries(content: Content, files: Iterable[Loaded], today: date) -> Iterator[Problem]:
    documents = {loaded.file: loaded.document for loaded in files}
    for entries in (content.facts, content.contacts):
        for full, entry in entries.items():
            place = content.places[full]
            document = documents[place.file]
            assert document is not None
            yield from _review(entry, place.file, place.line, today)
            part = "contacts" if isinstance(entry, Contact) else "facts"
            index = _index(document.data, part, entry.id)
            lines = {
                key: document.line((part, index, key))
                for key in ("note", "phones", "languages", "items", "rule", "reasons", "names")
            }
            if isinstance(entry, Contact):
                yield from _phones(
                    entry,
                    place.where,
                    place.file,
                    lines["phones"],
                    at_home=content.countries[place.where].roles == ("origin",)
                    if place.where in content.countries
                    else False,
                )
                yield from _languages(entry.languages, place.file, lines["languages"])
                yield from _languages(entry.names, place.file, lines["names"])
            else:
                yield from _words(entry, place.file, lines)
            yield from _languages(entry.note, place.file, lines["note"])


def _index(data: object, part: str, name: str) -> int:
    entries = data.get(part) or [] if isinstance(data, dict) else []
    return next((i for i, e in enumerate(entries) if isinstance(e, dict) and e.get("id") == name), 0)


def _review(entry: AnyFact | Contact, file: str, line: int, today: date) -> Iterator[Problem]:
    due = last_day(entry.review_by)
    what = f"'{entry.id}'"
    if due < today:
        yield Problem(
            file,
            line,
            f"{what} was to be checked again by {entry.review_by}; check it with its source and set a new date",
            "warning",
        )
    elif due - today <= SOON:
        yield Problem(file, line, f"{what} is to be checked again by {entry.review_by}; that is soon", "warning")
    if last_day(entry.checked_on) > last_day(today.isoformat()[:7]):
        yield Problem(file, line, f"{what}: checked_on lies in the future; write the day of the check")
    if entry.source.date and last_day(entry.source.date[:4]).year > today.year:
        yield Problem(file, line, f"{what}: the source is dated in the future; write the date that the source gives")


def _phones(contact: Contact, where: str, file: str, line: int, *, at_home: bool) -> Iterator[Problem]:
    for phone in (*contact.phones, *contact.from_abroad):
        try:
            number = phonenumbers.parse(phone, alpha2(where[-3:]))
        except phonenumbers.NumberParseException:
            yield Problem(
                file, line, f"'{contact.id}': {phone} cannot be a phone number; write +country code and digits"
            )
            continue
        short = len(re.sub(r"\D", "", phone)) <= 6
        if not short and not phonenumbers.is_possible_number(number):
            yield Problem(
                file,
                line,
                f"'{contact.id}': {phone} has too many or too few digits for its country; compare it with the source",
            )
        elif not short and not phonenumbers.is_valid_number(number) and contact.kind not in EMERGENCY_KINDS:
            yield Problem(
                file,
                line,
                f"'{contact.id}': {phone} is not in a range that is in use there, as far as is known; compare it with the source",
                "warning",
            )
    home_only = contact.phones and not contact.phones[0].startswith("+") and not contact.from_abroad
    if home_only and at_home and contact.kind not in EMERGENCY_KINDS and not contact.verify_before_publishing:
        text = f"'{contact.id}' cannot be dialled from abroad; add from_abroad if there is such a number"
        yield Problem(file, line, text, "warning")


def _languages(tags: Iterable[str], file: str, line: int) -> Iterator[Problem]:
    for tag in tags:
        try:
            locale_of(tag)
        except (UnknownLocaleError, ValueError):
            yield Problem(file, line, f"{tag} is not a language code; use two letters such as tl, ne, es")


def _words(fact: AnyFact, file: str, lines: dict[str, int]) -> Iterator[Problem]:
    names = [
        *getattr(fact, "items", ()),
        *getattr(fact, "reasons", ()),
        *getattr(fact, "also", ()),
        *getattr(fact, "methods", ()),
    ]
    names += [
        *getattr(fact, "gives", ()),
        *getattr(fact, "for_whom", ()),
        *getattr(fact, "other_methods_if_she_agrees", ()),
    ]
    names += [cost.item for cost in getattr(fact, "costs", ())]
    names += [name for key in ("zone", "where_to_get", "item") if isinstance(name := getattr(fact, key, None), str)]
    for name in names:
        if f"item_{name}" not in ALL:
            yield Problem(
                file,
                lines["items"],
                f"'{fact.id}': there is no word {name}; use one of bot/knowledge/says/items.py or add it there",
            )
    if isinstance(fact, ConventionRule) and f"rule_{fact.rule}" not in ALL:
        yield Problem(
            file,
            lines["rule"],
            f"'{fact.id}': there is no rule {fact.rule}; use one of bot/knowledge/says/rules.py or add it there",
        )


def _corridors(content: Content, files: Iterable[Loaded]) -> Iterator[Problem]:
    lines = {loaded.file: loaded.document for loaded in files}
    for (origin, destination), _ in content.corridors.items():
        file = next(name for name in lines if name.endswith(f"corridors/{origin}-{destination}.yml"))
        document = lines[file]
        assert document is not None
        for role, code in (("origin", origin), ("destination", destination)):
            country = content.countries.get(code)
            if country is None:
                if any(name.endswith(f"countries/{code}.yml") for name in lines):
                    continue  # it is there but broken, which is said already
                yield Problem(
                    file, document.line((role,)), f"there is no countries/{code}.yml; add it or correct the code"
                )
            elif role not in country.roles:
                yield Problem(
                    file,
                    document.line((role,)),
                    f"countries/{code}.yml does not have the role {role}; add it under roles",
                )
    known = set(alpha3_table())
    for code in content.countries:
        if code not in known:
            file = next(name for name in lines if name.endswith(f"countries/{code}.yml"))
            yield Problem(file, 1, f"{code} is not a country code of ISO 3166; write for example PHL")


def _pages(snapshot: Snapshot, folder: Path, today: date, only: str | None) -> Iterator[Problem]:
    """First pages that cost more than three segments, over all corridors and languages, or those that a file is part of."""
    routes, tags = [Route(*route) for route in snapshot.content.corridors], snapshot.catalogs.languages
    if only is not None:
        kind, name = only.split("/")[1:3]
        if kind == "locale":
            tags = (name,)
        elif kind in ("countries", "corridors"):
            codes = set(name.removesuffix(".yml").split("-"))
            routes = [r for r in routes if codes <= {r.origin, r.destination}]
        else:
            tags = ("en",)
    for tag in tags:
        shown = f"{folder.name}/locale/{tag}/LC_MESSAGES/kasama.po" if tag != "en" else "bot/knowledge/says"
        for route in routes:
            for topic in TOPICS:
                page = answers.compose(snapshot, topic, route, tag, None, None, today).pages[0]
                if (measure(page)[0] or GSM_UNITS + 1) <= GSM_UNITS:
                    continue  # counting takes as long as composing
                cost = segments.count(segments.plain(page)).segments
                if cost > FIRST_PAGE:
                    where = f"{route.origin}-{route.destination}"
                    key, line = _longest(snapshot.catalogs, tag, page)
                    said = f"the first page of {topic} for {where} costs {cost} SMS segments"
                    yield Problem(shown, line, f"{said}; shorten {key or page[:40] + ' ...'}", "warning")


def _longest(catalogs: Catalogs, tag: str, page: str) -> tuple[str, int]:
    """The key and line of the longest sentence of a catalog that a page holds; nothing and 1 when there is none."""
    language = catalogs.language(tag)
    held = [
        (len(part), key)
        for key, forms in language.texts.items()
        for form in forms
        for part in re.split(r"\{[^}]*\}", form)
        if len(part) > 3 and part in page
    ]
    key = max(held)[1] if held else ""
    return key, language.lines.get(key, 1)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("content", type=Path)
    options = parser.parse_args(arguments)
    problems = check(options.content, date.today())
    for problem in problems:
        print(problem)
    return 1 if any(problem.level == "error" for problem in problems) else 0


if __name__ == "__main__":
    raise SystemExit(main())
