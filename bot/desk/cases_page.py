"""The queue: the cases that she may see, what nobody has taken first. Filters stand in the address, so a view can be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.cases import reading
from bot.desk.case_words import FILTERS, KINDS, SEVERITIES, STATES
from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import CASEWORK, OPERATOR
from bot.desk.words import N_
from bot.store.models import Case, now

CASES = "/desk/cases"
ROWS = 50
"""On one page."""


def pages(desk: Desk) -> list[Page]:
    """The queue, and its rows alone for an open page."""
    return [
        Page(CASES, show, CASEWORK, label=N_("Cases")),
        Page(f"{CASES}/rows", rows, CASEWORK, quiet=True),
    ]


async def show(visit: Visit) -> Response:
    context = await _queue(visit)
    knowledge, tag = visit.desk.knowledge, visit.tongue.tag
    content = knowledge.snapshot.content

    def countries(role: str) -> list[tuple[str, str]]:
        codes = [code for code, file in content.countries.items() if role in file.roles]
        return sorted(((code, knowledge.country_name(code, tag)) for code in codes), key=lambda pair: pair[1])

    return visit.page(
        "cases.html",
        **context,
        states=[(value, visit.say(text)) for value, text in FILTERS.items()],
        kinds=[(kind, knowledge.phrase(f"kind_{kind}", tag)) for kind in KINDS],
        origins=countries("origin"),
        destinations=countries("destination"),
        languages=[(code, visit.tongue.language(code)) for code in knowledge.languages],
        partners=[(code, content.partners[code].named(tag)) for code in sorted(content.partners)]
        if visit.staff.partner_id == OPERATOR
        else [],
    )


async def rows(visit: Visit) -> Response:
    return visit.page("cases_rows.html", **await _queue(visit))


async def _queue(visit: Visit) -> dict[str, Any]:
    asked = visit.request.query_params
    chosen = {
        name: asked.get(name, "")[:12] if name != "partner" else asked.get(name, "")[:40]
        for name in ("state", "kind", "from", "to", "language", "partner")
    }
    if chosen["state"] not in FILTERS:
        chosen["state"] = ""
    wanted = reading.Wanted(
        state=chosen["state"], kind=chosen["kind"], origin=chosen["from"], destination=chosen["to"],
        language=chosen["language"], partner=chosen["partner"],
    )  # fmt: skip
    if wanted.state == "mine":
        wanted = replace(wanted, state="", taken_by=str(visit.actor))
    page = asked.get("page", "1")
    number = min(int(page), 10_000) if page.isascii() and page.isdecimal() and len(page) < 6 and int(page) > 0 else 1
    async with visit.desk.database.read() as session:
        cases, total = await reading.listed(
            session, visit.staff.partner_id, wanted, start=(number - 1) * ROWS, most=ROWS
        )
        heard, written = await reading.last_heard(session, cases), await reading.last_written(session, cases)
    query = {name: value for name, value in chosen.items() if value}

    def address(path: str, at: int) -> str:
        return f"{path}?{urlencode({**query, 'page': at})}"

    return {
        "chosen": chosen,
        "total": total,
        "rows": [_row(visit, case, heard, written) for case in cases],
        "refresh": address(f"{CASES}/rows", number),
        "before": address(CASES, number - 1) if number > 1 else "",
        "further": address(CASES, number + 1) if number * ROWS < total else "",
        "at": number,
        "of": max(1, -(-total // ROWS)),
    }


def _row(visit: Visit, case: Case, heard: dict[int, Any], written: dict[int, Any]) -> dict[str, Any]:
    knowledge, tongue = visit.desk.knowledge, visit.tongue
    last, reply = heard.get(case.id), written.get(case.id)
    return {
        "number": case.number,
        "severity": case.severity,
        "urgency": tongue.say(SEVERITIES.get(case.severity, case.severity)),
        "state": tongue.say(STATES.get(case.state, case.state)),
        "waits": case.state in ("open", "notified"),
        "kind": knowledge.phrase(f"kind_{case.kind}", tongue.tag) if case.kind in KINDS else tongue.say("drill"),
        "origin": knowledge.country_name(case.origin, tongue.tag) if case.origin else "?",
        "destination": knowledge.country_name(case.destination, tongue.tag) if case.destination else "?",
        "language": tongue.language(case.language),
        "age": tongue.span(max(now() - case.opened_at, timedelta(minutes=1))),
        "taken_by": case.taken_by or "",
        "wrote": tongue.span(max(now() - last, timedelta(minutes=1)))
        if last and case.state in ("acknowledged", "in_contact") and (reply is None or last > reply)
        else "",
    }
