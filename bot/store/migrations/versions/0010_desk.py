"""The desk: accounts, sessions, invitations, recovery codes, failed attempts, audit log"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0010"
down_revision = "0004"

_moment = bot.store.models.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("email_mark", sa.String(length=32), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed", sa.Boolean(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_mark"),
        sa.UniqueConstraint("partner_id", "name"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=6), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("seen_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_recovery_codes_staff_id", "recovery_codes", ["staff_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email_mark", sa.String(length=32), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("invited_by", sa.String(length=120), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("ends_at", _moment, nullable=False),
        sa.Column("used_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_invitations_email_mark", "invitations", ["email_mark"])
    op.create_index("ix_invitations_at", "invitations", ["at"])
    op.create_table(
        "guesses",
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("locked_until", _moment, nullable=True),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index("ix_guesses_at", "guesses", ["at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_partner_at", "audit", ["partner_id", "at"])
    op.create_index("ix_inbound_case_id", "inbound", ["case_id"])


def downgrade() -> None:
    op.drop_index("ix_inbound_case_id", "inbound")
    for table in ("audit", "guesses", "invitations", "recovery_codes", "staff_sessions", "staff"):
        op.drop_table(table)
