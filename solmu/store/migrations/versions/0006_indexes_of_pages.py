"""leads are found by their number, and the customers not contacted for longest listed, without reading all of them

Revision: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_lead_number", "lead", ["number"])
    op.create_index("ix_follow_up_contacted_on_golden_id", "follow_up", ["contacted_on", "golden_id"])


def downgrade() -> None:
    op.drop_index("ix_follow_up_contacted_on_golden_id", table_name="follow_up")
    op.drop_index("ix_lead_number", table_name="lead")
