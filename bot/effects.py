"""Carries out what an action decided: notes it at the person and her case, in the transaction that answers her."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import attachments, clearing
from bot.cases import CaseRoom
from bot.deliveries import put
from bot.erasure import erase
from bot.knowledge.digits import LATIN, zero_in
from bot.messages import Outbound
from bot.opting_out import OptingOut
from bot.replies import Replies
from bot.store.crypto import Vault
from bot.store.models import InboundRow, Person, now


class Effects:
    """The effects of `bot.turn.Step`."""

    def __init__(self, vault: Vault, cases: CaseRoom, replies: Replies) -> None:
        self._vault, self._cases, self._replies = vault, cases, replies
        self._opting_out = OptingOut(cases)

    async def apply(
        self, session: AsyncSession, person: Person, row: InboundRow, text: str, effects: dict[str, Any]
    ) -> None:
        """Note at the person and her case what the action decided."""
        before = person.pending
        for name in ("topic", "page", "fallbacks", "route_asked", "route_told", "greeted"):
            if name in effects:
                setattr(person, name, effects[name])
        if topic := effects.get("topic"):
            # Kept with the question, so that its later pages are written like the first.
            zero = zero_in(text)
            person.topic = {**topic, "digits": topic.get("digits", LATIN) if zero == LATIN else zero}
        if "pending" in effects:
            waits = effects["pending"]
            person.pending = f"{waits}:{row.id}" if waits in ("danger", "danger_help", "help", "human") else waits
        if language := effects.get("language"):
            person.language, person.language_chosen = str(language), True
        for end in ("origin", "destination"):
            if code := effects.get(end):
                setattr(person, end, str(code))
                setattr(person, f"{end}_said", True)
        if effects.get("stop"):
            await self._opting_out.out(session, person, "said")
        case = await self._cases.current(session, person)
        if case is not None and (why := effects.get("join_case")):
            await self._cases.join(
                session, case, person, row, text, what=why if isinstance(why, str) else "she wrote again"
            )
        if case is not None and effects.get("decline_case"):
            await self._cases.decline(session, case, row)
        if effects.get("request_case"):
            asked = await self.asked_about(session, person, row, text, before)
            if case is None:
                await self._cases.open(
                    session,
                    person,
                    row,
                    asked,
                    kind="request",
                    reason="she asked for a person and said yes",
                    language=person.language or "en",
                )
            else:
                await self._cases.join(session, case, person, row, asked, what="she asked for a person again")

    async def case_answer(
        self, session: AsyncSession, person: Person, row: InboundRow, text: str, effects: dict[str, Any]
    ) -> Outbound | None:
        """What she answered to a question about her case, or that she has hidden the chat; the reply, if it takes one."""
        if effects.get("hide"):
            await self._cases.hidden(session, person)
        answer = effects.get("case_answer")
        case = await self._cases.current(session, person) if answer else None
        if case is None:
            return None
        return await self._cases.answered(session, case, person, row, text, str(answer))

    async def asked_about(
        self, session: AsyncSession, person: Person, row: InboundRow, text: str, pending: str | None = None
    ) -> str:
        """The message that a question of ours was about, so that the partner gets it and not only her "yes"."""
        _, _, number = (pending or person.pending or "").partition(":")
        earlier = await session.get(InboundRow, int(number)) if number.isdigit() else None
        if earlier is None or earlier.person_id != person.id or earlier.id == row.id:
            return text
        together = select(InboundRow).where(
            InboundRow.person_id == person.id, InboundRow.answered_at == earlier.answered_at, InboundRow.id < earlier.id
        )
        rows = [*(await session.execute(together.order_by(InboundRow.id))).scalars(), earlier]
        return "\n".join([*(str(json.loads(self._vault.open(r.body_sealed))["text"]) for r in rows), text])

    async def attach(self, session: AsyncSession, person: Person, row: InboundRow, body: dict[str, Any]) -> None:
        """A photo or a place that came with words goes to her open case too, whatever the words were about."""
        if row.case_id is not None or not (body.get("files") or body.get("location")):
            return
        if (case := await self._cases.current(session, person)) is not None:
            kinds = ", ".join(body["media"]) or "location"
            await self._cases.join(session, case, person, row, attachments.told(body), what=f"she sent: {kinds}")

    async def erase(self, session: AsyncSession, person: Person, row: InboundRow) -> None:
        """Delete what is kept of her; only the confirmation still knows where she is, until it is sent."""
        key, channel, address, stopped = f"erased:{row.id}", person.channel, person.address_sealed, person.stopped
        await clearing.order(session, person, until=now())
        done, waits = (self._replies.phrase(key, person) for key in ("delete_done", "delete_done_help"))
        message = Outbound(done if await erase(session, self._vault, person) else waits)
        if stopped:  # she wants no messages, not even this one
            return
        put(session, self._vault, key=key, lane=key, channel=channel, address=address, message=message, forget=True)
