"""a golden record without an address, a number or an identifier has no entry in their indexes

Revision: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("email", "phone", "business_id")


def upgrade() -> None:
    op.drop_index("ix_golden_domain", table_name="golden")  # who has a domain is found by block keys
    for column in COLUMNS:
        known = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_golden_{column}", table_name="golden")
        op.create_index(f"ix_golden_{column}", "golden", [column], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f"ix_golden_{column}", table_name="golden")
        op.create_index(f"ix_golden_{column}", "golden", [column])
    op.create_index("ix_golden_domain", "golden", ["domain"])
