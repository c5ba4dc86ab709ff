"""What can be deleted at the provider, who cannot be reached, who has hidden the talk, and what came with messages"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0003"
down_revision = "0005"


def upgrade() -> None:
    moment = bot.store.models.Moment(timezone=True)
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unreachable_at", moment, nullable=True))
        batch_op.add_column(sa.Column("hidden_at", moment, nullable=True))
        batch_op.add_column(sa.Column("asked_for_words", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message_id", sa.String(length=40), nullable=True))
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("error", sa.String(length=100), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("file"),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_state_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_inbound_id"), ["inbound_id"], unique=False)
    op.create_table(
        "clearings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("clearings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clearings_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("clearings")
    op.drop_table("attachments")
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_column("message_id")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("asked_for_words")
        batch_op.drop_column("hidden_at")
        batch_op.drop_column("unreachable_at")
