"""Content: what is there, how old it is, what waits for a partner, what is broken, and what is missing in which language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import EDITING
from bot.desk.words import N_
from bot.editing.changing import read
from bot.editing.coverage import SOON, waiting
from bot.knowledge.loading import FOLDERS
from bot.knowledge.snapshot import EMERGENCY_KINDS
from bot.knowledge.values import last_day
from bot.knowledge.yamlfile import BrokenFile, Document, parse
from bot.replies import autonym

CONTENT = "/desk/content"
FILE = f"{CONTENT}/file"

STATES = {"sourced": N_("sourced"), "reviewed": N_("reviewed"), "unverified": N_("unverified")}
_SHOWN_APART = {"id", "kind", "source", "state", "checked_by", "checked_on", "review_by", "verify_before_publishing"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact or contact as the desk lists it. full: `HKG.fee_cap`. due: past its review date; soon: nearly.

    sent: whether women get it. raw: what stands in the file.
    """

    full: str
    name: str
    part: str
    kind: str
    file: str
    line: int
    model: Any
    raw: dict[str, Any]
    due: bool
    soon: bool
    sent: bool

    @property
    def values(self) -> list[tuple[str, str]]:
        """What it says, for people: key and value."""
        return [(key, _flat(value)) for key, value in self.raw.items() if key not in _SHOWN_APART]


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    return [
        Page(CONTENT, show, EDITING, label=N_("Content")),
        Page(f"{FILE}/{{folder}}/{{name}}", show_file, EDITING),
    ]


async def show(visit: Visit) -> Response:
    """The overview."""
    knowledge = visit.desk.knowledge
    snapshot, today = knowledge.snapshot, date.today()
    every = [entry for file in files(visit) for entry in entries(visit, file, today)]
    catalogs = snapshot.catalogs
    languages = [
        (tag, autonym(tag), len(language.missing), len(language.unread), len(language.outdated))
        for tag in catalogs.languages
        if tag != "en" and (language := catalogs.language(tag))
    ]
    order = sorted((e for e in every if e.sent and (e.due or e.soon)), key=lambda e: last_day(e.model.review_by))
    safety = visit.desk.safety
    problems = [*knowledge.problems, *catalogs.entry_problems, *(safety.problems if safety else ())]
    return visit.page(
        "content.html",
        groups=[(title, found) for title, found in _groups(visit) if found],
        due=order,
        waiting=waiting(knowledge),
        places={entry.full: entry for entry in every},
        languages=languages,
        sentences=len(catalogs.sentences),
        problems=[str(problem) for problem in problems],
        states={state: visit.say(text) for state, text in STATES.items()},
    )


async def show_file(visit: Visit) -> Response:
    """One file with its facts and contacts."""
    asked = visit.request.path_params
    shown = f"{visit.desk.settings.content.name}/{asked['folder']}/{asked['name']}.yml"
    loaded = {file.file: file for file in visit.desk.knowledge.files()}.get(shown)
    if loaded is None or loaded.document is None:
        return visit.missing()
    found = entries(visit, loaded, date.today())
    return visit.page(
        "content_file.html",
        title=title(visit, asked["folder"], asked["name"]),
        file=shown,
        folder=asked["folder"],
        name=asked["name"],
        facts=[entry for entry in found if entry.part == "facts"],
        contacts=[entry for entry in found if entry.part == "contacts"],
        partner=_whole(loaded.document) if asked["folder"] == "partners" else [],
        sources=_sources(visit, f"{asked['folder']}/{asked['name']}.yml"),
        states={state: visit.say(text) for state, text in STATES.items()},
    )


def files(visit: Visit) -> list[Any]:
    """The files in service that hold facts or contacts."""
    return [file for file in visit.desk.knowledge.files() if file.document is not None]


def entries(visit: Visit, loaded: Any, today: date) -> list[Entry]:
    """The facts and contacts of a file."""
    found, places = [], visit.desk.knowledge.snapshot.content.places
    ours = {(place.line, place.id.split(".", 1)[1]): place for place in places.values() if place.file == loaded.file}
    data = loaded.document.data
    for part in ("facts", "contacts"):
        models = {model.id: model for model in getattr(loaded.model, part, ())}
        for index, raw in enumerate(data.get(part) or ()):
            line = loaded.document.line((part, index))
            place = ours.get((line, raw["id"]))
            if place is None:
                continue
            model = models[raw["id"]]
            last = last_day(model.review_by)
            sent = model.state != "unverified" and not getattr(model, "verify_before_publishing", False)
            sent = sent or (part == "contacts" and model.kind in EMERGENCY_KINDS)
            found.append(
                Entry(
                    place.id, raw["id"], part, model.kind.replace("_", " "), loaded.file, line, model, raw,
                    last < today, today <= last < today + SOON, sent,
                )
            )  # fmt: skip
    return found


def title(visit: Visit, folder: str, name: str) -> str:
    """What a file is called on pages."""
    knowledge, tag = visit.desk.knowledge, visit.tongue.tag
    if folder == "countries":
        return knowledge.country_name(name, tag)
    if folder == "corridors" and name.count("-") == 1:
        return " - ".join(knowledge.country_name(code, tag) for code in name.split("-"))
    partner = knowledge.snapshot.content.partners.get(name) if folder == "partners" else None
    return partner.named(tag) if partner else name


def _groups(visit: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    titles = {
        "countries": visit.say("Countries"),
        "corridors": visit.say("Corridors"),
        "instruments": visit.say("Conventions"),
        "partners": visit.say("Partners"),
    }
    names: dict[str, list[tuple[str, str]]] = {folder: [] for folder in FOLDERS}
    for file in visit.desk.knowledge.files():
        folder, name = file.file.removesuffix(".yml").split("/")[-2:]
        names[folder].append((f"{FILE}/{folder}/{name}", title(visit, folder, name)))
    return [(titles[folder], sorted(found, key=lambda pair: pair[1])) for folder, found in names.items()]


def _sources(visit: Visit, name: str) -> list[str]:
    """The short names of a file's sources, as it stands on disk."""
    try:
        data = parse(read(visit.desk.settings.content, name).text, name).data
    except (KeyError, BrokenFile):
        return []
    return list(data.get("sources") or ())


def _whole(document: Document) -> list[tuple[str, str]]:
    return [(key, _flat(value)) for key, value in document.data.items()]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_flat(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    return "" if value is None else str(value)
