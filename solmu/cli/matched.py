"""Difference reports, model versions, calibrations and look-ups, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.cli.output import console, counted, table


def print_difference(report: Mapping[str, Any]) -> None:
    """What matching everything anew would change."""
    out = console()
    by = "the model in force" if report["version"] == report["in_force"] else f"{report['in_force']} is in force"
    out.print(f"[bold]{report['mentions']} mentions matched anew[/] by {report['version']} ({by})")
    if report["waiting"]:
        out.print(f"{report['waiting']} mentions wait to be matched; what they change is counted here, too")
    rows = [
        [
            entity,
            _counted(each["gained"]),
            _counted(each["lost"]),
            _counted(each["moved"]),
            each["rescored"],
            each["unchanged"],
            report["clusters"][entity]["merge"]["count"],
            report["clusters"][entity]["split"]["count"],
        ]
        for entity, each in report["pairs"].items()
    ]
    columns = ["entity", "pairs gained", "lost", "moved", "other weight", "as before", "would merge", "would split"]
    table("What would differ", columns, rows)
    for entity, each in report["clusters"].items():
        for name, title in (("merge", "would come together"), ("split", "would come apart")):
            rows = [
                [one["golden_id"], one["name"], "; ".join(_called(other) for other in one["with"])]
                for one in each[name]["examples"]
            ]
            if rows:
                table(f"\n{entity}s that {title}: {each[name]['count']}", ["id", "name", "with"], rows)
    for entity, each in report["splink"].items():
        out.print(f"\n{entity}: Splink scored {each['scored']} candidates; {each['stored']} stored weights agree")
        if each["crowded"]:
            keys, them = counted(each["crowded"], "key is", "keys are"), "it" if each["crowded"] == 1 else "them"
            out.print(
                f"  {keys} held by too many to be compared; behind {them} {each['likely']} likely "
                f"pairs in {each['behind']} comparisons"
                + (f" ({each['left_behind']} larger keys were not looked behind)" if each["left_behind"] else "")
            )
        for key, size, count in each["keys"][:5]:
            out.print(f"  {key}: {size} mentions, {count} likely pairs", markup=False)
    if "applied" in report:
        applied = report["applied"]
        out.print(
            f"\napplied: {applied['marked']} mentions were "
            + ("matched anew" if applied["done"] else "marked and not matched yet; the next run does: solmu run")
        )
        for problem in applied["problems"]:
            out.print(problem["message"], markup=False)
    else:
        out.print("\nnothing was changed; to take it over: the same with --apply")


def print_versions(versions: Sequence[Mapping[str, Any]]) -> None:
    """The model versions; below them what each is worth, since a version's name must stay in one piece."""
    rows = [
        [
            each["version"],
            "in force" if each["active"] else "",
            each["kind"],
            (each["made"] or "")[:10],
            entity,
            one["ask"],
            "only ask" if one["same"] is None else round(one["same"], 2),
        ]
        for each in versions
        for entity, one in each["entities"].items()
    ]
    columns = ["version", "", "kind", "made", "entity", "asked from", "merged from"]
    table("Models", columns, rows)
    for each in versions:
        for entity, one in each["entities"].items():
            line = f"{each['version']}, {entity}: {_figures(one)}"
            console().print(line, markup=False, soft_wrap=True)


def print_calibration(document: Mapping[str, Any]) -> None:
    """What the answers prove."""
    out = console()
    out.print(f"[bold]{document['entity']}[/] by {document['version']}: {document['state']}")
    out.print(
        f"{document['answers']} of about {document['about']} answers; {document['drawn']} pairs were drawn, "
        f"{document['unanswered']} of them wait"
    )
    if document["audit"] is not None:
        for name in ("pairs", "clusters"):
            one = document["audit"][name]
            out.print(
                f"from weight {document['threshold']:.2f} on, {one['answers'] - one['errors']} of {one['answers']} "
                f"{name} were right: at least {one['low']:.2%}, promised {document['promised']:.2%}"
            )
        out.print(f"{document['joins']} pairs would merge, or have merged, by it")
    if document["state"] != "proven":
        out.print(_what_lacks(document), soft_wrap=True)
    for warning in document["warnings"]:
        out.print(f"warning: {warning}", markup=False, soft_wrap=True)
    if "applied" in document:
        applied = document["applied"]
        out.print(f"applied as {applied}" if applied else "nothing was applied: nothing is proven that is not in force")
    elif document["state"] == "proven" and document["in_force"] is None:
        out.print("to let scores merge from there on: solmu match calibrate --apply")


def _what_lacks(document: Mapping[str, Any]) -> str:
    """Why there is no proof, and what would help."""
    if document["state"] == "broken":
        return "new answers break the promise: the next run takes the threshold back, or --apply does it now"
    more = "solmu review list has those that wait" if document["unanswered"] else "solmu match sample draws more"
    if document["audit"] is not None:
        return f"some {document['lacking']} more from there on, all of them right, would prove it; {more}"
    if document["fixing"] >= document["fixing_needed"]:
        return f"no threshold keeps the promise among the {document['fixing']} answers that one is fixed on; {more}"
    return (
        f"too few answers yet to fix a threshold on: {document['fixing']} of {document['fixing_needed']}, which are "
        f"one in ten of the drawn ones, and those that were picked; {more}"
    )


def print_sample(document: Mapping[str, Any]) -> None:
    """What was drawn."""
    out = console()
    population = ", ".join(f"{count} {name} the threshold" for name, count in document["population"].items())
    out.print(f"[bold]{document['entity']}[/]: {len(document['pairs'])} pairs drawn, from {population}")
    if len(document["pairs"]) < document["asked"]:
        out.print(
            "there are no others to draw: only keys merge by themselves, and scores ask, until more pairs are alike"
        )
    for pair in document["pairs"]:
        out.print(f"  solmu review show {pair}")


def print_answer(answer: Mapping[str, Any]) -> None:
    """Whether a record exists already."""
    out = console()
    told = [("organisation", answer["organisation"])] if answer["organisation"] else []
    told += [("person", each) for each in answer["people"]]
    for entity, each in told:
        says = {"same": f"known: {each['golden_id']}", "ask": "a person must tell", "new": "nobody known"}
        out.print(f"[bold]{entity}[/] {says[each['verdict']]}")
        rows = [
            [one["golden_id"], one["name"], one["band"], one["rule"], one["weight"], one["sentence"], _where(one)]
            for one in each["candidates"]
        ]
        if rows:
            table(None, ["id", "name", "band", "rule", "weight", "why", "in the CRM"], rows)
        if each["crowded"]:
            out.print(f"not looked behind: {', '.join(each['crowded'])}, which too many hold", markup=False)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _called(one: Mapping[str, Any]) -> str:
    return f"{one['name']} ({one['golden_id']})" if one["name"] else str(one["golden_id"])


def _figures(one: Mapping[str, Any]) -> str:
    calibration, figures = one["calibration"], one["figures"]
    if calibration and calibration["audit"]:
        low = calibration["audit"]["pairs"]["low"]
        return f"{calibration['state']}: at least {low:.2%} right, {calibration['answers']} answers"
    if "figures_on_another_seed" in figures:
        measured = figures["figures_on_another_seed"]
        return f"synthetic data: precision {measured['precision']:.2%}, recall {measured['recall']:.2%}"
    doubts = list(figures.get("doubtful") or ())
    doubts += [f"{' and '.join(one['comparisons'])} say much the same" for one in figures.get("correlated") or ()]
    return f"trained on {figures.get('mentions', 0)} mentions" + (f"; doubtful: {'; '.join(doubts)}" if doubts else "")


def _where(one: Mapping[str, Any]) -> str:
    return "\n".join(f"{each['target']} {each['url'] or each['remote_id']}" for each in one["remotes"])
