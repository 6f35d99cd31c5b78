"""the customers of a country are listed by name without looking through all others

Revision: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LIVE = sa.text("mentions > 0")


def upgrade() -> None:
    _index(["country", "entity", "search_name"])


def downgrade() -> None:
    _index(["country"])


def _index(columns: list[str]) -> None:
    op.drop_index("ix_golden_country", table_name="golden")
    op.create_index("ix_golden_country", "golden", columns, sqlite_where=LIVE, postgresql_where=LIVE)
