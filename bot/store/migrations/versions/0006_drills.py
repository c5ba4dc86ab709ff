"""Drills; messages that are told together; whether she has hidden the talk stands with her alone

Column by column and not in a batch, which would make the tables anew on SQLite: what hangs on a case would be deleted with the
old table.
"""

import sqlalchemy as sa
from alembic import op

import bot.store.models

revision = "0006"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("cases", sa.Column("drill_partner", sa.String(40), nullable=True))
    op.drop_column("cases", "hidden_at")
    op.add_column("inbound", sa.Column("untold", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("inbound", "untold")
    op.add_column("cases", sa.Column("hidden_at", bot.store.models.Moment(timezone=True), nullable=True))
    op.drop_column("cases", "drill_partner")
