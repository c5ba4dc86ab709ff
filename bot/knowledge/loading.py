"""Loads `content/` into one snapshot, and says in plain words what is wrong with a file and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.knowledge.kinds import AnyFact
from bot.knowledge.schema import Contact, CorridorFile, CountryFile, InstrumentFile, Partner
from bot.knowledge.yamlfile import BrokenFile, Document, Path_, Problem, read

FOLDERS: dict[str, type[BaseModel]] = {
    "countries": CountryFile, "corridors": CorridorFile, "instruments": InstrumentFile, "partners": Partner,
}  # fmt: skip
_DEFAULTS = ("checked_by", "checked_on", "review_by", "state")
_STEPS = {"function-after", "function-before", "function-wrap"}


class ContentError(Exception):
    """There is no good version of the content at all. `problems` lists why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact or contact with the id by which answers name it, and where it stands."""

    id: str
    where: str
    file: str
    line: int


@dataclass(slots=True)
class Loaded:
    """One file that was read. model is None when it is broken."""

    file: str
    stamp: tuple[int, int]
    model: BaseModel | None
    document: Document | None
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Content:
    """All files of one moment. Facts and contacts are keyed by full id: `PHL.fee_cap`."""

    countries: dict[str, CountryFile] = field(default_factory=dict)
    corridors: dict[tuple[str, str], CorridorFile] = field(default_factory=dict)
    instruments: dict[str, InstrumentFile] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    facts: dict[str, AnyFact] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    places: dict[str, Placed] = field(default_factory=dict)


def load_file(folder: Path, path: Path, model: type[BaseModel]) -> Loaded:
    """Read and check one file."""
    status = path.stat()
    shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
    loaded = Loaded(shown, (status.st_mtime_ns, status.st_size), None, None)
    try:
        loaded.document = read(path, shown)
    except BrokenFile as error:
        loaded.problems.append(error.problem)
        return loaded
    data = loaded.document.data
    if not isinstance(data, dict):
        loaded.problems.append(
            Problem(shown, 1, "must be a list of `key: value` lines; compare with another file of this folder")
        )
        return loaded
    loaded.problems.extend(_fill(data, loaded.document, shown))
    if loaded.problems:
        return loaded
    try:
        loaded.model = model.model_validate(data)
    except ValidationError as error:
        loaded.problems.extend(_explain(error, loaded.document, shown))
        return loaded
    loaded.problems.extend(_name_fits(loaded.model, path, shown))
    if loaded.problems:
        loaded.model = None
    return loaded


def _fill(data: dict[str, Any], document: Document, shown: str) -> list[Problem]:
    """Put the file's `defaults` and named `sources` into its facts and contacts."""
    problems = []
    defaults, sources = data.pop("defaults", None) or {}, data.pop("sources", None) or {}
    if not isinstance(defaults, dict) or set(defaults) - set(_DEFAULTS):
        problems.append(
            Problem(
                shown, document.line(("defaults",)), f"defaults may hold only {', '.join(_DEFAULTS)}; remove the rest"
            )
        )
        defaults = {}
    if not isinstance(sources, dict):
        problems.append(
            Problem(shown, document.line(("sources",)), "sources must be `short_name: {name, url, date}` lines")
        )
        sources = {}
    for part in ("facts", "contacts"):
        for index, item in enumerate(data.get(part) or []):
            if not isinstance(item, dict):
                problems.append(
                    Problem(shown, document.line((part, index)), f"an entry of {part} must begin with `- id: …`")
                )
                continue
            for key, value in defaults.items():
                item.setdefault(key, value)
            problems.extend(_sourced(item, (part, index), sources, document, shown))
            for number, voice in enumerate(item.get("other_voices") or []):
                if isinstance(voice, dict):
                    problems.extend(_sourced(voice, (part, index, "other_voices", number), sources, document, shown))
    return problems


def _sourced(item: dict[str, Any], at: Path_, sources: dict[str, Any], document: Document, shown: str) -> list[Problem]:
    source = item.get("source")
    if source is None:
        return [
            Problem(
                shown,
                document.line(at),
                f"{_called(item)} has no source; add `source: {{name, url, date}}` or the name of one of `sources`",
            )
        ]
    if isinstance(source, str):
        if source not in sources:
            near = get_close_matches(source, sources, 1)
            hint = f"; did you mean {near[0]}?" if near else "; add it under `sources` at the top"
            return [Problem(shown, document.line((*at, "source")), f"there is no source called {source}{hint}")]
        item["source"] = sources[source]
    return []


def _called(item: dict[str, Any]) -> str:
    return f"'{item['id']}'" if isinstance(item.get("id"), str) else "this entry"


def _name_fits(model: BaseModel, path: Path, shown: str) -> list[Problem]:
    if isinstance(model, CountryFile) and model.country != path.stem:
        return [
            Problem(shown, 1, f"the file is called {path.name} but says country: {model.country}; make both the same")
        ]
    if isinstance(model, CorridorFile) and f"{model.origin}-{model.destination}" != path.stem:
        right = f"{model.origin}-{model.destination}.yml"
        return [
            Problem(
                shown,
                1,
                f"the file is called {path.name} but holds {model.origin} to {model.destination}; call it {right}",
            )
        ]
    if isinstance(model, Partner) and model.id != path.stem:
        return [Problem(shown, 1, f"the file is called {path.name} but says id: {model.id}; make both the same")]
    return []


def _explain(error: ValidationError, document: Document, shown: str) -> list[Problem]:
    problems = []
    for item in error.errors(include_url=False):
        where = tuple(step for step in item["loc"] if isinstance(step, int) or step not in _STEPS)
        line = document.line(where)
        entry: Any = document.data
        for step in where[:2]:
            if isinstance(entry, dict):
                entry = entry.get(step)
            elif isinstance(entry, list) and isinstance(step, int):
                entry = entry[step]
            else:
                entry = None
        whose = f"{_called(entry)}: " if isinstance(entry, dict) and isinstance(entry.get("id"), str) else ""
        problems.append(Problem(shown, line, whose + _words(item, where)))
    return problems


def _words(item: Any, where: Path_) -> str:
    """What to do about one error of pydantic."""
    name = next((str(step) for step in reversed(where) if isinstance(step, str)), "this")
    kind, context = item["type"], item.get("ctx") or {}
    if kind == "missing":
        return f"{name} is missing; add `{name}: …`"
    if kind == "extra_forbidden":
        return f"{name} is not a key that is known here; check its spelling or remove it (`kasama content schema` lists the keys)"
    if kind == "union_tag_invalid":
        tags = [tag.strip("' ") for tag in str(context.get("expected_tags", "")).split(",")]
        near = get_close_matches(str(context.get("tag", "")), tags, 1)
        return f"there is no kind {context.get('tag')}; " + (
            f"did you mean {near[0]}?" if near else f"use one of {', '.join(tags)}"
        )
    if kind == "union_tag_not_found":
        return "kind is missing; add `kind: …`, for example `kind: minimum_wage`"
    if kind == "literal_error":
        return f"{name} cannot be {item['input']}; use {context.get('expected')}"
    if kind == "value_error":
        text = str(context.get("error", item["msg"]))
        return text if " " in text and not text.startswith(("is ", "must ")) else f"{name} {text}"
    if kind.startswith(("decimal", "int", "float")):
        return f"{name} must be a number such as 4990 or 1137.86, without blanks, commas or signs; now it is {item['input']!r}"
    if kind.startswith("bool"):
        return f"{name} must be true or false; now it is {item['input']!r}"
    if kind.startswith("string_pattern"):
        return (
            f"{name} is written in a way that is not allowed ({item['input']!r}); use the form {context.get('pattern')}"
        )
    if kind in ("string_type", "dict_type", "tuple_type", "list_type", "model_type", "model_attributes_type"):
        form = {
            "string_type": "a text",
            "dict_type": "`language: text` lines",
            "tuple_type": "a list",
            "list_type": "a list",
        }.get(kind, "`key: value` lines")
        return f"{name} must be {form}; compare with another file of this folder"
    if kind in ("greater_than", "greater_than_equal"):
        return f"{name} must be more than {context.get('gt', context.get('ge'))}; now it is {item['input']}"
    if kind == "too_short":
        return f"{name} is empty; give at least one"
    return f"{name}: {item['msg']}; compare with another file of this folder"


def assemble(files: Iterable[Loaded]) -> tuple[Content, list[Problem]]:
    """Join files into one content; problems are those between files (the same id twice, a country that is missing)."""
    content, problems = Content(), []
    for loaded in files:
        model = loaded.model
        if isinstance(model, CountryFile):
            content.countries[model.country] = model
            problems.extend(_place(content, model.country, model, loaded))
        elif isinstance(model, CorridorFile):
            content.corridors[(model.origin, model.destination)] = model
            problems.extend(_place(content, f"{model.origin}-{model.destination}", model, loaded))
        elif isinstance(model, InstrumentFile):
            content.instruments[model.instrument] = model
            problems.extend(_place(content, model.instrument, model, loaded))
        elif isinstance(model, Partner):
            content.partners[model.id] = model
    return content, problems


def _place(content: Content, where: str, model: Any, loaded: Loaded) -> list[Problem]:
    problems = []
    assert loaded.document is not None
    for part in ("facts", "contacts"):
        for index, entry in enumerate(getattr(model, part, ())):
            full, line = f"{where}.{entry.id}", loaded.document.line((part, index))
            if full in content.places:
                first = content.places[full]
                problems.append(
                    Problem(
                        loaded.file, line, f"the id {entry.id} is used twice (first in line {first.line}); rename one"
                    )
                )
                continue
            content.places[full] = Placed(full, where, loaded.file, line)
            (content.facts if part == "facts" else content.contacts)[full] = entry
    return problems
