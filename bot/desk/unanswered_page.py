"""Unanswered: what the bot did not understand, redacted and grouped, to be labelled and exported as training lines."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.staff import EDITING
from bot.desk.words import N_
from bot.training import DATA
from bot.unanswered import finding, lines
from bot.unanswered.redacting import Redacting

UNANSWERED = "/desk/unanswered"
GROUPS = 30
"""Groups on one page."""

SHOWN = 12
"""Texts of one group on the page; the rest is counted, and labelled together with them only when they come up."""

ROOT = Path(__file__).resolve().parents[2]


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    data = ROOT / DATA
    redacting = Redacting(data)

    async def show(visit: Visit, status: int = 200, problem: str = "") -> Response:
        tag = visit.request.query_params.get("lang", "")
        keep = desk.settings.keep_messages
        async with desk.database.read() as session:
            rows = await finding.stored(session, keep, tag or None)
            kept = await lines.kept(session, desk.vault)
        done = {(language, text) for language, _, text in kept}
        found = await asyncio.to_thread(finding.read, desk.vault, redacting, rows, done)
        return visit.page(
            "unanswered.html",
            status=status,
            problem=problem,
            groups=found[:GROUPS],
            more=len(found) - GROUPS,
            texts=sum(map(len, found)),
            shown=SHOWN,
            intents=lines.intents(data),
            aside=lines.ASIDE,
            lang=tag,
            languages=[(one, visit.tongue.language(one)) for one in lines.languages(data)],
            labelled=sum(intent != lines.ASIDE for _, intent, _ in kept),
        )

    async def label(visit: Visit) -> Response:
        """Keep the chosen texts of a group with an intent. Only texts that are on the page now can be: what a form says is
        compared with what the bot did not understand."""
        language, intent = visit.field("language", 8), visit.field("intent", 40)
        chosen = {text for text in visit.form.getlist("text") if isinstance(text, str)}
        if intent not in (*lines.intents(data), lines.ASIDE) or language not in lines.languages(data) or not chosen:
            return await show(visit, 400, visit.say("Choose an intent and at least one message."))
        async with desk.database.read() as session:
            rows = await finding.stored(session, desk.settings.keep_messages, language)
            done = {(tag, text) for tag, _, text in await lines.kept(session, desk.vault)}
        there = await asyncio.to_thread(finding.read, desk.vault, redacting, rows, done)
        texts = [one.text for group in there for one in group if one.text in chosen]
        async with desk.database.write() as session:
            lines.label(session, desk.vault, language, intent, texts)
            visit.note(session, "labelled", str(len(texts)))
        here = visit.field("back", 8)
        return visit.go(f"{UNANSWERED}?lang={here}" if here in lines.languages(data) else UNANSWERED)

    async def export(visit: Visit) -> Response:
        """The files that change, with the new lines in them, as a ZIP archive."""
        async with desk.database.read() as session:
            kept = await lines.kept(session, desk.vault)
        packed = await asyncio.to_thread(lambda: lines.packed(lines.merged(data, kept)))
        names = {"Content-Disposition": 'attachment; filename="training-lines.zip"'}
        return Response(packed, media_type="application/zip", headers=names)

    return [
        Page(UNANSWERED, show, EDITING, label=N_("Unanswered")),
        Page(f"{UNANSWERED}/label", label, EDITING, methods=("POST",)),
        Page(f"{UNANSWERED}/lines.zip", export, EDITING),
    ]
