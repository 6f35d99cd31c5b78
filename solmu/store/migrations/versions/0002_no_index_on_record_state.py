"""no index on the state of source records

Every new row paid for it twice, and nothing looked anything up by it.

Revision: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_source_record_state", table_name="source_record")


def downgrade() -> None:
    op.create_index("ix_source_record_state", "source_record", ["connection", "stream", "state"])
