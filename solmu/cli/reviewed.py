"""Pairs, cards and decisions, as a steward reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solmu.cli.output import console, counted, messages, table


def print_kept(sheet: Path | None) -> None:
    """Where a sheet with answers is now, since another one takes its name."""
    if sheet is not None:
        messages().print(f"the sheet that stood there holds answers; it is {sheet} now", markup=False, soft_wrap=True)


def print_list(document: Mapping[str, Any], *, narrowed: bool) -> None:
    """The queue, or what of it was asked for."""
    pairs, total = document["pairs"], document["total"]
    if not pairs:
        console().print("no pair is like that" if narrowed else "nothing waits")
    else:
        since = f", the oldest since {document['oldest']}" if document["oldest"] else ""
        rows = [
            [
                each["pair"],
                each["entity"],
                _one(each["left"]),
                _one(each["right"]),
                _likeness(each["probability"]),
                " ".join(filter(None, (each["sentence"], each["held"]))),
            ]
            for each in pairs
        ]
        table(f"{len(pairs)} of {total} pairs{since}", ["pair", "entity", "one", "other", "likeness", "why"], rows)
        console().print(f"look at one: solmu review show {pairs[0]['pair']}")
    if document["changed"]:
        console().print(f"{_decisions(document['changed'])} on evidence that changed: solmu review list --changed")


def print_card(card: Mapping[str, Any]) -> None:
    """One pair side by side."""
    out = console()
    left, right = card["left"], card["right"]
    out.print(
        f"[bold]{card['pair']}[/]  {card['entity']}, likeness {_likeness(card['probability'])}, band {card['band']}"
    )
    out.print(" ".join(filter(None, (card["sentence"], card["held"]))), markup=False, soft_wrap=True)
    if card["instead"]:
        out.print(f"another pair of the two is asked in its place: solmu review show {card['instead']}", markup=False)
    for name, side in (("one", left), ("other", right)):
        also = f"; with it {len(side['others'])} more: {', '.join(side['others'][:5])}" if side["others"] else ""
        protected = "; protected" if side["protected"] else ""
        out.print(f"{name}: {side['golden_id']}, {side['source']}{also}{protected}", markup=False, soft_wrap=True)
    marks = {True: "", False: "differs", None: "only one says"}
    rows = [
        [each["label"], _said(each["left"]), _said(each["right"]), marks[each["same"]], _since(each)]
        for each in card["fields"]
    ]
    table("\nSide by side (as received, where that reads otherwise)", ["field", "one", "other", "", "since"], rows)
    bars = [[bar["title"], bar["level"], f"{bar['weight']:+.1f}", _bar(bar["weight"])] for bar in card["bars"]]
    table("\nWhy (bits for it, or against)", ["what", "how they compare", "weight", ""], bars)
    if card["merged"]:
        rows = [
            [each["label"], _text(each["value"]), each["source"], _new_to(each["changes"])]
            for each in card["merged"]["fields"]
        ]
        table(f"\nIf they are the same: {card['merged']['golden_id']}", ["field", "value", "source", ""], rows)
    else:
        out.print("\nBoth are in one golden record now.")
    if card["decisions"]:
        print_decisions({"total": len(card["decisions"]), "decisions": card["decisions"]})
    else:
        out.print(f"\ndecide: solmu review decide {card['pair']} same|different|unsure|related", markup=False)


def print_decisions(document: Mapping[str, Any]) -> None:
    """Who decided what."""
    if not document["decisions"]:
        console().print("no decisions")
        return
    rows = [
        [
            each["id"],
            _moment(each["at"]),
            each["who"],
            each["verdict"],
            _called(each["left"]),
            _called(each["right"]),
            each["reason"],
            _state(each),
        ]
        for each in document["decisions"]
    ]
    title = f"{len(rows)} of {document['total']} decisions"
    table(title, ["decision", "when", "who", "said", "one", "other", "because", ""], rows)


def print_changed(document: Mapping[str, Any]) -> None:
    """Decisions whose evidence changed."""
    if not document["decisions"]:
        console().print("no decision rests on evidence that changed")
        return
    rows = [
        [
            each["id"],
            each["pair"],
            f"{each['who']} said {each['verdict']}",
            _called(each["left"]),
            _called(each["right"]),
            "; ".join(f"{one['title']}: was {one['was']}, is {one['now']}" for one in each["changed"]),
        ]
        for each in document["decisions"]
    ]
    of = f" (the first {len(rows)} here)" if len(rows) < document["total"] else ""
    title = f"{_decisions(document['total'])} on evidence that changed, and in force all the same{of}"
    table(title, ["decision", "pair", "what", "one", "other", "changed"], rows)
    console().print("take one back: solmu review undo DECISION")


def print_import(document: Mapping[str, Any]) -> None:
    """What became of a sheet."""
    out = console()
    out.print(
        f"{document['decided']} decided, {document['repeated']} said again, {document['blank']} left blank, "
        f"{len(document['meanwhile'])} decided otherwise meanwhile, {len(document['changed'])} changed since, "
        f"{len(document['refused'])} refused"
    )
    if document["decided"] and not document["followed"]:
        out.print(document["why_not"])
    if document["meanwhile"]:
        rows = [
            [each["row"], each["pair"], each["verdict"], f"{each['who']} said {each['said']} at {each['at']}"]
            for each in document["meanwhile"]
        ]
        table("Decided otherwise meanwhile; that stays", ["row", "pair", "the sheet says", "in force"], rows)
    if document["changed"]:
        rows = [[each["row"], each["pair"], each["message"]] for each in document["changed"]]
        table("Changed since the sheet was written; not decided: export anew", ["row", "pair", "why"], rows)
    if document["refused"]:
        rows = [
            [each["row"], each["pair"], each["value"], each["message"], each["expected"]]
            for each in document["refused"]
        ]
        table("Refused", ["row", "pair", "value", "why", "expected"], rows)


def _one(side: Mapping[str, Any]) -> str:
    place = ", ".join(filter(None, (side["city"], side["country"])))
    return f"{side['name'] or 'without a name'}{f' ({place})' if place else ''}\n{side['source']}"


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")


def _likeness(share: float) -> str:
    return "over 99.9%" if share > 0.999 else f"{share:.1%}"


def _decisions(count: int) -> str:
    return counted(count, "decision rests", "decisions rest")


def _called(side: Mapping[str, Any]) -> str:
    return f"{side['name'] or side['golden_id']}\n{side['source']}"


def _state(each: Mapping[str, Any]) -> str:
    if each["withdrawn"]:
        return f"withdrawn by {each['withdrawn']['who']}, {_moment(each['withdrawn']['at'])}"
    return "evidence changed" if each["changed"] else ""


def _said(side: Mapping[str, Any] | None) -> str:
    if side is None:
        return ""
    value = _text(side["value"])
    raw = " | ".join(_text(each) for each in side["raw"].values())
    echo = ""
    if side["echo"]:
        echo = f" [we wrote this; it said {_text(side['was'])}]" if side["was"] else " [we wrote this]"
    return value + echo + (f"\n<{raw}>" if raw and raw != value else "")


def _since(each: Mapping[str, Any]) -> str:
    return "\n".join(side["since"][:10] for side in (each["left"], each["right"]) if side)


def _text(value: Any) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    # What was received may hold what a terminal would obey.
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _bar(weight: float) -> str:
    return ("+" if weight > 0 else "-") * min(20, round(abs(weight)))


def _new_to(changes: Sequence[str]) -> str:
    names = {"left": "one", "right": "other"}
    return f"new to {' and '.join(names[each] for each in changes)}" if changes else ""
