"""The last screen: one customer, from the rows that speak of them over the golden record to the CRM's difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from examples.nordic.demo.home import Home
from examples.nordic.demo.screen import Screen
from solmu.config import Hub
from solmu.golden.explain import explain
from solmu.mapping import load_source_mapping
from solmu.model import FIELDS, Entity
from solmu.store.payload import unpack
from solmu.store.tables import link, mention, outbox, source_record, source_version

_WIDE = 60


def one_customer(screen: Screen, home: Home, hub: Hub, connection: Connection) -> None:
    """Show the customer that `showcase.json` names."""
    story = home.document("showcase.json")
    ids = home.document(str(home.crm_ids.relative_to(home.folder)))
    rows = [{**row, "key": ids.get(row["key"], row["key"])} for row in story["rows"]]
    found = {place: _record(connection, row) for row in rows for place in [_place(row)]}
    messy = [row for row in rows if not hub.connection(row["connection"]).is_target]

    screen.title(f"One customer: {len(messy)} messy rows")
    for row in messy:
        values = _telling(hub, row, found[_place(row)]["payload"])
        screen.say(f"  {row['connection']} {row['key']}", style="bold")
        screen.say("    " + "   ".join(f"{column}: {_short(value)}" for column, value in values.items()))

    goldens = dict.fromkeys(id for one in found.values() for id in one["goldens"])
    documents = [explain(connection, golden_id) for golden_id in goldens]
    for document in sorted(documents, key=lambda document: list(Entity).index(document["entity"])):
        screen.title(f"→ one golden record, {document['entity']} {document['golden_id']}")
        order = {name: place for place, name in enumerate(FIELDS[Entity(document["entity"])])}
        fields = sorted(document["fields"].items(), key=lambda field: order.get(field[0], len(order)))
        screen.table(
            ["field", "value", "from", "by the rule"],
            [[name, each["value"], _source(each), each["rule"]] for name, each in fields],
        )
    screen.title("→ what the CRM had, and has now; it was there before, so it was linked and not created again")
    screen.table(["record", "field", "old", "new"], _difference(connection, list(goldens)))


def _place(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["connection"], row["stream"], row["key"]


def _record(connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it was received, and the golden records it is linked to."""
    name, stream, key = _place(row)
    here = (source_record.c.connection == name) & (source_record.c.stream == stream) & (source_record.c.key == key)
    payload = connection.scalars(
        select(source_version.c.payload)
        .join(source_record, source_record.c.version_id == source_version.c.id)
        .where(here)
    ).one()
    goldens = connection.scalars(
        select(link.c.golden_id)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(here, link.c.until.is_(None))
        .order_by(mention.c.id)
    ).all()
    return {"payload": unpack(payload), "goldens": goldens}


def _telling(hub: Hub, row: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that say who is meant, as they stand in the row."""
    stream = hub.connection(row["connection"]).streams[row["stream"]]
    mapped = load_source_mapping(hub, str(stream.mapping)).map(dict(payload), connection=row["connection"])
    used = {column for each in mapped.mentions for columns in each.columns.values() for column in columns}
    return {column: value for column, value in payload.items() if column in used and value not in (None, "", 0)}


def _difference(connection: Connection, goldens: Sequence[int]) -> list[list[Any]]:
    """Each value that was written to the customer's records, parents first, the latest of a field last."""
    query = (
        select(outbox.c.object, outbox.c.remote_id, outbox.c.fields)
        .where(
            outbox.c.golden_id.in_(goldens),
            outbox.c.hanging.is_(None),
            outbox.c.state.in_(("linked", "updated", "created")),
        )
        .order_by(outbox.c.position, outbox.c.id)
    )
    return [
        [f"{thing} {remote_id}", name, _short(change["old"]) if change["old"] else "(blank)", _short(change["new"])]
        for thing, remote_id, fields in connection.execute(query)
        for name, change in fields.items()
        if change["rule"] != "stamp" and change["new"] != change["old"]
    ]


def _source(each: Mapping[str, Any]) -> str:
    several = isinstance(each["value"], list) and len(each["value"]) > 1
    return "several" if several else str(each["source"])


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _WIDE else text[: _WIDE - 1] + "…"
