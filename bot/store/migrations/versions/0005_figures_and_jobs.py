"""Monthly figures; jobs that run once on many replicas; deliveries that forget; an erasure that waits for the partner"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0005"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("origin", sa.String(length=3), nullable=False),
        sa.Column("destination", sa.String(length=3), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=30), nullable=False),
        sa.Column("women", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "origin", "destination", "what", "value"),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("due_at", bot.store.models.Moment(timezone=True), nullable=False),
        sa.Column("taken_until", bot.store.models.Moment(timezone=True), nullable=True),
        sa.Column("ended_at", bot.store.models.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("counted", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("erase_asked_at", bot.store.models.Moment(timezone=True), nullable=True))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forget", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("forget")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("erase_asked_at")
        batch_op.drop_column("counted")
    op.drop_table("jobs")
    op.drop_table("figures")
