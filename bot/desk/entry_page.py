"""Editing a fact, a contact or a named source in a form, and confirming one as a partner."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from starlette.responses import Response

from bot.desk.content_page import CONTENT, FILE, STATES, title
from bot.desk.desk import Desk, Page, Visit
from bot.desk.saving import Proposal, folder, propose
from bot.desk.staff import EDITING
from bot.editing import changing, confirming
from bot.editing.entries import PARTS, EntryError, entry, replaced
from bot.editing.fields import Field, Form, model_of
from bot.knowledge.yamlfile import BrokenFile, parse

EDIT = f"{CONTENT}/edit"


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    return [
        Page(f"{EDIT}/{{folder}}/{{name}}/{{part}}/{{entry}}", edit, EDITING, methods=("GET", "POST")),
        Page(f"{CONTENT}/confirm/{{folder}}/{{name}}/{{entry}}", confirm, EDITING, methods=("GET", "POST")),
    ]


async def edit(visit: Visit) -> Response:
    """The form; posted, it shows the difference, and posted again with that, it saves."""
    asked = visit.request.path_params
    where, part, name = f"{asked['folder']}/{asked['name']}.yml", asked["part"], asked["entry"]
    try:
        if part not in PARTS:
            raise KeyError(part)
        file = changing.read(folder(visit), where)
        data = parse(file.text, where).data
        raw = entry(data, part, name)
        model = model_of(part, raw)
        if model is None:
            raise KeyError(raw.get("kind"))
    except (KeyError, BrokenFile):
        return visit.missing()
    form = Form(
        model,
        sources=list(data.get("sources") or ()) if part != "sources" else [],
        defaults=data.get("defaults") or {} if part != "sources" else {},
        languages=visit.desk.knowledge.languages,
    )
    proposal, problem = Proposal(file.version), ""
    shown = raw
    if visit.request.method == "POST":
        new = form.read(raw, lambda key: visit.field(key).replace("\r\n", "\n"))
        shown = new
        try:
            proposal = await propose(
                visit, file, lambda text: replaced(text, part, name, new), f"{asked['name']}: {name}"
            )
        except EntryError as error:
            problem = str(error)
        except BrokenFile as error:
            problem = str(error.problem)
    return visit.page(
        "content_edit.html",
        status=400 if problem or proposal.errors else 200,
        name=name,
        kind=str(raw.get("kind", part)).replace("_", " "),
        title=title(visit, asked["folder"], asked["name"]),
        back=f"{FILE}/{asked['folder']}/{asked['name']}",
        groups=_grouped(form.fields(shown)),
        states={state: visit.say(text) for state, text in STATES.items()},
        proposal=proposal,
        problem=problem,
        as_file=where,
    )


def _grouped(fields: list[Field]) -> list[tuple[str, list[Field]]]:
    """Fields under the name of what they are a part of, in the order of the form; texts per language last in it."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        found.setdefault(field.group, []).append(field)
    return list(found.items())


async def confirm(visit: Visit) -> Response:
    """What a confirmation would change, and the confirmation itself, in the name of her partner."""
    asked = visit.request.path_params
    where = f"{asked['folder']}/{asked['name']}.yml"
    full = f"{asked['name']}.{asked['entry']}"
    by: str = visit.staff.partner_id
    content, today = folder(visit), date.today()
    proposal: Any = None
    problem = ""
    if full not in visit.desk.knowledge.snapshot.content.places:
        return visit.missing()
    try:
        file = changing.read(content, where)
        name, text = await asyncio.to_thread(confirming.confirmed, content, full, by, today)
        if name != where:
            return visit.missing()
        proposal = Proposal(file.version, changing.difference(file.text, text))
        if visit.request.method == "POST":
            if visit.field("sure") != "yes":
                problem = visit.say("Say first that you have called it, or know that it is right.")
            else:
                proposal = await propose(visit, file, lambda _: text, f"{full} is confirmed by {by}")
    except KeyError:
        return visit.missing()
    except confirming.ConfirmError as error:
        problem = str(error)
    if proposal is not None and proposal.saved:
        async with visit.desk.database.write() as session:
            visit.note(session, "confirmed", full)
    content_now = visit.desk.knowledge.snapshot.content
    return visit.page(
        "content_confirm.html",
        status=400 if problem else 200,
        full=full,
        contact=content_now.contacts.get(full),
        partner=content_now.partners[by].named(visit.tongue.tag) if by in content_now.partners else by,
        back=f"{FILE}/{asked['folder']}/{asked['name']}",
        proposal=proposal,
        problem=problem,
    )
