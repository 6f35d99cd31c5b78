"""aliases by their public id alone

Every new mention paid three times for its alias. By mention it is looked up in the mention itself; on SQLite the table
becomes its own index.

Revision: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_golden_alias_mention_id", table_name="golden_alias")
    _rebuild(with_rowid=False)


def downgrade() -> None:
    _rebuild(with_rowid=True)
    op.create_index("ix_golden_alias_mention_id", "golden_alias", ["mention_id"])


def _rebuild(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("golden_alias", recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
