"""One case: everything that is known of it, and what a caseworker can do with it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from bot import attachments
from bot.cases import OPERATOR, printable, reading
from bot.cases.passing import granted
from bot.cases.work import LONGEST_REPLY
from bot.deliveries import open_body
from bot.desk.case_words import CONSENT, KINDS, OUTCOMES, SEVERITIES, STATES
from bot.desk.cases_page import CASES
from bot.desk.desk import Desk, Page, Visit
from bot.desk.snippets import snippets
from bot.desk.staff import CASEWORK, colleagues
from bot.store.models import Delivery

CASE = f"{CASES}/{{number}}"


def pages(desk: Desk) -> list[Page]:
    """The page, and the part of it that changes by itself."""
    return [Page(CASE, show, CASEWORK), Page(f"{CASE}/live", live, CASEWORK, quiet=True)]


async def show(visit: Visit, problem: str = "", status: int = 200, typed: str = "") -> Response:
    """The whole page; that she has looked is noted. typed: words for her that could not be sent, so that they are not lost."""
    async with visit.desk.database.write() as session:
        case = await reading.find(session, visit.request.path_params["number"], visit.staff.partner_id)
        if case is None:
            return visit.missing()
        view = await reading.read(session, case, visit.actor)
        visit.note(session, "looked", case.number)
        context = {**await _shown(visit, session, view), **await _choices(visit, session, view)}
    return visit.page("case.html", status=status, **context, problem=problem, typed=typed)


async def live(visit: Visit) -> Response:
    """The part that changes, for an open page that has been noted already."""
    async with visit.desk.database.read() as session:
        case = await reading.find(session, visit.request.path_params["number"], visit.staff.partner_id)
        if case is None:
            return visit.missing()
        context = await _shown(visit, session, await reading.read_again(session, case))
    return visit.page("case_live.html", **context)


async def _shown(visit: Visit, session: AsyncSession, view: reading.CaseView) -> dict[str, Any]:
    case, person, vault, tongue = view.case, view.person, visit.desk.vault, visit.tongue
    knowledge = visit.desk.knowledge
    files = await attachments.of_case(session, case.id)
    bodies = {row.id: json.loads(vault.open(row.body_sealed)) for row in view.messages if row.body_sealed}
    talk = [
        {
            "at": row.received_at,
            "side": "her",
            "text": printable(str(bodies.get(row.id, {}).get("text", ""))),
            "with": [str(kind) for kind in bodies.get(row.id, {}).get("media") or ()],
            "contacts": [str(number) for number in bodies.get(row.id, {}).get("contacts") or ()],
            "place": _place(bodies.get(row.id, {}).get("location")),
            "files": [file for file in files if file.inbound_id == row.id],
        }
        for row in view.messages
    ]
    answers = select(Delivery).where(
        Delivery.inbound_id.in_([row.id for row in view.messages]), Delivery.person_id == person.id
    )
    talk += [
        {"at": row.created_at, "side": "kasama", "text": open_body(vault, row.body_sealed).text, "state": row.state}
        for row in (await session.execute(answers)).scalars()
        if row.body_sealed
    ]
    talk += [
        {"at": event.at, "side": "us", "text": vault.open(event.body_sealed), "who": event.actor}
        for event in view.events
        if event.body_sealed and event.what == "wrote to her"
    ]
    notes = [
        {"at": event.at, "text": vault.open(event.body_sealed), "who": event.actor}
        for event in view.events
        if event.body_sealed and event.what == "noted"
    ]
    return {
        "case": case,
        "mine": case.taken_by == str(visit.actor),
        "kind": knowledge.phrase(f"kind_{case.kind}", tongue.tag) if case.kind in KINDS else tongue.say("drill"),
        "urgency": tongue.say(SEVERITIES.get(case.severity, case.severity)),
        "state": tongue.say(STATES.get(case.state, case.state)),
        "consent": tongue.say(CONSENT.get(case.consent, case.consent)),
        "outcome": tongue.say(case.outcome) if case.outcome else "",
        "address": vault.open(person.address_sealed) if person.address_sealed else "",
        "channel": person.channel,
        "stopped": person.stopped,
        "hidden": person.hidden_at is not None,
        "language": tongue.language(case.language),
        "origin": knowledge.country_name(case.origin, tongue.tag) if case.origin else "?",
        "destination": knowledge.country_name(case.destination, tongue.tag) if case.destination else "?",
        "wish": printable(vault.open(case.wish_sealed)) if case.wish_sealed else "",
        "place": _map(vault.open(case.location_sealed)) if case.location_sealed else None,
        "talk": sorted(talk, key=lambda line: line["at"]),
        "notes": notes,
        "events": [(event.at, event.what, event.actor) for event in view.events],
        "partners": [(word.partner_id, word.state) for word in view.partners],
    }


async def _choices(visit: Visit, session: AsyncSession, view: reading.CaseView) -> dict[str, Any]:
    case, world, tag = view.case, visit.desk.world, visit.tongue.tag
    directory = world.cases.directory
    agreed = await granted(session, case)
    people = [
        (f"{one.partner_id}|{one.name}", f"{one.name} ({directory.name(one.partner_id, tag)})")
        for one in await colleagues(session, None)
        if one.active and one.role in CASEWORK and one.id != visit.staff.id
        and one.partner_id in {visit.staff.partner_id, OPERATOR, *agreed}
    ]  # fmt: skip
    people += [(f"{partner}|", directory.name(partner, tag)) for partner in dict.fromkeys([OPERATOR, *agreed])]
    asked = {word.partner_id for word in view.partners if word.state != "asked"}
    fitting = [partner.id for partner in directory.fitting(case)]
    others = [p.id for p in directory.others() if p.id not in asked and directory.ways(p.id)]
    others.sort(key=lambda partner: fitting.index(partner) if partner in fitting else len(fitting))
    return {
        "snippets": snippets(visit, case, view.person),
        "longest": LONGEST_REPLY,
        "people": people,
        "others": [(partner, directory.name(partner, tag)) for partner in others],
        "outcomes": [(code, visit.say(text)) for code, text in OUTCOMES.items()],
        "done": visit.request.query_params.get("done", ""),
    }


def _place(location: dict[str, Any] | None) -> dict[str, str] | None:
    return _map(f"{location['latitude']:.5f}, {location['longitude']:.5f}") if location else None


def _map(place: str) -> dict[str, str]:
    """A place with the address of a map, which is asked for nothing before somebody clicks."""
    latitude, _, longitude = place.replace(" ", "").partition(",")
    link = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
    return {"text": place, "link": link}
