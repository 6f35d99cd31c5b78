"""Previews and the history of changes, as a steward reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.cli.output import console, counted, table

_RECORDS = 4  # of a change that are named in a line
_ID = "public_id"


def print_preview(shown: Mapping[str, Any]) -> None:
    """What a change would do."""
    out = console()
    if shown["nothing"]:
        out.print("no golden record would change")
        for line in shown["because"]:
            out.print(line, markup=False, soft_wrap=True)
    for one in shown["golden"]:
        _print_golden(one)
    for what, title in (("taken_back", "These decisions are taken back"), ("put_back", "These are in force again")):
        if rows := [_decision(each) for each in shown["decisions"][what]]:
            table(title, ["decision", "who", "said", "one", "other"], rows)
    if shown["change"] == "undo" and (count := shown["decisions"]["recorded"]):
        they = counted(count, "decision is", "decisions are")
        out.print(f"{they} recorded in your name: that those are one whom only two records of the CRM would keep apart")
    if rows := [_remote(each) for each in shown["crm"]]:
        table("In the CRM, by the next plan", ["record", "stands for", "role", "changes"], rows)
    if rows := [[each["what"], each["count"], each["record"]] for each in shown["moves_along"]]:
        table("What moves along", ["what", "how many", "with"], rows)
    if rows := [[each["record"], each["field"], _text(each["value"]), each["at"]] for each in shown["edited_since"]]:
        table("Entered since by people, and kept", ["record", "field", "value", "when"], rows)
    for one in shown["rests_on"]:
        title = f"{one['records']} records share this {one['kind']}: {one['value']} (rule {one['rule']})"
        rows = [[each["pair"], each["name"], each["left"], each["right"]] for each in one["merges"]]
        table(f"The same evidence joined others too. {title}", ["pair", "golden record", "one", "other"], rows)
    if shown["hold"]:
        out.print(f"keep those apart too: {shown['hold']}", markup=False, soft_wrap=True)
    if shown["people_again"]:
        count = shown["people_again"]
        are = f"{count} records of people there are" if count > 1 else "a person's record there is"
        out.print(f"{are} compared again")
    if shown["waits"]:
        wait = f"{shown['waits']} records here wait" if shown["waits"] > 1 else "a record here waits"
        out.print(f"{wait} to be resolved, so there may be more to it: solmu run")


def print_done(document: Mapping[str, Any]) -> None:
    """What became of it."""
    out = console()
    if not document["done"]:
        out.print("nothing was done; do it with --yes")
        return
    out.print(f"done; take it back with: solmu undo {document['change']}")
    if not document["followed"]:
        out.print(document["why_not"])
    elif document["golden"]:
        out.print(f"now: {', '.join(document['golden'])}")


def print_history(document: Mapping[str, Any]) -> None:
    """Who did what."""
    if not document["changes"]:
        console().print("no changes")
        return
    rows = [
        [
            each["change"],
            each["at"].replace("T", " ").removesuffix("Z"),
            each["who"],
            _did(each),
            _whom(each["about"]),
            each["reason"],
            "" if each["in_force"] else "not in force",
        ]
        for each in document["changes"]
    ]
    table(None, ["change", "when", "who", "did", "about", "because", ""], rows)
    console().print("take one back: solmu undo CHANGE")


def _whom(about: Sequence[Mapping[str, Any]]) -> str:
    """Whom a change was made of: what is one golden record now was not when it was made."""
    records = [one for each in about for one in each["records"]]
    told = [f"{one['name']} ({one['record']})" if one["name"] else one["record"] for one in records[:_RECORDS]]
    return "; ".join([*told, f"and {len(records) - _RECORDS} more"] if len(records) > _RECORDS else told)


def _print_golden(one: Mapping[str, Any]) -> None:
    out = console()
    name = one["name"] or "without a name"
    if one["becomes"] == "gone":
        out.print(f"{name}, {one['golden_id']}, goes into {', '.join(one['into'])}", markup=False, soft_wrap=True)
        return
    new = ", new" if one["becomes"] == "new" else ""
    out.print(f"\n{name}, {one['golden_id']}{new}", markup=False, soft_wrap=True)
    rows = [[each["record"], each["slot"], each["from"] or ""] for each in one["mentions"]]
    table("Who speaks of it then", ["record", "slot", "comes from"], rows)
    rows = [[each["label"], _text(each["before"]), _text(each["after"]), each["source"]] for each in one["fields"]]
    if rows:
        table("Which values change", ["field", "before", "after", "source"], rows)


def _decision(each: Mapping[str, Any]) -> list[Any]:
    names = [each[side]["name"] or each[side]["golden_id"] for side in ("left", "right")]
    return [each["id"], each["who"], each["verdict"], *names]


def _remote(each: Mapping[str, Any]) -> list[Any]:
    changes = [f"{one['field']}: {_text(one['old'])} -> {_text(one['new'])}" for one in each["changes"]]
    changes += [f"{name}: a conflict, for you" for name in each["conflicts"]]
    role = each["role_after"] or each["state"]
    if each["role_before"] not in (None, role):
        role = f"{each['role_before']} -> {role}"
    where = f"{each['target']}/{each['object']}/{each['remote_id']}"
    return [where, each["golden_after"], role, "; ".join(changes)]


def _did(each: Mapping[str, Any]) -> str:
    said = " ".join([each["kind"], *each["said"]])
    if each["kind"] == "unpin":
        said += f" {', '.join(dict.fromkeys(one['field'] for one in each['pins'] if not one['set']))}"
    if each["undoes"]:
        said += f" of {', '.join(map(str, each['undoes']))}"
    elif each["kind"] == "undo" and each["decisions"]["ended"]:
        said += f" of decision {', '.join(map(str, each['decisions']['ended']))}"
    for one in each["pins"]:
        if one["set"] and one["field"] == _ID:
            said += f", keeping the id {one['value']}"
        elif one["set"]:
            until = f" until {one['until']}" if one["until"] else ""
            said += f" {one['field']} = {_text(one['value'])}{until}"
    return said


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
