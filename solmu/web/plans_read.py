"""The tables of the page Plans: all plans, the lines of one, and what they do in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from solmu.config import Hub
from solmu.report.plan_lines import brief, groups
from solmu.report.plans import is_no_draft, may_be_left_out
from solmu.store.owners import Owners
from solmu.store.tables import golden, mention, outbox, plan, run
from solmu.sync.outbox import IN_FLIGHT
from solmu.web.listing import Column, Listing
from solmu.web.show import number, plain
from solmu.web.texts import texts
from solmu.web.words import word


def kinds_of(head: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Lines by what they do: ``{object, action, lines}``. Those that were left out or refused do nothing."""
    found: dict[tuple[str, str], int] = {}
    idle = {"rejected", "superseded"} if head and head["state"] in ("sealed", "applied") else {"rejected"}
    for each in head["counts"] if head else ():
        if each["state"] in idle:
            continue
        key = (each["object"], each["action"])
        found[key] = found.get(key, 0) + each["lines"]
    return [{"object": object, "action": action, "lines": number} for (object, action), number in found.items()]


def became(head: Mapping[str, Any]) -> str:
    """What became of the lines, in words."""
    found: dict[str, int] = {}
    for each in head["counts"]:
        found[each["state"]] = found.get(each["state"], 0) + each["lines"]
    return ", ".join(f"{number(lines)} {word(state, 'plans.state')}" for state, lines in found.items())


def shown(row: Any) -> dict[str, Any]:
    """A line as it is shown, with what may still be done with it. ``told``: which words head its old and new values;
    ``brief`` what it does at a glance, ``groups`` all its fields."""
    waits = may_be_left_out(row)
    told = (
        "was" if row.state in ("created", "updated", "linked") else "plan" if waits or row.state in IN_FLIGHT else "not"
    )
    return {
        **row._mapping,
        "left_out": waits,
        "anew": row.state == "rejected",
        "told": told,
        "brief": brief(row.fields, row.name).changes,
        "groups": groups(row.fields),
    }


def first_lines(id: str) -> Any:
    """The lines of a plan in the order in which they are sent."""
    query = (
        select(outbox, mention.c.public_id, golden.c.name)
        .outerjoin(mention, mention.c.id == outbox.c.golden_id)
        .outerjoin(golden, golden.c.id == outbox.c.golden_id)
        .where(outbox.c.plan_id == id, outbox.c.action != "skip")
    )
    return query.order_by(outbox.c.position, outbox.c.id)


def lines_listing(head: Mapping[str, Any], known: Owners) -> Listing:
    """The lines of a plan that do something."""

    def some(name: str) -> dict[str, str]:
        found = sorted({count[name] for count in head["counts"]})
        return {each: each if name == "object" else word(each, f"plans.{name}") for each in found}

    def column(name: str, value: Any, **more: Any) -> Column:
        return Column(name, f"plans.column.{name}", value, **more)

    return Listing(
        head["id"],
        (
            column("position", outbox.c.position, sort=True, exported=False),
            column("object", outbox.c.object, filter="equals", choices=some("object")),
            column("action", outbox.c.action, filter="equals", choices=some("action")),
            column("state", outbox.c.state, filter="equals", choices=some("state")),
            column("golden", mention.c.public_id),
            column("name", golden.c.name),
            column("remote_id", outbox.c.remote_id),
            column("fields", outbox.c.fields, told=lambda fields: _in_words(fields, known, head["target"])),
            column("code", outbox.c.code),
            column("message", outbox.c.message),
            column("number", outbox.c.id),
        ),
        select(outbox.c.id)
        .select_from(
            outbox.outerjoin(mention, mention.c.id == outbox.c.golden_id).outerjoin(
                golden, golden.c.id == outbox.c.golden_id
            )
        )
        .where(outbox.c.plan_id == head["id"], outbox.c.action != "skip"),
        outbox.c.id,
        "position",
    )


def _in_words(fields: Mapping[str, Mapping[str, Any]], known: Owners, target: str) -> str:
    """What a line changes, for a cell of an export."""

    def value(said: Any) -> str:
        text = plain(said) or texts()("plans.nothing-there")
        return text if known.recognised(said, target) is None else known.told(said, target)

    return "; ".join(f"{name}: {value(each['old'])} → {value(each['new'])}" for name, each in fields.items())


def plans_listing(hub: Hub) -> Listing:
    """All plans; what was only looked at is none."""
    t = texts()
    names = {each.name: each.name for each in hub.connections.values() if each.is_target}
    states = {name: t(f"plans.of.{name}") for name in ("open", "sealed", "applied", "stopped")}
    return Listing(
        "plans",
        (
            Column("made_at", "plans.column.made", plan.c.made_at, kind="moment", sort=True),
            Column("id", "plans.column.plan", plan.c.id, link=lambda row: f"/plans/{row['id']}"),
            Column("target", "plans.column.target", plan.c.target, filter="equals", choices=names),
            Column("state", "plans.column.state", plan.c.state, filter="equals", choices=states),
            Column("kind", "plans.column.kind", run.c.kind, words=lambda row: word(row["kind"], "runs.kind")),
            Column("calls", "plans.column.calls", plan.c.calls_estimated, kind="number"),
        ),
        select(plan.c.id).select_from(plan.join(run, run.c.id == plan.c.run_id)).where(is_no_draft()),
        plan.c.id,
        "-made_at",
    )
