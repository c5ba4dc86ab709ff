"""The rows of the outbox: how a message gets into it, and what it looks like inside."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Choice, Outbound
from bot.store.crypto import Vault
from bot.store.models import Delivery, now


def seal_body(vault: Vault, message: Outbound) -> bytes:
    """Encrypted form of a message."""
    return vault.seal(
        json.dumps(
            {
                "text": message.text,
                "subject": message.subject,
                "urgent": message.urgent,
                "choices": [[c.label, c.payload] for c in message.choices],
                "valid_for": message.valid_for,
                "answers": message.answers,
                "strong": message.strong,
                "quiet": message.quiet,
            }
        )
    )


def open_body(vault: Vault, sealed: bytes) -> Outbound:
    """The message again."""
    data: dict[str, Any] = json.loads(vault.open(sealed))
    return Outbound(
        text=data["text"],
        subject=data["subject"],
        choices=tuple(Choice(*pair) for pair in data["choices"]),
        valid_for=data.get("valid_for"),
        urgent=data.get("urgent", False),
        answers=data.get("answers", ""),
        strong=tuple(data.get("strong", ())),
        quiet=tuple(data.get("quiet", ())),
    )


def put(
    session: AsyncSession,
    vault: Vault,
    *,
    key: str,
    channel: str,
    address: bytes,
    message: Outbound,
    lane: str,
    urgent: bool = False,
    person_id: str | None = None,
    inbound_id: int | None = None,
    case_id: int | None = None,
    due_at: datetime | None = None,
    forget: bool = False,
    held: bool = False,
) -> None:
    """Add a delivery to a transaction. address: sealed. key: unique; the same key is the same delivery. held: not sent yet."""
    session.add(
        Delivery(
            key=key,
            channel=channel,
            address_sealed=address,
            body_sealed=seal_body(vault, replace(message, urgent=urgent)),
            lane=lane,
            urgent=0 if urgent else 1,
            person_id=person_id,
            inbound_id=inbound_id,
            case_id=case_id,
            due_at=due_at or now(),
            state="held" if held else "waiting",
            forget=forget,
            attempts=0,
        )
    )
