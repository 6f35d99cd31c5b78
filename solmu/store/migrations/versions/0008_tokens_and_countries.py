"""tokens, by which a machine asks the pages without signing in; the golden records of a country are found by it

Revision: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "web_token",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_web_token"),
        sa.UniqueConstraint("name", name="uq_web_token_name"),
        sa.UniqueConstraint("token_hash", name="uq_web_token_token_hash"),
    )
    op.create_index(
        "ix_golden_country",
        "golden",
        ["country"],
        sqlite_where=sa.text("mentions > 0"),
        postgresql_where=sa.text("mentions > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_golden_country", table_name="golden")
    op.drop_table("web_token")
