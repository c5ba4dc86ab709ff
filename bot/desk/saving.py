"""What every page that changes content shares: the difference, what the check says, saving in the editor's name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.desk.desk import Visit
from bot.editing import changing
from bot.editing.committing import Author
from bot.knowledge.yamlfile import Problem


@dataclass(slots=True)
class Proposal:
    """A change on its way. version: of the file that it was made for. lines: the difference. errors: what the check refuses.

    told: what she has to know, a finished sentence. saved: it is in the file.
    """

    version: str
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    told: str = ""
    saved: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be saved now."""
        return bool(self.lines) and not self.errors and not self.saved


def folder(visit: Visit) -> Path:
    """`content/`."""
    return visit.desk.settings.content


async def propose(visit: Visit, file: changing.File, edit: Callable[[str], str], what: str) -> Proposal:
    """Show the change, or save it if she has seen it and says so. edit: the new text of the file from the old one.

    what: the subject of the commit. The form's `version` is that of the file she has seen; `do` is `save` or anything else.
    """
    seen, proposal = visit.field("version", 64), Proposal(file.version)
    text = await asyncio.to_thread(edit, file.text)
    proposal.lines = changing.difference(file.text, text)
    if not proposal.lines:
        proposal.told = visit.say("Nothing is different from what stands in the file.")
        return proposal
    try:
        if visit.field("do") == "save" and seen == file.version:
            await _save(visit, file, text, what, proposal)
        else:
            proposal.warnings = _words(
                await asyncio.to_thread(changing.attempt, folder(visit), file, text, date.today())
            )
            if seen and seen != file.version:
                proposal.told = _meanwhile(visit)
    except changing.Refused as refused:
        proposal.errors = _words(refused.problems)
    except changing.Changed:
        proposal.version, proposal.told = "", _meanwhile(visit)
    return proposal


async def _save(visit: Visit, file: changing.File, text: str, what: str, proposal: Proposal) -> None:
    author = Author(visit.staff.name, visit.desk.vault.open(visit.staff.email_sealed))
    today, where = date.today(), folder(visit)
    saved = await asyncio.to_thread(changing.save, where, file, text, today, author=author, what=what)
    async with visit.desk.database.write() as session:
        visit.note(session, "changed", what)
    await asyncio.to_thread(visit.desk.knowledge.reload_if_changed)
    proposal.saved = True
    if saved.commit:
        proposal.told = visit.say("Saved, and committed as {commit}. Women read it now.", commit=saved.commit)
    elif saved.trouble:
        proposal.told = visit.say("Saved; women read it now. Git did not take it: {reason}", reason=saved.trouble)
    else:
        proposal.told = visit.say("Saved. Women read it now.")


def _meanwhile(visit: Visit) -> str:
    return visit.say(
        "Somebody else has changed this file meanwhile. What you wrote is kept below; look at the difference again, then save."
    )


def _words(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems]
