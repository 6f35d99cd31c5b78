"""What happened in a night, in words and figures; all of it is read from the hub, as anybody could."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from examples.nordic.demo.screen import Screen
from solmu.match.rules import RULES
from solmu.model import Entity
from solmu.report.export import waiting
from solmu.store.tables import (
    golden,
    link,
    mention,
    outbox,
    pair,
    plan,
    quarantine,
    remote,
    source_record,
    source_version,
)
from solmu.sync.asked import asked_about
from solmu.sync.ledger import ACTION_STATES

STREAM_COUNTERS = ("read", "new", "changed", "unchanged", "deleted", "repeated", "refused")
REASONS = {
    "supplier": "suppliers and their people",
    "not-included": "no lead, no order, and not in the CRM",
    "dormant": "nobody speaks of them any more",
    "in-review": "a person is asked whether they are in the CRM already",
    "opted-out": "want to hear nothing",
    "unreachable": "neither address nor telephone number",
}
FLOOR = {"precision": 0.99, "recall": 0.90}
"""What the demo's matching must reach, pairwise, for each entity."""
_SHOWN = 3
_LINKED_AND_UPDATED = "of these updated"
_OUTCOMES = (
    "created",
    "linked",
    _LINKED_AND_UPDATED,
    *(each for each in ACTION_STATES if each not in {"created", "linked"}),
)


def sources(screen: Screen, report: Mapping[str, Any]) -> None:
    """What was read, and what came of it."""
    screen.title("What was read")
    streams = report["streams"]
    used = [name for name in STREAM_COUNTERS if any(row[name] for row in streams.values())]
    rows = [[name, *(row[counter] for counter in used)] for name, row in streams.items()]
    screen.table(["stream", *used], [*rows, ["together", *map(sum, zip(*(row[1:] for row in rows), strict=True))]])
    screen.say("The CRM is read before it is written to, and after.")


def refused(screen: Screen, connection: Connection) -> None:
    """Which rows wait in quarantine, and why."""
    sheet = waiting(connection)
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    if not rows:
        return
    screen.title(f"{len(rows)} rows were refused and wait until they or their mapping are mended (`solmu retry`)")
    by_reason: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_reason[row["code"]].append(row)
    screen.table(
        ["rows", "why", "for example"],
        [[len(some), _reason(some[0]), _example(some[0])] for some in by_reason.values()],
    )


def merged(screen: Screen, connection: Connection) -> None:
    """How many mentions became how many golden records, and by which rules."""
    ours = link.c.why == "created-by-us"
    counts = {
        entity: connection.execute(
            select(func.count(), func.count(link.c.golden_id.distinct()))
            .join(mention, mention.c.id == link.c.mention_id)
            .where(link.c.until.is_(None), ~ours, mention.c.entity == entity.value)
        ).one()
        for entity in Entity
    }
    together = sum(mentions - records for mentions, records in counts.values())
    screen.title(f"{together} duplicates were merged")
    words = {Entity.ORGANISATION: "organisations", Entity.PERSON: "people"}
    for entity, (mentions, records) in counts.items():
        screen.say(f"The sources mention {words[entity]} {mentions} times; they are {records}.")
    # One rule is enough to bring two together; often several hold.
    query = (
        select(pair.c.rule, func.count())
        .where(pair.c.band == "same", pair.c.rule.in_(list(RULES)))
        .group_by(pair.c.rule)
        .order_by(func.count().desc())
    )
    found = connection.execute(query).all()
    screen.table(["pairs", "are the same because"], [[number, RULES[rule].sentence] for rule, number in found])


def asked(screen: Screen, connection: Connection) -> None:
    """What only a person can decide."""
    query = select(pair.c.entity, func.count()).where(pair.c.band == "ask").group_by(pair.c.entity)
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    if not counts:
        return
    screen.title(f"{sum(counts.values())} pairs are left for the steward: alike, but not beyond doubt")
    left, right = golden.alias(), golden.alias()
    one, other = link.alias(), link.alias()
    alike = (
        select(left.c.name, right.c.name, pair.c.explanation)
        .join(one, (one.c.mention_id == pair.c.left_id) & one.c.until.is_(None))
        .join(other, (other.c.mention_id == pair.c.right_id) & other.c.until.is_(None))
        .join(left, left.c.id == one.c.golden_id)
        .join(right, right.c.id == other.c.golden_id)
        .where(pair.c.band == "ask", left.c.name != right.c.name)
        .order_by(pair.c.weight.desc(), pair.c.left_id)
        .limit(_SHOWN)
    )
    for name, name_too, explanation in connection.execute(alike):
        screen.say(f"  {name}  ~  {name_too}: {explanation.get('sentence', '')}")
    screen.say("All of them: solmu export pairs")


def written(screen: Screen, connection: Connection, report: Mapping[str, Any]) -> None:
    """What was created, updated and linked in the CRM, and who was kept out."""
    run_id = report["run_id"]
    query = select(outbox.c.object, outbox.c.state, outbox.c.fields).where(outbox.c.run_id == run_id)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for thing, state, fields in connection.execute(query):
        counts[thing][state] += 1
        # What was there before is linked, and brought up to date in the same call.
        counts[thing][_LINKED_AND_UPDATED] += state == "linked" and any(map(_is_change, fields.values()))
    states = [state for state in _OUTCOMES if any(each[state] for each in counts.values())]
    screen.title("What became of it in the CRM")
    if counts:
        rows = [[thing, *(counts[thing][state] for state in states)] for thing in sorted(counts)]
        screen.table(["", *states], rows)
    else:
        screen.say("Nothing was due.")
    _kept_out(screen, connection, run_id)


def truth(screen: Screen, figures: Mapping[str, Any]) -> bool:
    """How well the machine matched, against who was meant; gives whether the floor is met."""
    screen.title("How right that is: the sample data knows who was meant, and only this table looks at it")
    rows = [[entity.value, *(_share(figures[entity.value][name]) for name in _FIGURES)] for entity in Entity]
    screen.table(["", *_FIGURES.values()], rows)
    met = all((figures[entity.value][name] or 0) >= least for entity in Entity for name, least in FLOOR.items())
    floor = f"precision {FLOOR['precision']:.0%}, recall {FLOOR['recall']:.0%}"
    screen.say(f"The floor ({floor}) is {'met' if met else 'NOT met'}.", style="green" if met else "bold red")
    screen.say(f"A steward is asked about {figures['asked_per_1000']:.1f} pairs per 1,000 rows.")
    return met


def balance(screen: Screen, report: Mapping[str, Any]) -> None:
    """Whether every row, mention and action is accounted for, and what else went wrong."""
    if report["balanced"]:
        screen.say("The books balance: every row, mention and action has exactly one outcome.", style="green")
    else:
        screen.say("The books do NOT balance:", style="bold red")
        for line in report["unbalanced"]:
            screen.say(f"  {line}")
    for problem in report["problems"]:
        screen.say(f"problem: {problem['connection'] or ''} {problem['message']}", style="bold red")


def changes(screen: Screen, connection: Connection, report: Mapping[str, Any]) -> None:
    """What flowed: the rows that were new or different, and what was written because of them."""
    run_id = report["run_id"]
    screen.title("What flowed")
    flowing = ("new", "changed", "deleted")
    rows = [
        [name, row["read"], *(row[counter] for counter in flowing)]
        for name, row in report["streams"].items()
        if any(row[counter] for counter in flowing)
    ]
    screen.table(["stream", "read", *flowing], rows)
    refusals = (
        select(source_record.c.connection, source_record.c.key, quarantine.c.message, quarantine.c.value)
        .join(quarantine, quarantine.c.record_id == source_record.c.id)
        .join(source_version, source_version.c.id == quarantine.c.version_id)
        .where(source_version.c.run_id == run_id, quarantine.c.state == "waiting")
    )
    for name, key, message, value in connection.execute(refusals):
        screen.say(f"Refused: {name} {key}: {message}" + (f" ({value})" if value else ""))
    query = (
        select(outbox.c.object, outbox.c.state, outbox.c.fields, golden.c.name)
        .outerjoin(golden, golden.c.id == outbox.c.golden_id)
        .where(outbox.c.run_id == run_id, outbox.c.state.in_(("created", "updated", "linked")))
        .order_by(outbox.c.position, outbox.c.id)
    )
    lines = [line for each in connection.execute(query) for line in _written(connection, each)]
    if lines:
        screen.say("Written to the CRM:")
        screen.table(["", "stream", "for", "field", "old", "new"], lines)
    else:
        screen.say("Nothing was written to the CRM.")


_FIGURES = {
    "precision": "precision",
    "recall": "recall",
    "recall_without_identity_key": "recall where no address, number or id is shared",
}


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _is_change(change: Mapping[str, Any]) -> bool:
    """Whether a value changes for those who work with the CRM; our own id in a field of ours is none."""
    return bool(change["rule"] != "stamp")


def _written(connection: Connection, action: Any) -> list[list[Any]]:
    """A new record in one line, with what a source's row says in it; of another each value that changed."""
    changed = {name: change for name, change in action.fields.items() if _is_change(change)}
    if action.state == "created":
        said = [str(each["new"]) for each in changed.values() if "/" in (each["source"] or "")]
        return [["created", action.object, action.name, "", "", "; ".join(said)]]
    return [
        [action.state, action.object, action.name, name, *(_named(connection, each[side]) for side in ("old", "new"))]
        for name, each in changed.items()
        if each["new"] != each["old"]
    ]


def _named(connection: Connection, value: Any) -> Any:
    """A record of the CRM by its name as well as by its id."""
    if not isinstance(value, str):
        return value
    name = connection.scalar(
        select(golden.c.name)
        .join(link, (link.c.golden_id == golden.c.id) & link.c.until.is_(None))
        .join(remote, remote.c.mention_id == link.c.mention_id)
        .where(remote.c.remote_id == value)
    )
    return f"{value} ({name})" if name else value


def _reason(row: Mapping[str, Any]) -> str:
    # The message begins with the column where there is one; the example names it.
    text = str(row["message"])
    return text.removeprefix(f"{row['field']}: ") if row["field"] else text


def _example(row: Mapping[str, Any]) -> str:
    place = f"{row['connection']} {row['file']}:{row['line']}" if row["file"] else f"{row['connection']} {row['key']}"
    return f"{row['value']} ({place})" if row["value"] else place


def _kept_out(screen: Screen, connection: Connection, run_id: str) -> None:
    kept: Counter[str] = Counter()
    for document in connection.scalars(select(plan.c.kept_out).where(plan.c.run_id == run_id)):
        kept.update(document)
    if not kept:
        return
    names = _outside(connection)
    screen.say("Kept out of the CRM:")
    screen.table(
        ["records", "why", "for example"],
        [[number, REASONS.get(rule, rule), "; ".join(names[rule])] for rule, number in kept.most_common()],
    )


def _outside(connection: Connection) -> dict[str, list[str]]:
    """Some organisations that are in no CRM, by what keeps them out."""
    inside = (
        select(link.c.golden_id)
        .join(remote, remote.c.mention_id == link.c.mention_id)
        .where(link.c.until.is_(None), remote.c.state == "live")
    )
    query = (
        select(golden.c.id, golden.c.name, golden.c.document)
        .where(golden.c.entity == Entity.ORGANISATION.value, golden.c.state == "live", golden.c.id.not_in(inside))
        .order_by(golden.c.id)
    )
    names: dict[str, list[str]] = defaultdict(list)
    outside = connection.execute(query).all()
    asked = asked_about(connection, "crm", [row.id for row in outside])
    for id, name, document in outside:
        supplier = document.get("supplier", {}).get("value")
        rule = "supplier" if supplier else "in-review" if id in asked else "not-included"
        if name and len(names[rule]) < _SHOWN:
            names[rule].append(name)
    return names
