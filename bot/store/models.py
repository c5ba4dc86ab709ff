"""The tables. Columns named `*_sealed` hold encrypted personal data; `*_mark` keyed hashes to look it up by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, String, TypeDecorator, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A UTC moment. SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""


class Person(Base):
    """A woman who writes, as one channel knows her, and what the dialogue must remember of her.

    stopped: she wants no messages. stopped_at: when that last changed. stopped_by: how we know, see `bot.opting_out`.
    choices_at: when `choices` were offered.
    counted: the figures of this month that she is in already. erase_asked_at: she had everything deleted then, and what is
    still here goes when her call for help is closed.
    unreachable_at: she has blocked us then. hidden_at: she has hidden the talk then, see `bot.hiding`. asked_for_words: the last
    thing that she was told is to write instead of sending something else.
    """

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_country: Mapped[str | None] = mapped_column(String(3))
    language: Mapped[str | None] = mapped_column(String(8))
    language_chosen: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str | None] = mapped_column(String(3))
    destination: Mapped[str | None] = mapped_column(String(3))
    origin_said: Mapped[bool] = mapped_column(default=False)
    destination_said: Mapped[bool] = mapped_column(default=False)
    route_asked: Mapped[bool] = mapped_column(default=False)
    route_told: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    page: Mapped[int] = mapped_column(default=0)
    pending: Mapped[str | None] = mapped_column(String(40))
    choices: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    choices_at: Mapped[datetime | None] = mapped_column(Moment)
    fallbacks: Mapped[int] = mapped_column(default=0)
    greeted: Mapped[bool] = mapped_column(default=False)
    stopped: Mapped[bool] = mapped_column(default=False)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    stopped_by: Mapped[str | None] = mapped_column(String(10))
    counted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    erase_asked_at: Mapped[datetime | None] = mapped_column(Moment)
    unreachable_at: Mapped[datetime | None] = mapped_column(Moment)
    hidden_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_for_words: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    wrote_at: Mapped[datetime] = mapped_column(Moment, default=now)

    @validates("choices")
    def _note_when_offered(self, _name: str, choices: list[list[str]]) -> list[list[str]]:
        self.choices_at = now()
        return choices


class Figure(Base):
    """How many women asked about something in a month; nothing here leads to one of them.

    month: `2026-11`. origin, destination: ISO 3166 alpha-3, empty where not known. what: topic, language or fee.
    value: a topic, a language, or how the amount that she named compares with the cap.
    """

    __tablename__ = "figures"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    origin: Mapped[str] = mapped_column(String(3), primary_key=True)
    destination: Mapped[str] = mapped_column(String(3), primary_key=True)
    what: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(30), primary_key=True)
    women: Mapped[int] = mapped_column(default=0)


class Job(Base):
    """Something that is done once at its time, by whichever replica takes it first. taken_until: it is being done till then."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class InboundRow(Base):
    """A message that came in. state: received, then answered. message_id: what it can be deleted by at the provider.

    untold: it belongs to a case, and waits to be told to partners together with others, see `bot.cases.gathering`.
    """

    __tablename__ = "inbound"
    __table_args__ = (UniqueConstraint("channel", "provider_id"), Index("ix_inbound_state_due", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="received")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Moment, default=now)
    told_wait: Mapped[bool] = mapped_column(default=False)
    understood: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    untold: Mapped[bool] = mapped_column(default=False, server_default=false())


class Case(Base):
    """A call for help, a request for a person, or a drill. state: open, notified, acknowledged, in_contact, closed.

    severity: critical, urgent, request (no danger), or drill. round: how often it was reopened.
    taken_partner, taken_by: who answers her; a partner's id, and an actor as the timeline names it.
    wish_sealed: when and how she may be written to, in her words; safe_from, safe_to: the same as minutes of her day.
    quiet_until: until then a person is with her and the bot stays out of the way.
    drill_partner: the partner that is being tried out, see `bot.cases.drills`; then this is nobody's case.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[str] = mapped_column(String(14), default="open", index=True)
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    consent: Mapped[str] = mapped_column(String(10), default="told")
    language: Mapped[str] = mapped_column(String(8))
    origin: Mapped[str | None] = mapped_column(String(3))
    destination: Mapped[str | None] = mapped_column(String(3))
    opened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    notified_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(200))
    severity: Mapped[str] = mapped_column(String(10), default="urgent")
    round: Mapped[int] = mapped_column(default=0)
    taken_partner: Mapped[str | None] = mapped_column(String(40))
    taken_by: Mapped[str | None] = mapped_column(String(120))
    wish_asked: Mapped[bool] = mapped_column(default=False)
    wish_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    safe_from: Mapped[int | None]
    safe_to: Mapped[int | None]
    location_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    quiet_until: Mapped[datetime | None] = mapped_column(Moment)
    drill_partner: Mapped[str | None] = mapped_column(String(40))


class CaseEvent(Base):
    """One line of a case's timeline: what, by whom (`bot.cases.actors`); never her words.

    body_sealed: a colleague's note, or what a caseworker wrote to her.
    """

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    what: Mapped[str] = mapped_column(String(300))
    actor: Mapped[str] = mapped_column(String(120), default="kasama")
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class LadderStep(Base):
    """One step of the ladder of a case. state: waiting, done, dropped.

    kind: notify (a partner), tell (her, about the wait), gather (tell partners what she wrote meanwhile). rung: which one it
    was, empty until it is known.
    ways: ids of the ways that were used. round: that of the case.
    """

    __tablename__ = "ladder_steps"
    __table_args__ = (Index("ix_ladder_steps_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    round: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(10))
    rung: Mapped[str] = mapped_column(String(300), default="")
    ways: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class CasePartner(Base):
    """Whether a case may go to a partner beside the operator. state: asked, granted, refused, revoked: her word."""

    __tablename__ = "case_partners"
    __table_args__ = (UniqueConstraint("case_id", "partner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    partner_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class CaseLook(Base):
    """Somebody has looked at a case: who, when, how."""

    __tablename__ = "case_looks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor: Mapped[str] = mapped_column(String(120))
    how: Mapped[str] = mapped_column(String(20))


class PartnerAnswer(Base):
    """An answer of a partner that came in by a channel, so that a repeat is a no-op; outcome: what became of it."""

    __tablename__ = "partner_answers"
    __table_args__ = (UniqueConstraint("channel", "provider_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[str] = mapped_column(String(100))
    partner_id: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    outcome: Mapped[str] = mapped_column(String(200), default="")


class UsedOnce(Base):
    """What works once and has been used: a link of an e-mail, a signed webhook. digest: SHA-256 of it, 32 hex characters."""

    __tablename__ = "used_once"

    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class ErasedInbound(Base):
    """That a message was here and was erased: the provider still lists it, and it must not come in again.

    mark: keyed hash of channel and provider id.
    """

    __tablename__ = "erased_inbound"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class Attachment(Base):
    """Something that came with a message in a case. state: waiting, kept, failed. file: its name in the home folder.

    reference_sealed: what the channel fetches it by. key_sealed: the key of this one file, so that without its row it is
    unreadable, and new keys for the database need not touch it. size: bytes, once it is kept.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    content_type: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[int | None]
    reference_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    file: Mapped[str] = mapped_column(String(60), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Moment, default=now)
    error: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Clearing(Base):
    """An order to delete a chat's messages at the provider; gone when it is done.

    ids: the provider's ids that were known when it was ordered. person_id: whose; she may be gone meanwhile.
    """

    __tablename__ = "clearings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(20))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(Moment)
    ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Delivery(Base):
    """One message on its way out.

    state: waiting, sending (handed to the provider, outcome not noted), sent, failed, withheld (she has opted out), held (she
    has hidden the talk).

    lane: deliveries of one lane go out in order; one lane per recipient and channel.
    urgent: 0 goes before 1. forget: address and text go as soon as it is sent or given up: she had herself deleted.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_due", "state", "due_at"), Index("ix_deliveries_lane", "lane", "state"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    lane: Mapped[str] = mapped_column(String(60))
    urgent: Mapped[int] = mapped_column(default=1)
    channel: Mapped[str] = mapped_column(String(20))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Moment, default=now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    provider_id: Mapped[str | None] = mapped_column(String(100), index=True)
    error: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str | None] = mapped_column(String(20))
    forget: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
