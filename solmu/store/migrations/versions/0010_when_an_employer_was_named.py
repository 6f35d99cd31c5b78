"""the version that first named an employer, so that no other change of a record counts as naming it anew

What is there already keeps the place among others that it had: it counts as said when its record, or the employer that
its record describes itself, last changed.

Revision: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("affiliation", sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.execute(
        "UPDATE affiliation SET version_id = coalesce("
        "(SELECT version_id FROM mention WHERE id = other_mention_id AND record_id = affiliation.record_id), "
        "(SELECT version_id FROM source_record WHERE id = affiliation.record_id))"
    )


def downgrade() -> None:
    with op.batch_alter_table("affiliation") as batch:
        batch.drop_column("version_id")
