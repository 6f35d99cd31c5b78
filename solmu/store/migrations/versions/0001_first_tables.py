"""the first tables

Revision: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "cursor",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("value", DOCUMENT, nullable=True),
        sa.Column("key_fields", DOCUMENT, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name=op.f("pk_cursor")),
    )
    op.create_table(
        "decision",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("evidence", DOCUMENT, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "dirty",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("generation", ID, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "id", name=op.f("pk_dirty")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "golden",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("search_name", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("business_id", sa.Text(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden")),
        sa.UniqueConstraint("public_id", name=op.f("uq_golden_public_id")),
    )
    with op.batch_alter_table("golden", schema=None) as batch_op:
        batch_op.create_index("ix_golden_business_id", ["business_id"], unique=False)
        batch_op.create_index("ix_golden_domain", ["domain"], unique=False)
        batch_op.create_index("ix_golden_email", ["email"], unique=False)
        batch_op.create_index("ix_golden_phone", ["phone"], unique=False)
        batch_op.create_index("ix_golden_search_name", ["entity", "search_name"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", ID, nullable=False),
        sa.Column("heartbeat", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("rules_hash", sa.Text(), nullable=False),
        sa.Column("kept_out", DOCUMENT, nullable=False),
        sa.Column("calls_estimated", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_table(
        "recipe",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recipe")),
    )
    op.create_table(
        "remote_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("action_ids", DOCUMENT, nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("target", "id", name=op.f("pk_remote_job")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("exit", sa.Integer(), nullable=True),
        sa.Column("config_hash", sa.Text(), nullable=False),
        sa.Column("config", DOCUMENT, nullable=False),
        sa.Column("report", DOCUMENT, nullable=True),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_started", ["started"], unique=False)

    op.create_table(
        "source_record",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint("connection", "stream", "key", name=op.f("uq_source_record_connection_stream_key")),
    )
    with op.batch_alter_table("source_record", schema=None) as batch_op:
        batch_op.create_index("ix_source_record_state", ["connection", "stream", "state"], unique=False)

    op.create_table(
        "tombstone",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "mention",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("claim", DOCUMENT, nullable=True),
        sa.Column("claim_hash", sa.LargeBinary(), nullable=True),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("recipe", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_mention_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mention_public_id")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_mention_record_id_slot")),
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index("ix_mention_state", ["entity", "state"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("recipe", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_quarantine_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index("ix_quarantine_record_id", ["record_id"], unique=False)
        batch_op.create_index("ix_quarantine_state", ["state"], unique=False)

    op.create_table(
        "run_count",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("value", ID, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_count_run_id")),
        sa.PrimaryKeyConstraint("run_id", "section", "name", "counter", name=op.f("pk_run_count")),
    )
    op.create_table(
        "source_version",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("landed_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_source_version_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_version")),
    )
    with op.batch_alter_table("source_version", schema=None) as batch_op:
        batch_op.create_index("ix_source_version_record_id", ["record_id"], unique=False)
        batch_op.create_index("ix_source_version_run_id", ["run_id"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_activity_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_activity_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_activity_record_id_slot")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_mention_id", ["mention_id"], unique=False)
        batch_op.create_index(
            "ix_activity_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "affiliation",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("other_mention_id", ID, nullable=True),
        sa.Column("other_reference", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_affiliation_mention_id")),
        sa.ForeignKeyConstraint(["other_mention_id"], ["mention.id"], name=op.f("fk_affiliation_other_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_affiliation_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_affiliation_record_id_slot")),
    )
    with op.batch_alter_table("affiliation", schema=None) as batch_op:
        batch_op.create_index("ix_affiliation_mention_id", ["mention_id"], unique=False)
        batch_op.create_index("ix_affiliation_other_mention_id", ["other_mention_id"], unique=False)
        batch_op.create_index(
            "ix_affiliation_other_unresolved",
            ["other_reference"],
            unique=False,
            sqlite_where=sa.text("other_mention_id IS NULL"),
            postgresql_where=sa.text("other_mention_id IS NULL"),
        )
        batch_op.create_index(
            "ix_affiliation_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "block_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_block_key_mention_id")),
        sa.PrimaryKeyConstraint("key", "mention_id", name=op.f("pk_block_key")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("block_key", schema=None) as batch_op:
        batch_op.create_index("ix_block_key_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_consent_mention_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("mention_id", "purpose", name=op.f("uq_consent_mention_id_purpose")),
    )
    op.create_table(
        "deal",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_deal_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_deal_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_deal_record_id_slot")),
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index("ix_deal_mention_id", ["mention_id"], unique=False)
        batch_op.create_index("ix_deal_number", ["number"], unique=False)
        batch_op.create_index(
            "ix_deal_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "decision_mention",
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_mention_decision_id")),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_decision_mention_mention_id")),
        sa.PrimaryKeyConstraint("decision_id", "mention_id", name=op.f("pk_decision_mention")),
    )
    with op.batch_alter_table("decision_mention", schema=None) as batch_op:
        batch_op.create_index("ix_decision_mention_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "golden_alias",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_golden_alias_mention_id")),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_golden_alias")),
    )
    with op.batch_alter_table("golden_alias", schema=None) as batch_op:
        batch_op.create_index("ix_golden_alias_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("on", sa.Text(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_lead_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_lead_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_lead_record_id_slot")),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index("ix_lead_mention_id", ["mention_id"], unique=False)
        batch_op.create_index(
            "ix_lead_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "link",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("golden_id", ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["golden_id"], ["golden.id"], name=op.f("fk_link_golden_id")),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_link_mention_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index("ix_link_golden_id", ["golden_id"], unique=False)
        batch_op.create_index(
            "uq_link_live",
            ["mention_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "order",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("on", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_order_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_order_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_order_record_id_slot")),
    )
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.create_index("ix_order_mention_id", ["mention_id"], unique=False)
        batch_op.create_index("ix_order_number", ["number"], unique=False)
        batch_op.create_index(
            "ix_order_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "order_line",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_order_line_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_order_line_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_order_line_record_id_slot")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_mention_id", ["mention_id"], unique=False)
        batch_op.create_index("ix_order_line_number", ["number"], unique=False)
        batch_op.create_index(
            "ix_order_line_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "pair",
        sa.Column("left_id", ID, nullable=False),
        sa.Column("right_id", ID, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("explanation", DOCUMENT, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["left_id"], ["mention.id"], name=op.f("fk_pair_left_id")),
        sa.ForeignKeyConstraint(["right_id"], ["mention.id"], name=op.f("fk_pair_right_id")),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_pair")),
    )
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.create_index("ix_pair_band", ["entity", "band"], unique=False)
        batch_op.create_index("ix_pair_right_id", ["right_id"], unique=False)

    op.create_table(
        "pin",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", DOCUMENT, nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_pin_mention_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin")),
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index("ix_pin_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "relation",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("other_mention_id", ID, nullable=True),
        sa.Column("other_reference", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_relation_mention_id")),
        sa.ForeignKeyConstraint(["other_mention_id"], ["mention.id"], name=op.f("fk_relation_other_mention_id")),
        sa.ForeignKeyConstraint(["record_id"], ["source_record.id"], name=op.f("fk_relation_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
        sa.UniqueConstraint("record_id", "slot", name=op.f("uq_relation_record_id_slot")),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index("ix_relation_mention_id", ["mention_id"], unique=False)
        batch_op.create_index("ix_relation_other_mention_id", ["other_mention_id"], unique=False)
        batch_op.create_index(
            "ix_relation_other_unresolved",
            ["other_reference"],
            unique=False,
            sqlite_where=sa.text("other_mention_id IS NULL"),
            postgresql_where=sa.text("other_mention_id IS NULL"),
        )
        batch_op.create_index(
            "ix_relation_unresolved",
            ["reference"],
            unique=False,
            sqlite_where=sa.text("mention_id IS NULL"),
            postgresql_where=sa.text("mention_id IS NULL"),
        )

    op.create_table(
        "remote",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("stamped", sa.Boolean(), nullable=False),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("hanging", sa.Text(), nullable=True),
        sa.Column("hanging_id", ID, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written", DOCUMENT, nullable=False),
        sa.Column("observed", DOCUMENT, nullable=False),
        sa.Column("agreed", DOCUMENT, nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_remote_mention_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote")),
        sa.UniqueConstraint("target", "external_id", name=op.f("uq_remote_target_external_id")),
        sa.UniqueConstraint("target", "object", "remote_id", name=op.f("uq_remote_target_object_remote_id")),
    )
    with op.batch_alter_table("remote", schema=None) as batch_op:
        batch_op.create_index("ix_remote_hanging", ["hanging", "hanging_id"], unique=False)
        batch_op.create_index("ix_remote_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("remote_pk", ID, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("hub_value", DOCUMENT, nullable=True),
        sa.Column("remote_value", DOCUMENT, nullable=True),
        sa.Column("agreed_value", DOCUMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("choice", DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(["remote_pk"], ["remote.id"], name=op.f("fk_conflict_remote_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(
            "uq_conflict_open",
            ["remote_pk", "field"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "outbox",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("golden_id", ID, nullable=True),
        sa.Column("golden_version", ID, nullable=True),
        sa.Column("hanging", sa.Text(), nullable=True),
        sa.Column("hanging_id", ID, nullable=True),
        sa.Column("remote_pk", ID, nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("remote_version", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("parents", DOCUMENT, nullable=False),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_outbox_plan_id")),
        sa.ForeignKeyConstraint(["remote_pk"], ["remote.id"], name=op.f("fk_outbox_remote_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_golden_id", ["golden_id"], unique=False)
        batch_op.create_index("ix_outbox_plan", ["plan_id", "position"], unique=False)
        batch_op.create_index("ix_outbox_state", ["target", "state"], unique=False)
        batch_op.create_index(
            "uq_outbox_open",
            ["target", "subject"],
            unique=True,
            sqlite_where=sa.text("state IN ('planned', 'sent', 'unknown', 'held')"),
            postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'held')"),
        )


def downgrade() -> None:
    raise NotImplementedError("the first tables have nothing before them")
