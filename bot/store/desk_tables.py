"""The tables of the desk: who works there, how they sign in, and what they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models import Base, Moment, now


def today() -> datetime:
    """The day that it is, UTC."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


class Staff(Base):
    """Somebody who works at a partner.

    email_mark: keyed hash of the address in lower case. name: as colleagues and timelines name her, unique at her partner.
    role: caseworker, editor, coordinator, operator. password: Argon2, empty where only the identity provider signs her in.
    totp_sealed: secret of the second factor; totp_step: the last time step that was used, so that no code works twice.
    """

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("partner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    email_mark: Mapped[str] = mapped_column(String(32), unique=True)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(String(60))
    partner_id: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    language: Mapped[str | None] = mapped_column(String(8))
    password: Mapped[str] = mapped_column(String(200), default="")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed: Mapped[bool] = mapped_column(default=False)
    totp_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class StaffSession(Base):
    """One browser that is signed in. digest: SHA-256 of the cookie. stage: factor, enrol (she still has to), or full."""

    __tablename__ = "staff_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    stage: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now)


class RecoveryCode(Base):
    """A code that stands in for the second factor, once. digest: SHA-256 of account and code."""

    __tablename__ = "recovery_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)


class Invitation(Base):
    """A link with which somebody makes an account, or, having one, chooses a new password and second factor. id: random."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email_mark: Mapped[str] = mapped_column(String(32), index=True)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    partner_id: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    invited_by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Guess(Base):
    """Attempts to sign in that failed. mark: keyed hash of the account, whether there is one or not, or of the address."""

    __tablename__ = "guesses"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


class AuditRow(Base):
    """What somebody did at the desk. what: see `bot.desk.audit.DONE`. about: a case's number or a colleague's name, no words.

    partner_id: whose coordinator reads it.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_partner_at", "partner_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    partner_id: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(30))
    about: Mapped[str] = mapped_column(String(120), default="")


class TrainingLine(Base):
    """A message that was not understood, redacted and labelled with an intent; `-` for one that nothing is learnt from.

    Nothing leads to who wrote it, or to who labelled it. at: the day, without the time.
    """

    __tablename__ = "training_lines"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    language: Mapped[str] = mapped_column(String(8))
    intent: Mapped[str] = mapped_column(String(40))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment, default=today, index=True)
