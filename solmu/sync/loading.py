"""Loading what the planner needs to know of some golden records, a batch at a time.

Every query goes by golden ids through an index, so that a plan costs what changed and not what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, or_, select, type_coerce
from sqlalchemy.types import NullType

from solmu.model import BECAME, Entity
from solmu.store import dirty
from solmu.store.sql import among, chunks, from_stored
from solmu.store.tables import (
    affiliation,
    conflict,
    consent,
    deal,
    golden,
    link,
    outbox,
    relation,
    remote,
    source_record,
)
from solmu.sync.action import OPT_OUT, Ruling
from solmu.sync.deals import load_deals_there
from solmu.sync.equal import same
from solmu.sync.facts import load_facts
from solmu.sync.mirror import known
from solmu.sync.outbox import DISMISSED, DONE
from solmu.sync.surroundings import (
    AT_ONCE,
    Linked,
    linked_to,
    load_hanging,
    load_organisations,
    load_partners,
    load_sources,
)
from solmu.sync.views import Golden, Past, Views


def load(
    connection: Connection,
    target: str,
    plan_id: str,
    ids: Sequence[int],
    *,
    hanging: Collection[str],
    parent_fields: Mapping[str, Collection[str]],
    reasons: frozenset[str] | None = None,
) -> Views:
    """The golden records ``ids`` and those that they point at.

    ``hanging`` are the tables whose rows the target takes too. ``parent_fields`` names, by stream, the fields that
    point at a person's organisation there. ``reasons`` are those that admission looks at, if not all.
    """
    views = Views(target, plan_id, reasons)
    _load_some(connection, views, ids, parent_fields)
    load_hanging(connection, views, ids, hanging)
    if deal.name in hanging:
        load_deals_there(connection, views, ids)
    # People whose records something hangs on, then the organisations of all people there are by now.
    people = {hung.person for some in views.hanging.values() for hung in some if hung.person is not None}
    _load_some(connection, views, sorted(people - set(views.goldens)), parent_fields)
    organisations = set(views.organisation.values())
    _load_some(connection, views, sorted(organisations - set(views.goldens)), parent_fields)
    _load_people(connection, views, parent_fields)
    load_sources(connection, views)
    _load_rulings(connection, views)
    return views


def postponed(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Those whose golden record is about to change, because something said of it is not resolved yet.

    To plan one now could push a value over an edit that has landed but is not in the golden record so far.
    """
    found: set[int] = set()
    resolving = bool(dirty.take(connection, "match", 1))  # as a rule, nothing is
    for some in chunks(ids, AT_ONCE):
        found.update(id for id, _ in dirty.among(connection, "golden", some))
        if resolving:
            linked = linked_to(connection, some)
            found.update(linked[mention_id] for mention_id, _ in dirty.among(connection, "match", linked))
    return found


def _load_some(
    connection: Connection, views: Views, ids: Sequence[int], parent_fields: Mapping[str, Collection[str]]
) -> None:
    for some in chunks(ids, AT_ONCE):
        linked = linked_to(connection, some)
        views.linked |= linked
        _load_goldens(connection, views, some, linked)
        _load_remotes(connection, views, linked)
        load_partners(connection, views, linked)  # of the leads that facts are drawn from: their pages are at hand
        load_facts(connection, views, some, linked)
        load_organisations(connection, views, _people(views, linked), parent_fields)
        _load_past(connection, views, some)
        _load_becoming(connection, views, linked)


def _people(views: Views, linked: Linked) -> Linked:
    """The mentions of people among them."""
    people = {id for id, record in views.goldens.items() if record.entity is Entity.PERSON}
    return {mention_id: id for mention_id, id in linked.items() if id in people} if people else {}


def _load_goldens(connection: Connection, views: Views, ids: Sequence[int], linked: Linked) -> None:
    query = select(*_GOLDEN).where(among(connection, golden.c.id, ids), golden.c.state != "merged")
    for id, public_id, entity, state, version, stored in connection.execute(query):
        document = from_stored(stored)
        values = {name: entry["value"] for name, entry in document.items()}
        views.goldens[id] = Golden(id, public_id, _ENTITIES[entity], state, version, document, values)
    people = _people(views, linked)
    if not people:
        return
    # An opt-out that any source has recorded counts, whatever the golden field says.
    refused = select(consent.c.mention_id).where(
        among(connection, consent.c.mention_id, list(people)),
        consent.c.purpose == "email",
        consent.c.allowed.is_(False),
    )
    for mention_id in connection.scalars(refused):
        found = views.goldens[people[mention_id]]
        views.goldens[found.id] = replace(found, values={**found.values, OPT_OUT: True})


_GOLDEN = (
    *(golden.c[name] for name in ("id", "public_id", "entity", "state", "version")),
    type_coerce(golden.c.document, NullType),  # taken apart by ``from_stored``: there are many
)
_ENTITIES = {entity.value: entity for entity in Entity}


def _load_remotes(connection: Connection, views: Views, linked: Linked) -> None:
    query = (
        select(remote)
        .where(among(connection, remote.c.mention_id, list(linked)), remote.c.state != "abandoned")
        .order_by(remote.c.mention_id, remote.c.id)
    )
    for row in connection.execute(query):
        # Not asked of the database: SQLite would go through all that the target holds, for each batch anew.
        if row.target == views.target and row.hanging is None:
            views.remotes[linked[row.mention_id]].append(known(row))


def _load_becoming(connection: Connection, views: Views, linked: Linked) -> None:
    """Whose lead was converted in the target into a contact or an account that the hub has not read yet."""
    query = (
        select(relation.c.mention_id, source_record.c.connection)
        .join(source_record, source_record.c.id == relation.c.record_id)
        .where(
            among(connection, relation.c.mention_id, list(linked)),
            relation.c.other_mention_id.is_(None),
            relation.c.kind == BECAME,
            relation.c.state == "live",
        )
    )
    views.becoming |= {linked[row.mention_id] for row in connection.execute(query) if row.connection == views.target}


def _load_past(connection: Connection, views: Views, ids: Sequence[int]) -> None:
    query = (
        select(
            outbox.c.id,
            outbox.c.plan_id,
            outbox.c.target,
            outbox.c.golden_id,
            outbox.c.state,
            outbox.c.subject,
            outbox.c.action,
            outbox.c.fields,
            outbox.c.attempts,
            outbox.c.code,
        )
        .where(
            among(connection, outbox.c.golden_id, ids),
            outbox.c.state != "superseded",
            or_(outbox.c.action != "skip", outbox.c.plan_id == views.plan_id),
        )
        .order_by(outbox.c.id.desc())
    )
    ended: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query):
        if row.target != views.target:  # told apart here for the reason that remotes are
            continue
        if row.state in DONE:
            _count_writes(views.written.setdefault(row.subject, {}), ended[row.subject], row.fields)
        views.past[row.golden_id].append(
            Past(
                row.id,
                row.plan_id,
                row.state,
                row.subject,
                row.action,
                row.fields if row.state not in DONE else {},
                foreseen=row.state == "rejected" and row.attempts == 0 and row.code != DISMISSED,
            )
        )


def _count_writes(counts: dict[str, tuple[Any, int]], ended: set[str], fields: Mapping[str, Mapping[str, Any]]) -> None:
    """Count, from the last write back, how often in a row each field was given the same value."""
    for name, change in fields.items():
        value, times = counts.get(name, (change["new"], 0))
        if name in ended or not same(value, change["new"]):
            ended.add(name)
        else:
            counts[name] = (value, times + 1)


def _load_people(connection: Connection, views: Views, parent_fields: Mapping[str, Collection[str]]) -> None:
    """The people of each organisation, with the facts that admission looks at."""
    organisations = {id for id, record in views.goldens.items() if record.entity is Entity.ORGANISATION}
    for pairs in chunks((each for each in views.linked.items() if each[1] in organisations), AT_ONCE):
        linked = dict(pairs)
        query = (
            select(affiliation.c.other_mention_id, link.c.golden_id)
            .join(link, link.c.mention_id == affiliation.c.mention_id)
            .where(
                among(connection, affiliation.c.other_mention_id, list(linked)),
                link.c.until.is_(None),
                affiliation.c.state == "live",
            )
        )
        found = {(linked[mention_id], person_id) for mention_id, person_id in connection.execute(query)}
        for id, person_id in sorted(found):
            views.people[id].append(person_id)
    people = {id for ids in views.people.values() for id in ids} - set(views.facts)
    for some in chunks(sorted(people), AT_ONCE):
        bare, linked = Views(views.target, views.plan_id, views.reasons), linked_to(connection, some)
        _load_goldens(connection, bare, some, linked)
        _load_remotes(connection, bare, linked)
        load_partners(connection, views, linked)
        load_facts(connection, bare, some, linked)
        there = {mention_id: id for mention_id, id in linked.items() if id in bare.facts and bare.facts[id].in_target}
        load_organisations(connection, bare, there, parent_fields)
        views.facts |= bare.facts
        views.organisation |= bare.organisation


def _load_rulings(connection: Connection, views: Views) -> None:
    remotes = [each.id for some in views.remotes.values() for each in some]
    for some in chunks(remotes, AT_ONCE):
        query = (
            select(conflict)
            .where(among(connection, conflict.c.remote_pk, some), conflict.c.state == "decided")
            .order_by(conflict.c.id)
        )
        for row in connection.execute(query):
            choice = row.choice if isinstance(row.choice, str) else (row.choice or {}).get("take")
            if choice in {"hub", "target"}:
                ruling = Ruling(choice, row.hub_value, row.remote_value)
                views.rulings.setdefault(row.remote_pk, {})[row.field] = ruling
