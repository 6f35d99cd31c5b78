"""Loading what surrounds golden records: employers, partners, what hangs on them, and where their values come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from solmu.model import Entity
from solmu.store.sql import among, chunks
from solmu.store.tables import (
    HANGING,
    affiliation,
    lead,
    link,
    mention,
    remote,
    source_record,
)
from solmu.sync.employers import Named, named_since
from solmu.sync.mirror import Known, known
from solmu.sync.views import Hung, Views

AT_ONCE = 2000
"""Records that share one query."""

_SAID_NO_MORE = ("withdrawn", "erased")

Linked = Mapping[int, int]
"""The golden record that each mention is linked to, by mention."""


def linked_to(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The mentions that are linked to golden records."""
    query = select(link.c.mention_id, link.c.golden_id).where(
        among(connection, link.c.golden_id, ids), link.c.until.is_(None)
    )
    return dict(connection.execute(query).tuples().all())


def load_organisations(
    connection: Connection, views: Views, people: Linked, parent_fields: Mapping[str, Collection[str]]
) -> None:
    """Who employs whom: of several live affiliations the one that is not over, and was said last.

    It is said when a list first names that employer, and by no other change of it: else a person's new phone number,
    the employer's new street, or a sheet that was sorted anew would move back whom a salesperson has moved meanwhile.
    What the target's record says because we wrote it there is an echo, and counts only where nobody says anything.
    """
    if not people:
        return
    organisation = link.alias("organisation")
    query = (
        select(
            affiliation.c.mention_id,
            organisation.c.golden_id.label("organisation_id"),
            affiliation.c.id,
            affiliation.c.until,
            affiliation.c.version_id,
            affiliation.c.state,
            source_record.c.connection,
            source_record.c.stream,
            source_record.c.key,
        )
        .join(organisation, organisation.c.mention_id == affiliation.c.other_mention_id)
        .join(source_record, source_record.c.id == affiliation.c.record_id)
        .where(
            among(connection, affiliation.c.mention_id, list(people)),
            organisation.c.until.is_(None),
            affiliation.c.state.in_(("live", "withdrawn")),
        )
    )
    lists: dict[tuple[int, str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        lists[people[row.mention_id], row.connection, row.stream].append(row)
    best: dict[int, tuple[Any, ...]] = {}
    for (id, source, _), rows in lists.items():
        since = named_since(Named(row.organisation_id, row.version_id or 0, row.state == "live") for row in rows)
        for row in rows:
            if row.state != "live":
                continue
            is_echo = source == views.target and _is_echo(views.remotes.get(id, ()), row, parent_fields)
            said = (not is_echo, row.until is None, since[row.organisation_id], row.id)
            if id not in best or said > best[id]:
                best[id] = said
                views.organisation[id] = row.organisation_id


def _is_echo(remotes: Sequence[Known], row: Any, parent_fields: Mapping[str, Collection[str]]) -> bool:
    return any(
        each.object == row.stream
        and each.remote_id == row.key
        and any(name in each.written for name in parent_fields.get(each.object, ()))
        for each in remotes
    )


def load_partners(connection: Connection, views: Views, linked: Linked) -> None:
    for id, partners in _partners(connection, linked).items():
        views.partners[id] += partners


def partners_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """The partners that brought the leads of golden records, by golden id, the latest lead's last."""
    return _partners(connection, linked_to(connection, ids))


def _partners(connection: Connection, linked: Linked) -> dict[int, list[str]]:
    query = (
        select(lead.c.mention_id, lead.c.partner)
        .where(among(connection, lead.c.mention_id, list(linked)), lead.c.state == "live", lead.c.partner.is_not(None))
        .order_by(lead.c.on, lead.c.id)
    )
    found: dict[int, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(linked[row.mention_id], []).append(row.partner)
    return found


def load_hanging(connection: Connection, views: Views, ids: Sequence[int], tables: Collection[str]) -> None:
    for name in tables:
        table = HANGING[name]
        for some in chunks(ids, AT_ONCE):
            query = (
                select(
                    link.c.golden_id,
                    table.c.id,
                    table.c.document,
                    table.c.record_id,
                    source_record.c.connection,
                    source_record.c.stream,
                    source_record.c.key,
                )
                .join(table, table.c.mention_id == link.c.mention_id)
                .join(source_record, source_record.c.id == table.c.record_id)
                # What the target itself holds needs no copy there.
                .where(
                    among(connection, link.c.golden_id, some),
                    link.c.until.is_(None),
                    table.c.state == "live",
                    source_record.c.connection != views.target,
                )
                .order_by(table.c.id)
            )
            rows = connection.execute(query).all()
            people = _people_of_records(connection, {row.record_id for row in rows})
            for row in rows:
                source = f"{row.connection}/{row.stream}/{row.key}"
                hung = Hung(name, row.id, row.document, source, people.get(row.record_id))
                views.hanging[row.golden_id].append(hung)
        _load_hung_remotes(connection, views, name)


def _load_hung_remotes(connection: Connection, views: Views, name: str) -> None:
    hanging_ids = [hung.id for some in views.hanging.values() for hung in some if hung.table == name]
    for some in chunks(hanging_ids, AT_ONCE):
        query = select(remote).where(
            remote.c.hanging == name,
            among(connection, remote.c.hanging_id, some),
            remote.c.target == views.target,
            remote.c.state != "abandoned",
        )
        for row in connection.execute(query.order_by(remote.c.id)):
            views.hung_remotes.setdefault((name, row.hanging_id), known(row))


def _people_of_records(connection: Connection, record_ids: Iterable[int]) -> dict[int, int]:
    """The golden record of the first person that each source record speaks of; nobody of whom it spoke before."""
    found: dict[int, int] = {}
    for some in chunks(sorted(record_ids), AT_ONCE):
        query = (
            select(mention.c.record_id, link.c.golden_id)
            .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
            .where(
                among(connection, mention.c.record_id, some),
                mention.c.entity == Entity.PERSON.value,
                mention.c.state.not_in(_SAID_NO_MORE),
            )
            .order_by(mention.c.slot)
        )
        for row in connection.execute(query):
            found.setdefault(row.record_id, row.golden_id)
    return found


def load_sources(connection: Connection, views: Views) -> None:
    mentions = {
        id
        for record in views.goldens.values()
        for entry in record.document.values()
        for id in (entry.get("mentions") or [entry.get("mention")])
        if id is not None
    }
    for some in chunks(sorted(mentions), AT_ONCE):
        query = (
            select(mention.c.id, source_record.c.connection, source_record.c.stream, source_record.c.key)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(among(connection, mention.c.id, some))
        )
        for id, name, stream, key in connection.execute(query):
            views.sources[id] = f"{name}/{stream}/{key}"
