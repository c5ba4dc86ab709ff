"""Messages that were not understood, labelled for training"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0011"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "training_lines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", bot.store.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_training_lines_at", "training_lines", ["at"])


def downgrade() -> None:
    op.drop_table("training_lines")
