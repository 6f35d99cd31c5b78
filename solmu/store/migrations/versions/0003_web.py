"""the users of the pages and their sessions; how customers stand; indexes for the search

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOLLOWED = [
    ("owner", "name"),
    ("next_on", "name"),
    ("reachable", "name"),
    ("tier", "contacted_on"),
    ("filled", "golden_id"),
]
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "web_user",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_web_user"),
        sa.UniqueConstraint("name", name="uq_web_user_name"),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["web_user.id"], name="fk_web_session_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"])
    op.create_table(
        "follow_up",
        sa.Column("golden_id", Id, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Text(), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("contacted_on", sa.Text(), nullable=False),
        sa.Column("filled", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["golden_id"], ["golden.id"], name="fk_follow_up_golden_id"),
        sa.PrimaryKeyConstraint("golden_id", name="pk_follow_up"),
    )
    for first, second in FOLLOWED:
        op.create_index(f"ix_follow_up_{first}_{second}", "follow_up", [first, second])

    op.create_index("ix_remote_remote_id", "remote", ["remote_id"])
    if op.get_bind().dialect.name == "postgresql":
        # In most collations its other index does not serve LIKE.
        op.create_index(
            "ix_golden_search_name_begins",
            "golden",
            ["entity", "search_name"],
            postgresql_ops={"search_name": "text_pattern_ops"},
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_golden_search_name_begins", table_name="golden")
    op.drop_index("ix_remote_remote_id", table_name="remote")
    op.drop_table("follow_up")
    op.drop_table("web_session")
    op.drop_table("web_user")
