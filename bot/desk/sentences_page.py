"""The sentences of a language: which are missing, unread or outdated, and a form to change one."""

from __future__ import annotations

from io import BytesIO

from babel.messages.pofile import read_po
from starlette.responses import Response

from bot.desk.content_page import CONTENT
from bot.desk.desk import Desk, Page, Visit
from bot.desk.pages import direction
from bot.desk.saving import Proposal, folder, propose
from bot.desk.staff import EDITING
from bot.desk.words import N_
from bot.editing import changing
from bot.editing.sentences import strings, translated
from bot.knowledge.comments import comments
from bot.knowledge.i18n import left_to_right
from bot.replies import autonym
from bot.segments import count

LANGUAGE = f"{CONTENT}/language"
ROWS = 50
"""Sentences on one page."""

FILTERS = {
    "missing": N_("not translated"),
    "unread": N_("not read by a native speaker"),
    "outdated": N_("English has changed since"),
    "all": N_("all sentences"),
}


def pages(desk: Desk) -> list[Page]:
    """The pages."""
    return [
        Page(f"{LANGUAGE}/{{tag}}", show, EDITING),
        Page(f"{LANGUAGE}/{{tag}}/{{key}}", edit, EDITING, methods=("GET", "POST")),
    ]


async def show(visit: Visit) -> Response:
    """Filters: `which` (see `FILTERS`), `words` (in the key, the English or the translation), `from` (for the next page)."""
    catalogs, tag = visit.desk.knowledge.snapshot.catalogs, visit.request.path_params["tag"]
    if tag == "en" or tag not in catalogs.languages:
        return visit.missing()
    asked, language = visit.request.query_params, catalogs.language(tag)
    default = "missing" if language.missing else "all"
    which = asked.get("which", default) if asked.get("which", default) in FILTERS else default
    words = asked.get("words", "").strip()[:100]
    some = {"missing": language.missing, "unread": language.unread, "outdated": language.outdated}.get(which)
    found = []
    for key, english in catalogs.sentences.items():
        if some is not None and key not in some:
            continue
        source = english if isinstance(english, str) else english[1]
        text = (language.texts.get(key) or ("",))[-1]
        if words and words.casefold() not in f"{key}\n{source}\n{text}".casefold():
            continue
        found.append((key, source, text, direction(text)))
    start = int(asked["from"]) if asked.get("from", "").isdecimal() and asked["from"].isascii() else 0
    start = min(start, len(found))
    return visit.page(
        "content_language.html",
        tag=tag,
        language=autonym(tag),
        rows=found[start : start + ROWS],
        total=len(found),
        which=which,
        words=words,
        filters=[(name, visit.say(text)) for name, text in FILTERS.items()],
        further=start + ROWS if start + ROWS < len(found) else None,
    )


async def edit(visit: Visit) -> Response:
    """The form; posted, it shows the difference, and posted again with that, it saves."""
    tag, key = visit.request.path_params["tag"], visit.request.path_params["key"]
    sentences = visit.desk.knowledge.snapshot.catalogs.sentences
    try:
        file = changing.read(folder(visit), f"locale/{tag}/LC_MESSAGES/kasama.po")
        catalog = read_po(BytesIO(file.text.encode()))
        message = next((one for one in catalog if one.id and one.context == key), None)
        if message is None or key not in sentences:
            raise KeyError(key)
    except (KeyError, ValueError):
        return visit.missing()
    forms, read = strings(message, catalog.num_plurals), not message.fuzzy
    proposal = Proposal(file.version)
    if visit.request.method == "POST":
        forms = [visit.field(f"form{n}").replace("\r\n", "\n") for n in range(len(forms))]
        read = visit.field("read") == "yes"
        new = forms
        proposal = await propose(
            visit, file, lambda text: translated(text, key, new, read=read), f"{tag}: {key}"
        )  # fmt: skip
    english = sentences[key]
    return visit.page(
        "content_sentence.html",
        status=400 if proposal.errors else 200,
        tag=tag,
        key=key,
        language=autonym(tag),
        english=[english] if isinstance(english, str) else list(english),
        comments=comments(key, english),
        forms=[(form, direction(form), count(left_to_right(form, tag))) for form in forms],
        dir="rtl" if tag == "ar" else "ltr",
        read=read,
        proposal=proposal,
        back=f"{LANGUAGE}/{tag}",
    )
