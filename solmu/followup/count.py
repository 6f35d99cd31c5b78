"""Counting how customers stand, a stretch of golden records at a time, and keeping what changed.

It reads much and writes little: each write transaction holds the differences of one stretch only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, false, func, or_, select

from solmu.config import Hub
from solmu.config.settings import Web
from solmu.errors import SolmuError
from solmu.followup.own import FOLLOW_UP, Statuses, closed, statuses
from solmu.followup.stand import Known, is_over, silence, standing
from solmu.mapping import load_target_mapping
from solmu.store import Store, time
from solmu.store.prepared import Prepared
from solmu.store.sql import among, upsert
from solmu.store.tables import activity, affiliation, deal, follow_up, golden, lead, link, meta, order, remote, run
from solmu.sync.copies import said_there

STRETCH = 1_000
NAME = "follow-up"
OWNERS = 500
"""Owners that are named in a summary."""
PARTNER_DAYS = 730
"""How far back a partner's habits are looked at."""


@dataclass(frozen=True, slots=True)
class _There:
    """Which fields of targets say who looks after a record, and whether a task is done; by target and stream."""

    owners: Mapping[tuple[str, str], str]
    statuses: Statuses


def count(hub: Hub, store: Store, tell: Callable[[str, int], None], *, now: int | None = None) -> dict[str, Any]:
    """Count all customers anew. Gives the summary, which ``summary`` finds again."""
    began = time.now() if now is None else now
    fields = _There(owner_fields(hub), statuses(hub))
    today, rules = time.from_micros(began).date(), hub.settings.web
    after = 0
    while True:
        with store.read() as connection:
            rows = _organisations(connection, after)
            found = _standing(connection, rows, today.isoformat(), rules, fields) if rows else {}
            last = rows[-1].id if rows else None
            there = _there(connection, after, last)
        changed = {id: row for id, row in found.items() if there.get(id) != row}
        gone = there.keys() - found.keys()
        if changed or gone:
            with store.write() as connection:
                upsert(connection, follow_up, list(changed.values()), conflict=["golden_id"])
                for id in gone:
                    connection.execute(delete(follow_up).where(follow_up.c.golden_id == id))
        tell("organisations", len(rows))
        if last is None:
            break
        after = last
    with store.read() as connection:
        told = {"at": began, "seconds": (time.now() - began) / 1e6, **_summary(connection, today, rules)}
    with store.write() as connection:
        upsert(connection, meta, [{"name": NAME, "value": json.dumps(told)}], conflict=["name"])
    return told


def summary(connection: Connection) -> dict[str, Any] | None:
    """What was counted last: ``at, seconds, customers, no_owner, no_next_step, unreachable, long_ago, filled, tiers,
    owners, partners``; None where nobody has counted yet. ``owners`` are ids, those with most customers first."""
    kept = _KEPT.first(connection)
    found: dict[str, Any] | None = None if kept is None else json.loads(kept.value)
    return found


_KEPT = Prepared(lambda _: select(meta.c.value).where(meta.c.name == NAME))


def outdated(connection: Connection, told: Mapping[str, Any] | None) -> bool:
    """Whether a run, or a day, has ended since. A large hub is not counted again and again."""
    if told is None:
        return True
    age = (time.now() - told["at"]) / 1e6
    if age < max(60, 20 * told["seconds"]):
        return False
    if time.from_micros(told["at"]).date() != datetime.now(UTC).date():
        return True
    newest = connection.scalar(select(func.max(run.c.started)))
    ended = connection.scalar(select(run.c.finished).where(run.c.started == newest))
    return ended is not None and ended > told["at"]


def days_of(tier: str, rules: Web) -> int:
    """After how many days a customer of that tier was not contacted for long."""
    return rules.contact_days_by_tier.get(tier, rules.contact_days)


def long_ago(today: date, rules: Web, tiers: Iterable[str]) -> Any:
    """The condition for customers who were not contacted for long."""
    alike: dict[str, list[str]] = {}
    for tier in tiers:
        alike.setdefault((today - timedelta(days=days_of(tier, rules))).isoformat(), []).append(tier)
    fits = or_(
        false(),
        *(
            or_(*(follow_up.c.tier == tier for tier in some)) & (follow_up.c.contacted_on < day)
            for day, some in alike.items()
        ),
    )
    # What all of them have in common lets the list, which is in this order, be read from an index as far as it goes.
    return (follow_up.c.contacted_on < max(alike, default="")) & fits


def _organisations(connection: Connection, after: int) -> Sequence[Any]:
    query = select(golden.c.id, golden.c.public_id, golden.c.name, golden.c.country, golden.c.document).where(
        golden.c.id > after, golden.c.entity == "organisation", golden.c.state == "live"
    )
    return connection.execute(query.order_by(golden.c.id).limit(STRETCH)).all()


def _there(connection: Connection, after: int, last: int | None) -> dict[int, dict[str, Any]]:
    query = select(follow_up).where(follow_up.c.golden_id > after)
    if last is not None:
        query = query.where(follow_up.c.golden_id <= last)
    return {row.golden_id: dict(row._mapping) for row in connection.execute(query)}


def owner_fields(hub: Hub) -> dict[tuple[str, str], str]:
    """Which field of a target's object names who looks after the record: the one that we assign on creating it."""
    found: dict[tuple[str, str], str] = {}
    for config in hub.connections.values():
        for stream in config.target_streams.values():
            if stream.mapping is None:
                continue
            try:
                fields = load_target_mapping(hub, stream.mapping).fields
            except SolmuError:
                continue  # a mapping that is broken: planning says so
            field = next((name for name, each in fields.items() if each.assign), None)
            if field is not None:
                found[config.name, stream.name] = field
    return found


def _standing(
    connection: Connection, rows: Sequence[Any], today: str, rules: Web, fields: _There
) -> dict[int, dict[str, Any]]:
    known = _known(connection, rows, fields)
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        stands = standing(known[row.id], today=today, complete=rules.complete)
        if stands is not None:
            found[row.id] = {
                "golden_id": row.id,
                "public_id": row.public_id,
                "name": row.name,
                "country": row.country,
                **asdict(stands),
            }
    return found


def _known(connection: Connection, rows: Sequence[Any], fields: _There) -> dict[int, Known]:
    known = {row.id: Known(row.document) for row in rows}
    of = _mentions_of(connection, known)  # mention -> organisation
    people = _people_of(connection, of)  # (person's golden id, organisation)
    documents = _documents(connection, {person for person, _ in people})
    for person, organisation in sorted(people):
        if person in documents:
            known[organisation].people.append(documents[person])
    of_people: dict[int, set[int]] = {}
    for person, organisation in people:
        of_people.setdefault(person, set()).add(organisation)
    theirs = {id: of_people[person] for id, person in _mentions_of(connection, of_people).items()}
    whose: dict[int, set[int]] = {id: {organisation} for id, organisation in of.items()}
    for id, organisations in theirs.items():
        whose.setdefault(id, set()).update(organisations)
    # What hangs, and what is gone, is told apart here: asked for in SQL, it would tempt SQLite to the wrong index.
    held = select(
        remote.c.mention_id, remote.c.state, remote.c.hanging, remote.c.target, remote.c.object, remote.c.observed,
        remote.c.written,
    )  # fmt: skip
    for row in connection.execute(held.where(among(connection, remote.c.mention_id, list(of)))):
        if row.state == "live" and row.hanging is None:
            one, field = known[of[row.mention_id]], fields.owners.get((row.target, row.object), "")
            one.in_crm = True
            one.owner_there = one.owner_there or row.observed.get(field) or row.written.get(field)
    for table in (order, lead):
        for row in _hanging(connection, table, whose):
            for organisation in whose[row.mention_id]:
                known[organisation].heard.append(row.on or "")
                known[organisation].ordered |= table is order
    deals = {row.id: row for row in _hanging(connection, deal, whose)}
    there = said_there(connection, deal, deals)
    for row in deals.values():
        stages = [each.get("stage") or "" for each in (row.document, *there.get(row.id, ()))]
        stage = next(filter(is_over, stages), stages[0])  # whoever says that it is over says something new
        for organisation in whose[row.mention_id]:
            known[organisation].deals.append((stage, row.on or ""))
    own: dict[int, Any] = {}
    for row in _hanging(connection, activity, whose):
        if row.document.get("kind") == FOLLOW_UP:
            own[row.id] = row
            continue
        for organisation in whose[row.mention_id]:
            known[organisation].activities.append((row.document.get("status") or "", row.on or ""))
    # A task of the hub's own is the next step as long as it is open there, and no contact: whoever does it says so.
    done = closed(connection, fields.statuses, own)
    for row in own.values():
        for organisation in whose[row.mention_id]:
            if row.id not in done:
                known[organisation].planned.append(row.on or "")
    return known


def _mentions_of(connection: Connection, goldens: Iterable[int]) -> dict[int, int]:
    query = select(link.c.mention_id, link.c.golden_id).where(
        among(connection, link.c.golden_id, list(goldens)), link.c.until.is_(None)
    )
    return {row.mention_id: row.golden_id for row in connection.execute(query)}


def _people_of(connection: Connection, of: Mapping[int, int]) -> set[tuple[int, int]]:
    query = (
        select(link.c.golden_id, affiliation.c.other_mention_id)
        .join(link, link.c.mention_id == affiliation.c.mention_id)
        .where(
            among(connection, affiliation.c.other_mention_id, list(of)),
            affiliation.c.state == "live",
            affiliation.c.until.is_(None),
            link.c.until.is_(None),
        )
    )
    return {(row.golden_id, of[row.other_mention_id]) for row in connection.execute(query)}


def _documents(connection: Connection, goldens: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    query = select(golden.c.id, golden.c.document).where(
        among(connection, golden.c.id, list(goldens)), golden.c.state == "live"
    )
    return {row.id: row.document for row in connection.execute(query)}


def _hanging(connection: Connection, table: Any, whose: Iterable[int]) -> Iterable[Any]:
    query: Select[Any] = select(table.c.id, table.c.mention_id, table.c.on, table.c.document).where(
        among(connection, table.c.mention_id, list(whose)), table.c.state == "live"
    )
    return connection.execute(query)


def _summary(connection: Connection, today: date, rules: Web) -> dict[str, Any]:
    def of(*where: Any) -> int:
        return connection.scalar(select(func.count()).select_from(follow_up).where(*where)) or 0

    query = select(follow_up.c.tier, func.count()).group_by(follow_up.c.tier).order_by(follow_up.c.tier)
    tiers = {row[0]: row[1] for row in connection.execute(query)}
    late = {tier: of(long_ago(today, rules, [tier])) for tier in tiers}
    return {
        "customers": sum(tiers.values()),
        "no_owner": of(follow_up.c.owner.is_(None)),
        "no_next_step": of(follow_up.c.next_on.is_(None)),
        "unreachable": of(follow_up.c.reachable.is_(False)),
        "long_ago": sum(late.values()),
        "filled": connection.scalar(select(func.avg(follow_up.c.filled))),
        "tiers": [
            {"tier": tier, "customers": number, "days": days_of(tier, rules), "long_ago": late[tier]}
            for tier, number in tiers.items()
        ],
        "owners": _owners(connection),
        "partners": _partners(connection, today, rules),
    }


def _owners(connection: Connection) -> list[str]:
    by = follow_up.c.owner
    query = select(by).where(by.is_not(None)).group_by(by).order_by(func.count().desc(), by)
    return list(connection.scalars(query.limit(OWNERS)))


def _partners(connection: Connection, today: date, rules: Web) -> list[dict[str, Any]]:
    """The partners whose leads stopped coming, longest silent first."""
    since = (today - timedelta(days=PARTNER_DAYS)).isoformat()
    query = (
        select(lead.c.partner, lead.c.on, func.count().label("leads"))
        .where(lead.c.partner.is_not(None), lead.c.on >= since, lead.c.on <= today.isoformat(), lead.c.state == "live")
        .group_by(lead.c.partner, lead.c.on)
    )
    days: dict[str, list[int]] = {}
    leads: dict[str, int] = {}
    for row in connection.execute(query):
        try:
            day = date.fromisoformat(row.on[:10]).toordinal()
        except ValueError:
            continue
        days.setdefault(row.partner, []).append(day)
        leads[row.partner] = leads.get(row.partner, 0) + row.leads
    silent = []
    for partner, came in days.items():
        quiet, usual = today.toordinal() - max(came), silence(came, least=rules.silent_days)
        if quiet > usual:
            last = date.fromordinal(max(came)).isoformat()
            silent.append({"partner": partner, "last": last, "days": quiet, "usual": usual, "leads": leads[partner]})
    return sorted(silent, key=lambda one: (-one["days"], one["partner"]))
