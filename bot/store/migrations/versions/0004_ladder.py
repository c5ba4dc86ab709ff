"""Cases with severity, wishes, timeline with actors; the ladder, consent per partner, looks, partners' answers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0004"
down_revision = "0003"

_CASE_COLUMNS = (
    "severity", "round", "taken_partner", "taken_by", "wish_asked", "wish_sealed", "safe_from", "safe_to",
    "location_sealed", "quiet_until", "hidden_at",
)  # fmt: skip


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, bot.store.models.Moment(timezone=True), nullable=nullable)


def _of_a_case() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer(), autoincrement=True, primary_key=True, nullable=False),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("cases.id"), nullable=False, index=True),
    ]


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("severity", sa.String(10), nullable=False, server_default="urgent"))
        table.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("taken_partner", sa.String(40), nullable=True))
        table.add_column(sa.Column("taken_by", sa.String(120), nullable=True))
        table.add_column(sa.Column("wish_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("wish_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("safe_from", sa.Integer(), nullable=True))
        table.add_column(sa.Column("safe_to", sa.Integer(), nullable=True))
        table.add_column(sa.Column("location_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(_moment("quiet_until", nullable=True))
        table.add_column(_moment("hidden_at", nullable=True))
    op.execute("UPDATE cases SET severity = 'request' WHERE kind = 'request'")
    with op.batch_alter_table("case_events") as table:
        table.add_column(sa.Column("actor", sa.String(120), nullable=False, server_default="kasama"))
        table.add_column(sa.Column("body_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "ladder_steps",
        *_of_a_case(),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("rung", sa.String(300), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("due_at"),
        _moment("done_at", nullable=True),
    )
    op.create_index("ix_ladder_steps_state_due", "ladder_steps", ["state", "due_at"])
    op.create_table(
        "case_partners",
        *_of_a_case(),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("at"),
        sa.UniqueConstraint("case_id", "partner_id"),
    )
    op.create_table(
        "case_looks",
        *_of_a_case(),
        _moment("at"),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("how", sa.String(20), nullable=False),
    )
    op.create_table(
        "partner_answers",
        sa.Column("id", sa.Integer(), autoincrement=True, primary_key=True, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("provider_id", sa.String(100), nullable=False),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("cases.id"), nullable=True, index=True),
        _moment("at"),
        sa.Column("outcome", sa.String(200), nullable=False),
        sa.UniqueConstraint("channel", "provider_id"),
    )
    op.create_table("used_once", sa.Column("digest", sa.String(32), primary_key=True), _moment("at"))


def downgrade() -> None:
    for name in ("used_once", "partner_answers", "case_looks", "case_partners", "ladder_steps"):
        op.drop_table(name)
    with op.batch_alter_table("case_events") as table:
        table.drop_column("body_sealed")
        table.drop_column("actor")
    with op.batch_alter_table("cases") as table:
        for name in _CASE_COLUMNS:
            table.drop_column(name)
