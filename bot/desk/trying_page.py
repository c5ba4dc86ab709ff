"""Try it: a chat per channel, language and corridor that reaches nobody, with what was understood and why."""

from __future__ import annotations

from starlette.responses import Response

from bot.desk.desk import Desk, Page, Visit
from bot.desk.preview_page import choices
from bot.desk.staff import EVERYBODY
from bot.desk.trying import Talk, Talks
from bot.desk.words import N_
from bot.editing.previewing import CHANNELS

TRY = "/desk/try"
LONGEST = 1600
SAFETY = {"none": N_("no danger"), "check": N_("she is asked whether she is in danger"), "case": N_("call for help")}


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    if desk.sandbox is None:
        return []
    talks = Talks(desk.sandbox, desk.knowledge)

    async def show(visit: Visit) -> Response:
        talk = talks.of(visit.staff.id)
        safety = {name: visit.say(text) for name, text in SAFETY.items()}
        offered = choices(desk.knowledge, visit.tongue.tag)
        return visit.page("trying.html", talk=talk, safety=safety, longest=LONGEST, **offered)

    async def write(visit: Visit) -> Response:
        if text := visit.field("text", LONGEST):
            await talks.say(visit.staff.id, text)
        return visit.go(f"{TRY}#end")

    async def begin(visit: Visit) -> Response:
        countries, languages = desk.knowledge.snapshot.content.countries, desk.knowledge.languages
        channel, language = visit.field("channel"), visit.field("language")
        origin, destination = visit.field("from"), visit.field("to")
        talk = Talk(
            channel if channel in CHANNELS else "sms",
            language if language in languages else "",
            origin if origin in countries else "",
            destination if destination in countries else "",
        )
        talks.begin(visit.staff.id, talk)
        return visit.go(TRY)

    return [
        Page(TRY, show, EVERYBODY, label=N_("Try it")),
        Page(TRY, write, EVERYBODY, methods=("POST",)),
        Page(f"{TRY}/new", begin, EVERYBODY, methods=("POST",)),
    ]
