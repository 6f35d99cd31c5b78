"""which records are asked about, and whose mentions a golden record has, is found without reading the rows

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ASKED = sa.text("band = 'ask'")


def upgrade() -> None:
    _index_links(["golden_id", "until", "mention_id"])
    for end in ("left", "right"):
        op.create_index(f"ix_pair_asked_{end}", "pair", [f"{end}_id"], sqlite_where=ASKED, postgresql_where=ASKED)


def downgrade() -> None:
    for end in ("left", "right"):
        op.drop_index(f"ix_pair_asked_{end}", table_name="pair")
    _index_links(["golden_id"])


def _index_links(columns: list[str]) -> None:
    op.drop_index("ix_link_golden_id", table_name="link")
    op.create_index("ix_link_golden_id", "link", columns)
