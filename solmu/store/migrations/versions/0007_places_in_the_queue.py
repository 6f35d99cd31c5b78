"""places in the review queue, kept with the pairs

Working out what each waiting pair is worth took seconds whenever a steward looked. The next run gives the pairs that
wait already their places; until then the least sure come first.

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pair", sa.Column("priority", sa.Float(), nullable=False, server_default=sa.text("-1")))
    op.execute("UPDATE pair SET priority = 3.6 * probability * (1.0 - probability) - 2.0 WHERE band = 'ask'")
    op.create_index(
        "ix_pair_waiting",
        "pair",
        [sa.text("priority DESC"), "left_id", "right_id", "entity", "run_id", "band"],
        sqlite_where=sa.text("band = 'ask'"),
        postgresql_where=sa.text("band = 'ask'"),
    )


def downgrade() -> None:
    op.drop_index("ix_pair_waiting", table_name="pair")
    with op.batch_alter_table("pair") as batch:
        batch.drop_column("priority")
