"""She is in danger: her case is opened or added to, and she is answered, in the transaction that stores her message."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding, people
from bot.cases import CaseRoom
from bot.knowledge import Knowledge
from bot.messages import Choice, Outbound
from bot.replies import Replies
from bot.store.models import Case, InboundRow, Person

log = structlog.get_logger(__name__)

CRY = "distress_threat"
"""The intent of a call for help that names no kind of danger."""


class Danger:
    """Opens cases and gives the first reply. world: for the log."""

    def __init__(self, knowledge: Knowledge, replies: Replies, cases: CaseRoom, world: str) -> None:
        self._knowledge, self._replies, self._cases, self._world = knowledge, replies, cases, world

    async def answer(
        self, session: AsyncSession, person: Person, row: InboundRow, text: str, *, kind: str, reason: str
    ) -> Case:
        """Open her case or add to it, and answer her. kind: see `bot.safety`. reason: why it was taken for danger."""
        people.suggest_route(person, self._knowledge)
        person.pending = None
        case = await self._cases.current(session, person)
        if case is not None and case.kind != "request":
            await self._cases.join(session, case, person, row, text, what=f"she wrote again: {reason}")
            self._replies.put(session, person, row, await self.passed_on(session, person), urgent=True)
            return case
        if not hiding.before(person, row.received_at):
            await self._replies.reopen(session, person)
        person.choices = []
        language = person.language or "en"
        case = await self._cases.open(session, person, row, text, kind=kind, reason=reason, language=language)
        words = self._knowledge.first_reply(
            kind,
            language,
            country=people.whereabouts(person),
            partner=self._knowledge.operator.name,
            origin=person.origin,
        )
        choices = [
            ("choice_safe", "affirm|topic=safe"),
            ("choice_not_safe", "deny|topic=unsafe"),
            ("choice_no_contact", "deny|topic=no_contact"),
        ]
        message = Outbound(
            words, choices=tuple(Choice(self._replies.phrase(label, person), payload) for label, payload in choices)
        )
        self._replies.put(session, person, row, message, urgent=True)
        log.warning("case opened", world=self._world, case=case.number, kind=kind)
        return case

    async def passed_on(self, session: AsyncSession, person: Person) -> Outbound:
        """That the partner has what she just wrote; while she hides the talk, something that says nothing of it."""
        if hiding.muted(person) and await hiding.waits(session, person):
            await self._replies.reopen(session, person)
        return Outbound(self._replies.phrase("hide_more" if hiding.muted(person) else "case_more", person))

    def ask(self, session: AsyncSession, person: Person, row: InboundRow) -> None:
        """Ask whether she is in danger now, where her words give reason and the model cannot be asked."""
        person.pending = f"danger:{row.id}"
        choices = tuple(
            Choice(self._replies.phrase(f"choice_danger_{word}", person), payload)
            for word, payload in (("yes", "affirm"), ("no", "deny"))
        )
        message = Outbound(self._replies.phrase("danger_check", person), choices)
        self._replies.put(session, person, row, message, urgent=True, what="wait")
