"""When the rules change, everything that they made is looked at again.

Work follows change, and a changed rule is a change too: a target that was added, a mapping or an admission rule that
was edited, another survivorship rule. The hash of what a consumer works by is kept in ``meta``; where it is another
one, or there is none yet, every golden record is marked for that consumer. That is the one step whose cost follows the
store, and it is taken only when somebody has changed the configuration.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from solmu.config import ConnectionConfig, Hub
from solmu.golden.rules import Rules
from solmu.golden.survive import EDITION
from solmu.mapping import load_target_mapping
from solmu.store import Store, dirty
from solmu.store.payload import plain_hash
from solmu.store.sql import upsert
from solmu.store.tables import golden, mention, meta, source_record

_BATCH = 2_000
_MATCHED_BY = "rules:match"


def follow_rules(store: Store, consumer: str, rules: str) -> bool:
    """Mark every golden record for ``consumer`` if it worked by other rules until now; gives whether that was so.

    The new hash is stored after the marks, so that a crash in between marks again.
    """
    name = f"rules:{consumer}"
    with store.read() as connection:
        if _kept(connection, name) == rules:
            return False
    _mark_all(store, consumer, golden)
    _keep(store, name, rules)
    return True


def made_by_others(store: Store, consumer: str, rules: str) -> bool:
    """Whether that consumer is known to have worked by other rules than these."""
    with store.read() as connection:
        before = _kept(connection, f"rules:{consumer}")
    return before is not None and before != rules


def follow_matching(store: Store, hub: Hub) -> bool:
    """Mark every mention to be matched anew if ``hub.yaml`` says otherwise by now who is meant or protected, or that
    what was a source is a CRM, too; gives whether that was so.

    Without that, the mentions that happen to change would be matched by other rules than those that they are compared
    with. A new CRM changes nothing, since all that it has comes now; nor does one that is gone: who was kept apart
    there stays so. Of a store that an earlier release has matched nobody knows by what.
    """
    matching = hub.settings.matching
    stated = {
        **{name: sorted(getattr(matching, name)) for name in ("identifiers", "birth_dates", "contacts", "protected")},
        "crms": sorted(each.name for each in hub.connections.values() if each.is_target),
    }
    with store.read() as connection:
        text = _kept(connection, _MATCHED_BY)
        before = stated if text is None else orjson.loads(text)
        grown = {*stated["crms"]} - {*before["crms"]}
        differs = {**before, "crms": None} != {**stated, "crms": None} or _has_linked(connection, grown)
    if text is not None and before == stated:
        return False
    if differs:
        _mark_all(store, "match", mention)
    _keep(store, _MATCHED_BY, orjson.dumps(stated).decode())
    return differs


def _mark_all(store: Store, consumer: str, table: Table) -> None:
    after = 0
    while True:
        with store.write() as connection:
            page = select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(_BATCH)
            ids = list(connection.scalars(page))
            dirty.mark(connection, consumer, ids)
        if len(ids) < _BATCH:
            return
        after = ids[-1]


def _kept(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def _keep(store: Store, name: str, rules: str) -> None:
    with store.write() as connection:
        upsert(connection, meta, [{"name": name, "value": rules}], conflict=("name",))


def _has_linked(connection: Connection, names: Collection[str]) -> bool:
    """Whether any mention of these connections is linked already."""
    query = (
        select(mention.c.id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(source_record.c.connection.in_(names), mention.c.state == "linked")
    )
    return bool(names) and connection.execute(query.limit(1)).first() is not None


def golden_rules(hub: Hub) -> str:
    """Hash of what golden records are computed by."""
    rules = Rules.of_hub(hub)
    stated: dict[str, Any] = {
        "sources": list(rules.sources),
        "crms": sorted(rules.crms),
        "default": rules.default,
        "by_field": {entity: dict(each) for entity, each in rules.by_field.items()},
        "custom": {entity: [asdict(field) for field in each] for entity, each in rules.custom.items()},
        "protecting": list(hub.settings.matching.protected),
        "edition": EDITION,
    }
    return plain_hash(stated)


def target_rules(hub: Hub, config: ConnectionConfig) -> str:
    """Hash of what decides which golden records a target gets, and how."""
    streams = {
        name: [
            load_target_mapping(hub, stream.mapping).recipe if stream.mapping else None,
            stream.include,
            stream.exclude,
        ]
        for name, stream in config.target_streams.items()
    }
    settings = hub.settings
    return plain_hash(
        [
            golden_rules(hub),
            streams,
            settings.admission.model_dump(mode="json"),
            settings.assignment.model_dump(mode="json"),
        ]
    )
