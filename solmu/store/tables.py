"""The store's tables, as SQLAlchemy Core sees them; ``architecture.md`` says what each is for.

Times are UTC microseconds since 1970. States are columns, changed in the transaction that causes the change, so that
the books are counted with GROUP BY. A golden record's id is the id of its anchor mention: ids by anchor need no
memory of their own, and an alias is simply the mention that a public id was born with.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
Document = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Micros = BigInteger()


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _index_of_known(column: str) -> Index:
    known = text(f"{column} IS NOT NULL")
    return Index(f"ix_golden_{column}", column, sqlite_where=known, postgresql_where=known)


meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# --- what was received ------------------------------------------------------------------------------------------

source_record = Table(
    "source_record",
    metadata,
    _id(),
    Column("connection", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("content_hash", LargeBinary),  # keyed; null where we know of the record but have not read it yet
    Column("version_id", Id),  # the newest version
    # landed (waits for the mapping) · mapped · refused (in quarantine) · withdrawn · erased · awaited (not read yet)
    Column("state", Text, nullable=False),
    Column("run_id", Text, nullable=False),  # the run that last changed it
    UniqueConstraint("connection", "stream", "key"),
)

source_version = Table(
    "source_version",
    metadata,
    _id(),  # the store's sequence: order inside the store, never a clock
    Column("record_id", Id, ForeignKey("source_record.id"), nullable=False),
    Column("run_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # new · changed · deleted · mended (by a person)
    Column("content_hash", LargeBinary, nullable=False),
    Column("payload", LargeBinary),  # compressed JSON; null once erased
    Column("changed_at", Micros),  # the source's own stamp
    Column("landed_at", Micros, nullable=False),
    Column("place", Text),
    Column("file", Text),
    Column("line", Integer),
    Index("ix_source_version_record_id", "record_id"),
    Index("ix_source_version_run_id", "run_id"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("value", Document),
    Column("key_fields", Document),  # frozen when the stream first lands; changed by `connection rekey` only
    Column("run_id", Text, nullable=False),
    Column("updated_at", Micros, nullable=False),
    PrimaryKeyConstraint("connection", "stream"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    Column("record_id", Id, ForeignKey("source_record.id"), nullable=False),
    Column("version_id", Id, nullable=False),
    Column("state", Text, nullable=False),  # waiting · released · dismissed
    Column("stage", Text, nullable=False),  # read · map · validate
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("field", Text),
    Column("value", Text),
    Column("expected", Text),
    Column("recipe", Text),
    Column("since", Micros, nullable=False),
    Column("until", Micros),
    Index("ix_quarantine_record_id", "record_id"),
    Index("ix_quarantine_state", "state"),
)

recipe = Table(
    "recipe",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("detail", Document, nullable=False),
    Column("made_at", Micros, nullable=False),
)

# --- what it says of whom ---------------------------------------------------------------------------------------

mention = Table(
    "mention",
    metadata,
    _id(),
    Column("record_id", Id, ForeignKey("source_record.id"), nullable=False),
    Column("slot", Text, nullable=False),
    Column("entity", Text, nullable=False),
    # pending (waits for resolving) · linked · quarantined (its newest version was refused) · ignored · withdrawn ·
    # erased
    Column("state", Text, nullable=False),
    Column("public_id", Text, nullable=False),  # the golden id it was born with
    Column("claim", Document),  # {field: {"value", "own", "since": [low, high]}}
    Column("claim_hash", LargeBinary),
    Column("version_id", Id),  # the version that the claim was last folded with
    Column("recipe", Text),
    UniqueConstraint("record_id", "slot"),
    UniqueConstraint("public_id"),
    Index("ix_mention_state", "entity", "state"),
)

golden_alias = Table(
    "golden_alias",
    metadata,
    Column("public_id", Text, primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),  # which has it as its own public id
    sqlite_with_rowid=False,
)

golden = Table(
    "golden",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),  # its anchor mention's id
    Column("public_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column(
        "state", Text, nullable=False
    ),  # live · dormant (nobody has a say any more) · merged (no mention is linked to it)
    Column("version", Id, nullable=False),  # grows with every change of the document
    Column("document", Document, nullable=False),  # {field: {"value", "mention", "version", "rule", "since"}}
    Column("document_hash", LargeBinary, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("name", Text),
    Column("search_name", Text),
    Column("country", Text),
    Column("city", Text),
    Column("domain", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("business_id", Text),
    Column("protected", Boolean, nullable=False),
    Column("recipe", Text),
    Column("updated_at", Micros, nullable=False),
    UniqueConstraint("public_id"),
    Index("ix_golden_state", "entity", "state"),
    Index("ix_golden_search_name", "entity", "search_name"),
    # In most collations of PostgreSQL the other one does not serve LIKE.
    Index(
        "ix_golden_search_name_begins",
        "entity",
        "search_name",
        postgresql_ops={"search_name": "text_pattern_ops"},
    ).ddl_if(dialect="postgresql"),
    # Every golden record begins empty: an entry of nothing would be written, and removed again, all over the index.
    _index_of_known("email"),
    _index_of_known("phone"),
    _index_of_known("business_id"),
    # For questions by the country alone, and for the list of a country by name; both say `mentions > 0`.
    Index(
        "ix_golden_country",
        "country",
        "entity",
        "search_name",
        sqlite_where=text("mentions > 0"),
        postgresql_where=text("mentions > 0"),
    ),
)

link = Table(
    "link",
    metadata,
    _id(),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("golden_id", Id, ForeignKey("golden.id"), nullable=False),
    Column("since", Micros, nullable=False),
    Column("until", Micros),
    Column("why", Text, nullable=False),  # born · score · identity · decision · created-by-us
    Column("run_id", Text, nullable=False),
    Index(
        "uq_link_live",
        "mention_id",
        unique=True,
        sqlite_where=text("until IS NULL"),
        postgresql_where=text("until IS NULL"),
    ),
    # All that is asked as a rule: whose mention is linked to a golden record now.
    Index("ix_link_golden_id", "golden_id", "until", "mention_id"),
    Index("ix_link_mention_id", "mention_id"),  # where it was before; the unique index has the live links only
)

# --- matching ---------------------------------------------------------------------------------------------------

block_key = Table(
    "block_key",
    metadata,
    Column("key", Text, nullable=False),  # starts with the entity and the kind of key
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    PrimaryKeyConstraint("key", "mention_id"),
    Index("ix_block_key_mention_id", "mention_id"),
    sqlite_with_rowid=False,
)

UNRANKED = -1.0
"""The priority of a pair that has no place in the review queue yet: below zero, as no place is."""

pair = Table(
    "pair",
    metadata,
    Column("left_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("right_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("entity", Text, nullable=False),
    Column("weight", Float, nullable=False),  # log2 Bayes factor
    Column("probability", Float, nullable=False),
    Column("band", Text, nullable=False),  # same · ask · different
    Column("rule", Text, nullable=False),  # score, or the identity rule that decided
    Column("explanation", Document, nullable=False),
    Column("model", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("priority", Float, nullable=False, server_default=text("-1")),  # place in the review queue, or UNRANKED
    PrimaryKeyConstraint("left_id", "right_id"),
    Index("ix_pair_right_id", "right_id"),
    Index("ix_pair_band", "entity", "band"),
    # What a steward's look reads, and nothing else of the pairs.
    Index(
        "ix_pair_waiting",
        text("priority DESC"),
        "left_id",
        "right_id",
        "entity",
        "run_id",
        "band",  # or SQLite would look each up in the table
        sqlite_where=text("band = 'ask'"),
        postgresql_where=text("band = 'ask'"),
    ),
)

for _end in ("left", "right"):  # which of some records are asked about, without reading all pairs of theirs
    Index(
        f"ix_pair_asked_{_end}",
        pair.c[f"{_end}_id"],
        sqlite_where=text("band = 'ask'"),
        postgresql_where=text("band = 'ask'"),
    )

decision = Table(
    "decision",
    metadata,
    _id(),
    Column("entity", Text, nullable=False),
    Column("verdict", Text, nullable=False),  # same · different · unsure · related
    Column("rank", Text, nullable=False),  # steward · crm
    Column("who", Text, nullable=False),
    Column("reason", Text),
    Column("at", Micros, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("withdrawn_at", Micros),
    Column("withdrawn_by", Text),
)

decision_mention = Table(
    "decision_mention",
    metadata,
    Column("decision_id", Id, ForeignKey("decision.id"), nullable=False),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("side", Text, nullable=False),  # left · right
    PrimaryKeyConstraint("decision_id", "mention_id"),
    Index("ix_decision_mention_mention_id", "mention_id"),
)

pin = Table(
    "pin",
    metadata,
    _id(),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),  # follows the mention, so it survives unmerge
    Column("field", Text, nullable=False),
    Column("value", Document),
    Column("who", Text, nullable=False),
    Column("reason", Text),
    Column("at", Micros, nullable=False),
    Column("expires_at", Micros),
    Column("withdrawn_at", Micros),
    Index("ix_pin_mention_id", "mention_id"),
)

# --- what hangs on an entity ------------------------------------------------------------------------------------


def _hanging(name: str, *columns: Column[Any]) -> Table:
    """A table of things that hang on a mention, and reach the golden record through the mention's link.

    ``reference`` names a mention of another record as ``connection/stream/slot/key``; ``mention_id`` is filled in as
    soon as that mention exists, in whichever order the two arrive.
    """
    return Table(
        name,
        metadata,
        _id(),
        Column("record_id", Id, ForeignKey("source_record.id"), nullable=False),
        Column("slot", Text, nullable=False),
        Column("mention_id", Id, ForeignKey("mention.id")),
        Column("reference", Text),
        Column("state", Text, nullable=False),  # live · copy (of the row that we made it from) · withdrawn · erased
        Column("document", Document, nullable=False),
        Column("document_hash", LargeBinary, nullable=False),
        *columns,
        UniqueConstraint("record_id", "slot"),
        Index(f"ix_{name}_mention_id", "mention_id"),
        Index(
            f"ix_{name}_unresolved",
            "reference",
            sqlite_where=text("mention_id IS NULL"),
            postgresql_where=text("mention_id IS NULL"),
        ),
    )


lead = _hanging("lead", Column("number", Text), Column("on", Text), Column("partner", Text))
deal = _hanging("deal", Column("number", Text), Column("on", Text))
order = _hanging("order", Column("number", Text), Column("on", Text), Column("kind", Text))
order_line = _hanging("order_line", Column("number", Text))
activity = _hanging("activity", Column("kind", Text), Column("on", Text))
affiliation = _hanging(
    "affiliation",
    Column("other_mention_id", Id, ForeignKey("mention.id")),  # the organisation; mention_id is the person
    Column("other_reference", Text),
    Column("until", Text),
    Column("version_id", Id),  # the version of its record that first named this organisation
)
relation = _hanging(
    "relation",
    Column("other_mention_id", Id, ForeignKey("mention.id")),
    Column("other_reference", Text),
    Column("kind", Text),
)
HANGING: dict[str, Table] = {
    table.name: table for table in (lead, deal, order, order_line, activity, affiliation, relation)
}
for _table in (affiliation, relation):
    Index(f"ix_{_table.name}_other_mention_id", _table.c.other_mention_id)
    Index(
        f"ix_{_table.name}_other_unresolved",
        _table.c.other_reference,
        sqlite_where=text("other_mention_id IS NULL"),
        postgresql_where=text("other_mention_id IS NULL"),
    )
for _table in (lead, deal, order, order_line):
    Index(f"ix_{_table.name}_number", _table.c.number)

# --- targets ----------------------------------------------------------------------------------------------------

remote = Table(
    "remote",
    metadata,
    _id(),
    Column("target", Text, nullable=False),
    Column("object", Text, nullable=False),  # the target's stream
    Column("remote_id", Text),  # null while a create has no answer yet
    Column("external_id", Text),  # ours, minted for this one record, for ever
    Column("stamped", Boolean, nullable=False),  # whether the target's record is known to carry external_id
    Column("mention_id", Id, ForeignKey("mention.id")),
    Column("hanging", Text),  # table and id of what hangs, for tasks and deals
    Column("hanging_id", Id),
    Column("role", Text, nullable=False),  # primary · secondary
    Column(
        "state", Text, nullable=False
    ),  # intended (a create under way) · live · converted · merged · deleted · abandoned
    Column("written", Document, nullable=False),  # what we last sent, by field
    Column("observed", Document, nullable=False),  # what the target was last seen to hold
    Column("agreed", Document, nullable=False),  # where both sides were last equal
    Column("version", Text),
    Column("updated_at", Micros, nullable=False),
    UniqueConstraint("target", "object", "remote_id"),
    UniqueConstraint("target", "external_id"),
    Index("ix_remote_mention_id", "mention_id"),
    Index("ix_remote_remote_id", "remote_id"),
    Index("ix_remote_hanging", "hanging", "hanging_id"),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("state", Text, nullable=False),  # open · sealed · applied · stopped
    Column("hash", Text),
    Column("rules_hash", Text, nullable=False),  # of the configuration that it was planned under
    Column("kept_out", Document, nullable=False),
    Column("calls_estimated", Integer),
    Column("made_at", Micros, nullable=False),
    Column("sealed_at", Micros),
)

OPEN = "state IN ('planned', 'sent', 'unknown', 'held')"

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("plan_id", Text, ForeignKey("plan.id"), nullable=False),
    Column("target", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("position", Integer, nullable=False),  # parents before children
    Column("action", Text, nullable=False),  # create · update · link · skip · conflict
    # planned · sent · created · updated · linked · unchanged · rejected · retriable · unknown · blocked · held ·
    # superseded · conflicting
    Column("state", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the one record in the target that it is about
    Column("golden_id", Id),
    Column("golden_version", Id),
    Column("hanging", Text),
    Column("hanging_id", Id),
    Column("remote_pk", Id, ForeignKey("remote.id")),
    Column("remote_id", Text),
    Column("remote_version", Text),
    Column("external_id", Text),
    Column("parents", Document, nullable=False),  # {field: subject of the parent that must exist first}
    Column("fields", Document, nullable=False),  # {field: {"old", "new", "rule", "source"}}
    Column("attempts", Integer, nullable=False),
    Column("code", Text),
    Column("message", Text),
    Column("field", Text),
    Column("job_id", Text),
    Column("run_id", Text, nullable=False),  # the run that changed it last
    Column("updated_at", Micros, nullable=False),
    Index("ix_outbox_plan", "plan_id", "position"),
    Index("ix_outbox_state", "target", "state"),
    Index("ix_outbox_golden_id", "golden_id"),
    Index(
        "uq_outbox_open",
        "target",
        "subject",
        unique=True,
        sqlite_where=text(OPEN),
        postgresql_where=text(OPEN),
    ),
)

remote_job = Table(
    "remote_job",
    metadata,
    Column("id", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("state", Text, nullable=False),  # open · done
    Column("action_ids", Document, nullable=False),
    Column("detail", Document, nullable=False),
    Column("made_at", Micros, nullable=False),
    PrimaryKeyConstraint("target", "id"),
)

conflict = Table(
    "conflict",
    metadata,
    _id(),
    Column("target", Text, nullable=False),
    Column("remote_pk", Id, ForeignKey("remote.id"), nullable=False),
    Column("field", Text, nullable=False),
    Column("hub_value", Document),
    Column("remote_value", Document),
    Column("agreed_value", Document),
    # open · decided · settled (the two became equal by themselves) · awaited (a merge into what has not landed yet)
    Column("state", Text, nullable=False),
    Column("since", Micros, nullable=False),
    Column("decided_at", Micros),
    Column("decided_by", Text),
    Column("choice", Document),
    Index(
        "uq_conflict_open",
        "remote_pk",
        "field",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# --- work, rights and books -------------------------------------------------------------------------------------

dirty = Table(
    "dirty",
    metadata,
    Column("consumer", Text, nullable=False),  # map · anew · match · golden · target:<connection> · pin
    Column("id", Id, nullable=False),
    Column("generation", Id, nullable=False),
    PrimaryKeyConstraint("consumer", "id"),
    sqlite_with_rowid=False,
)

consent = Table(
    "consent",
    metadata,
    _id(),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", Micros, nullable=False),
    UniqueConstraint("mention_id", "purpose"),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # keyed hash of an identity key of an erased person
    Column("entity", Text, nullable=False),
    Column("at", Micros, nullable=False),
    Column("reason", Text),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", Id, nullable=False),  # fencing: grows with every holder
    Column("heartbeat", Micros, nullable=False),
    Column("expires", Micros, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),  # running · done · failed · stopped · killed
    Column("started", Micros, nullable=False),
    Column("finished", Micros),
    Column("exit", Integer),
    Column("config_hash", Text, nullable=False),
    Column("config", Document, nullable=False),
    Column("report", Document),
    Column("detail", Document, nullable=False),  # e.g. the Prefect flow run that it was part of
    Index("ix_run_started", "started"),
)

run_count = Table(
    "run_count",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("section", Text, nullable=False),  # streams · targets · pairs · golden · guards
    Column("name", Text, nullable=False),
    Column("counter", Text, nullable=False),
    Column("value", Id, nullable=False),
    PrimaryKeyConstraint("run_id", "section", "name", "counter"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Micros, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text),
    Column("digest", Text),  # of the values concerned; never the values
    Column("detail", Document, nullable=False),
)

# --- the pages --------------------------------------------------------------------------------------------------

web_user = Table(
    "web_user",
    metadata,
    _id(),
    Column("name", Text, nullable=False),  # what is typed to sign in, in lower case
    Column("role", Text, nullable=False),  # viewer · steward · administrator
    Column("state", Text, nullable=False),  # active · removed (the name stays: the audit speaks of it)
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("must_change", Boolean, nullable=False),  # somebody else chose the password
    Column("made_at", Micros, nullable=False),
    Column("signed_in_at", Micros),
    UniqueConstraint("name"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # the token itself is only in the browser
    Column("user_id", Id, ForeignKey("web_user.id"), nullable=False),
    Column("made_at", Micros, nullable=False),
    Column("seen_at", Micros, nullable=False),
    Index("ix_web_session_user_id", "user_id"),
)

web_token = Table(
    "web_token",
    metadata,
    _id(),
    Column("name", Text, nullable=False),  # of the machine that asks with it
    Column("role", Text, nullable=False),  # viewer · steward
    Column("state", Text, nullable=False),  # active · revoked (the name stays: the audit speaks of it)
    Column("token_hash", LargeBinary, nullable=False),  # the token itself is only with the machine
    Column("made_at", Micros, nullable=False),
    Column("used_at", Micros),
    UniqueConstraint("name"),
    UniqueConstraint("token_hash"),
)

# How each customer stands, for the figures and lists of the home page: derived, and counted anew after runs.
follow_up = Table(
    "follow_up",
    metadata,
    Column("golden_id", Id, ForeignKey("golden.id"), primary_key=True, autoincrement=False),
    Column("public_id", Text, nullable=False),
    Column("name", Text),
    Column("country", Text),
    Column("tier", Text, nullable=False),  # key account, or the segment; empty where neither is known
    Column("owner", Text),
    Column("next_on", Text),  # when the next step is planned; "open" for a deal that is open
    Column("reachable", Boolean, nullable=False),
    Column("contacted_on", Text, nullable=False),  # empty where never
    Column("filled", Float, nullable=False),  # share of the fields that should be known
)
for _first, _second in (
    ("owner", "name"),
    ("next_on", "name"),
    ("reachable", "name"),
    ("tier", "contacted_on"),
    ("contacted_on", "golden_id"),
    ("filled", "golden_id"),
):
    Index(f"ix_follow_up_{_first}_{_second}", follow_up.c[_first], follow_up.c[_second])
