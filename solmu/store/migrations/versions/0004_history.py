"""where a mention was linked before is looked up, and golden records are counted, without reading all of them

Revision: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_link_mention_id", "link", ["mention_id"])
    op.create_index("ix_golden_state", "golden", ["entity", "state"])


def downgrade() -> None:
    op.drop_index("ix_golden_state", table_name="golden")
    op.drop_index("ix_link_mention_id", table_name="link")
