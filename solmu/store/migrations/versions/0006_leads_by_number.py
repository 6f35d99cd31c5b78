"""leads are found by their number without reading all of them

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


def downgrade() -> None:
    op.drop_index("ix_lead_number", table_name="lead")
