"""``solmu status`` and ``solmu explain``: looking, without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from solmu.config import Hub


_CENTURY = 100 * 366 * 86_400  # seconds


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(explain)


def status(
    hub: HubOption = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            help="Exit 4 if within this time, such as 26h, no good run ended, or none with one of the connections."
        ),
    ] = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """What the hub holds, what waits for a person, and how the last run went."""
    from solmu.report.status import status as look

    seconds = seconds_of(max_age, "--max-age") if max_age else None
    with the_store(hub) as (loaded, store), store.read() as connection:
        document = look(connection, loaded, max_age=seconds)
    if output is Format.JSON:
        print_json(document)
    else:
        from solmu.cli.report import print_status

        print_status(document)
    return 4 if document["overdue"] else 0


def explain(
    what: Annotated[
        str, typer.Argument(help="An id, a CRM's id or address, an e-mail, a phone or order number, or a name.")
    ],
    field: Annotated[str | None, typer.Option(help="Only this field.")] = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Why a golden record is what it is: each value with its source and rule, each merge with its reason."""
    from solmu.errors import SolmuError
    from solmu.golden.explain import explain as explain_one
    from solmu.golden.find import find
    from solmu.golden.ties import ties
    from solmu.review.decided import decisions_on

    with the_store(hub) as (loaded, store), store.read() as connection:
        found = find(connection, what)
        if not found:
            raise SolmuError(
                f"nothing is known by {what!r}",
                code="not-found",
                value=what,
                expected="an id (org_… or per_…), a CRM's id or address (of a task or a deal, too), an e-mail address, "
                "a phone number, an order number, a business id, a source record (connection/stream/key) or a name",
            )
        documents = []
        for each in found:
            document = {"found_by": each.by, **explain_one(connection, each.golden_id, field=field)}
            if field is None:
                document |= ties(connection, each.golden_id)
                document["decisions"] = decisions_on(connection, loaded.settings.matching, each.golden_id)
            documents.append(document)
        if field is not None:
            documents = _having(field, documents, loaded)
    if output is Format.JSON:
        print_json(documents[0] if len(documents) == 1 else {"found": documents})
    elif len(documents) > 1:
        columns = ["id", "entity", "name", "mentions" if field is None else field]
        rows = [
            [each["golden_id"], each["entity"], each["name"],
             len(each["mentions"]) if field is None else _called(each["fields"][field])]
            for each in documents
        ]  # fmt: skip
        table(f"{len(documents)} found by {documents[0]['found_by']}", columns, rows)
    else:
        _print(documents[0])
    return 0


def _having(field: str, documents: list[dict[str, Any]], hub: Hub) -> list[dict[str, Any]]:
    """Those whose kind of customer has such a field."""
    from solmu.config.nearest import choice_of
    from solmu.errors import SolmuError
    from solmu.golden.rules import Rules
    from solmu.model import Entity

    fields = Rules.of_hub(hub).fields
    entities = {each["entity"] for each in documents}
    having = {each for each in entities if field in fields[Entity(each)]}
    if not having:
        known = sorted({name for each in entities for name in fields[Entity(each)]})
        raise SolmuError(
            f"no field is called {field!r}", code="no-field", field=field, expected=choice_of(field, known)
        )
    return [each for each in documents if each["entity"] in having]


def _print(document: Mapping[str, Any]) -> None:
    from rich.markup import escape

    out = console()
    name = escape(document["name"] or "without a name")
    out.print(f"[bold]{name}[/]  {document['golden_id']}  ({document['state']})")
    if document.get("aliases"):
        out.print(f"also known as {', '.join(document['aliases'])}")
    rows = [
        [name, _called(each), each["rule"], _source(each), each["since"]] for name, each in document["fields"].items()
    ]
    table("What we believe, and why", ["field", "value", "rule", "source", "dated"], rows)
    out.print("dated: by the record itself, where it says when it changed; else by when it was read")
    others = [
        [name, _called(other), _source(other), "echo" if other["echo"] else ""]
        for name, each in document["fields"].items()
        for other in each["others"]
        if other["value"] != each["value"]
    ]
    if others:
        table("What others say", ["field", "value", "source", ""], others)
    if any(each.get("gone") for field in document["fields"].values() for each in (field, *field["others"])):
        out.print("gone: that record is there no more; what it said counts where nobody says anything now")
    if "mentions" in document:
        _print_around(document)


def _print_around(document: Mapping[str, Any]) -> None:
    """Who speaks of it, why they are together, and where it is: what is said of it as a whole."""
    rows = [
        [
            f"{each['connection']}/{each['stream']}/{each['key']}",
            each["slot"],
            each["state"],
            each["why"],
            each["since"],
        ]
        for each in document["mentions"]
    ]
    table("Who speaks of it", ["record", "slot", "state", "linked because of", "linked since"], rows)
    _print_ties(document)
    if document["pairs"]:
        rows = [
            [each["left"], each["right"], each["band"], each["rule"], _sentence(each["explanation"])]
            for each in document["pairs"]
        ]
        table("Why they are taken for the same", ["one", "other", "band", "rule", "in words"], rows)
    if document["decisions"]:
        from solmu.cli.reviewed import print_decisions

        print_decisions({"total": len(document["decisions"]), "decisions": document["decisions"]})
    if document["remotes"]:
        rows = [
            [each["target"], each["object"], each["remote_id"], each["state"], each["role"], _text(each["cleared"])]
            for each in document["remotes"]
        ]
        columns = ["target", "object", "id", "state", "role", "cleared there"]
        table("Where it is (only the primary record is written to)", columns, rows)
    if document["conflicts"]:
        rows = [
            [f"{each['target']}/{each['object']}/{each['remote_id']}", each["field"], _text(each["hub"]),
             _text(each["there"]), each["since"]]
            for each in document["conflicts"]
        ]  # fmt: skip
        table("What waits for you to decide", ["record", "field", "here", "there", "since"], rows)


def _print_ties(document: Mapping[str, Any]) -> None:
    there = document["entity"] == "organisation"
    _print_affiliations("Who works there" if there else "Where they work", document["affiliations"])
    title = "Who worked there before" if there else "Where they worked before"
    _print_affiliations(title, document["past_affiliations"])
    if document["relations"]:
        rows = [
            [_other_end(each), f"has this as its {each['kind']}" if each["of_the_other"] else f"its {each['kind']}",
             each["source"]]
            for each in document["relations"]
        ]  # fmt: skip
        table("How it is related", ["to", "as", "record"], rows)


def _print_affiliations(title: str, some: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [_other_end(each), each["job_title"], each["since"] or _read(each["named"]),
         each["until"] or _read(each["ended"]), each["source"]]
        for each in some
    ]  # fmt: skip
    if rows:
        table(title, ["who", "job title", "since", "until", "record"], rows)
    if any(text and text.startswith("(") for row in rows for text in row[2:4]):
        console().print("(in brackets: when the record was first read to say so, or to say so no more)")


def _read(moment: str | None) -> str | None:
    return f"({moment[:10]})" if moment else None


def _other_end(each: Mapping[str, Any]) -> str:
    if each["golden_id"] is None:
        return f"{each['reference']} (not here yet)"
    return f"{each['name'] or 'without a name'}\n{each['golden_id']}"


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _source(said: Mapping[str, Any]) -> str | None:
    """Where a value is from, and whether that is there still; of a pin also until when it holds and why it was set."""
    source: str | None = f"{said['source']} (gone)" if said.get("gone") else said["source"]
    pin = said.get("pin")
    if source is None or not pin:
        return source
    until = f" until {pin['until']}" if pin["until"] else ""
    return f"{source}{until}: {pin['reason']}" if pin["reason"] else source + until


def _called(said: Mapping[str, Any]) -> str:
    """A value, after the name of whom it stands for."""
    text = _text(said["value"])
    return f"{said['name']} ({text})" if "name" in said else text


def _sentence(explanation: Any) -> str:
    return str(explanation.get("sentence", "")) if isinstance(explanation, dict) else ""


def seconds_of(text: str, option: str) -> float:
    """A length of time such as 26h, in seconds."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = text[:-1], text[-1:]
    # Nothing is older than that; and a number without end is no time that the store could be asked for.
    if unit not in units or not number.replace(".", "", 1).isdigit() or float(number) * units[unit] > _CENTURY:
        raise typer.BadParameter(f"{text!r} is no length of time such as 26h or 90m", param_hint=option)
    return float(number) * units[unit]
