"""When and how she opted out; when choices were offered; what was erased and must not come back"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("choices_at", bot.store.models.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("stopped_at", bot.store.models.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("stopped_by", sa.String(length=10), nullable=True))
    op.create_table(
        "erased_inbound",
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("at", bot.store.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark"),
    )
    with op.batch_alter_table("erased_inbound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erased_inbound_at"), ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("erased_inbound")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("stopped_by")
        batch_op.drop_column("stopped_at")
        batch_op.drop_column("choices_at")
