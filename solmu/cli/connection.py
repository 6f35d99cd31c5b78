"""``solmu connection …``: adding a system, looking at what it offers, and trying it before anything is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_hub, the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, table

if TYPE_CHECKING:
    from pydantic import BaseModel

app = typer.Typer(
    help="Connections: the systems that this hub reads and writes.", no_args_is_help=True, rich_markup_mode=None
)

NameArgument = Annotated[str, typer.Argument(help="The connection.")]


@app.command()
def add(
    connector: Annotated[
        str | None, typer.Argument(help="The kind of system, such as spreadsheet or salesforce.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the connection.")] = None,
    direction: Annotated[str, typer.Option(help="source, target or both.")] = "source",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting; may be repeated.")
    ] = None,
    stream: Annotated[
        list[str] | None,
        typer.Option("--stream", metavar="NAME=MAPPING", help="A stream and its mapping; may be repeated."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="STREAM.KEY=VALUE", help="A setting of a stream; may be repeated."),
    ] = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Add a connection: asks for what is needed, writes commented YAML, and tries it at once."""
    from solmu.config import load_hub, write_connection
    from solmu.config.connectors import connector_class, connector_names

    loaded = the_hub(hub)
    chosen = connector or _ask(f"Kind of system ({', '.join(connector_names())})")
    found = connector_class(chosen)
    called = name or _ask("Name of the connection", default=chosen)
    settings = _settings(found.Settings, _pairs(setting, "--set"))
    document: dict[str, Any] = {"connector": chosen, "direction": direction, "settings": settings}
    document["streams"] = {each: {"mapping": mapping} for each, mapping in _pairs(stream, "--stream").items()}
    for place, value in _pairs(option, "--option").items():
        of, _, key = place.partition(".")
        document["streams"].setdefault(of, {})[key] = value
    comments = {"": f"{called}: {_first_line(found.__doc__)}"}
    comments |= {f"settings.{key}": text for key, text in _descriptions(found.Settings).items() if key in settings}
    path = write_connection(loaded, called, document, comments)
    again = load_hub(loaded.folder)
    notes = _check(again, called)
    if output is Format.JSON:
        print_json({"connection": called, "file": str(path), "notes": notes})
    else:
        out = console()
        out.print(f"wrote {path}", soft_wrap=True)
        _print_notes(called, notes)
        out.print(f"next: solmu connection discover {called}, then solmu connection preview {called}", soft_wrap=True)
    return 0


@app.command()
def check(name: NameArgument, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Make a real call with the least rights, and say which setting is wrong if one is."""
    notes = _check(the_hub(hub), name)
    if output is Format.JSON:
        print_json({"connection": name, "ok": True, "notes": notes})
    else:
        _print_notes(name, notes)
    return 0


@app.command()
def discover(name: NameArgument, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Show the streams that a system offers, with their fields."""
    from dataclasses import asdict

    from solmu.config.connectors import open_connector

    loaded = the_hub(hub)
    with open_connector(loaded, loaded.connection(name)) as connector:
        streams = list(connector.discover())
    if output is Format.JSON:
        print_json({"connection": name, "streams": [asdict(each) for each in streams]})
        return 0
    for info in streams:
        what = ["whole list" if info.full else "changes since", "writable" if info.writable else "read-only"]
        key = f", key {', '.join(info.key)}" if info.key else ""
        rows = [
            [
                each.name,
                each.type,
                each.label,
                "yes" if each.required else "",
                each.length or "",
                "yes" if each.custom else "",
            ]
            for each in info.fields
        ]
        table(f"{info.name} ({', '.join(what)}{key})", ["field", "type", "label", "required", "length", "custom"], rows)
    return 0


@app.command()
def preview(
    name: NameArgument,
    stream: Annotated[str | None, typer.Argument(help="One stream; all of them if left out.")] = None,
    rows: Annotated[int, typer.Option(help="How many rows to show.")] = 10,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Show rows as they would land, columns that are ignored, and rows that would be refused. Stores nothing."""
    from solmu.sync.preview import preview as look

    with the_store(hub) as (loaded, store):
        config = loaded.connection(name)
        chosen = [each for each in config.source_streams.values() if stream in (None, each.name)]
        if not chosen:
            raise typer.BadParameter(f"{name} reads no stream {stream!r}: {', '.join(config.source_streams) or 'none'}")
        documents = [look(loaded, store, config, each, rows=rows) for each in chosen]
    if output is Format.JSON:
        print_json({"previews": documents})
    else:
        for document in documents:
            _print_preview(document)
    return 0


@app.command()
def enable(
    name: NameArgument,
    off: Annotated[bool, typer.Option("--off", help="Leave the connection out of runs.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Let a connection take part in runs, or leave it out of them."""
    from solmu.config.edit import set_enabled

    loaded = the_hub(hub)
    if not off:
        _check(loaded, name)
    path = set_enabled(loaded.connection(name), not off)
    if output is Format.JSON:
        print_json({"connection": name, "enabled": not off, "file": str(path)})
    else:
        console().print(f"{name} {'is left out of runs' if off else 'takes part in runs'} from now on")
    return 0


@app.command()
def rekey(
    name: NameArgument,
    stream: Annotated[str, typer.Argument(help="The stream whose key in the YAML has changed.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would happen.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Change what a stream's rows are known by, keeping their history."""
    from solmu.sync.rekey import rekey as change

    with the_store(hub) as (loaded, store):
        config = loaded.connection(name)
        if stream not in config.source_streams:
            raise typer.BadParameter(f"{name} reads no stream {stream!r}: {', '.join(config.source_streams) or 'none'}")
        document = change(loaded, store, config, config.source_streams[stream], write=yes)
    if output is Format.JSON:
        print_json(document)
    else:
        out = console()
        out.print(
            f"{document['kept']} records keep their history under the new key, "
            f"{document['unmatched']} have no row in it, {document['clashing']} would clash",
            soft_wrap=True,
        )
        out.print("done" if document["written"] else "nothing was changed; say --yes to do it")
    return 0


def _check(hub: Any, name: str) -> list[str]:
    from solmu.config.connectors import open_connector

    with open_connector(hub, hub.connection(name)) as connector:
        return list(connector.check())


def _print_notes(name: str, notes: list[str]) -> None:
    out = console()
    out.print(f"[green]{name} works[/]")
    for note in notes:
        out.print(f"note: {note}", markup=False, soft_wrap=True)


def _print_preview(document: dict[str, Any]) -> None:
    out = console()
    where = f"{document['connection']}/{document['stream']}"
    out.print(
        f"[bold]{where}[/]: looked at {document['looked_at']} rows{' (there are more)' if document['more'] else ''}; "
        f"{len(document['refused'])} would be refused, {document['landed_before']} have landed before",
        soft_wrap=True,
    )
    if document["columns_ignored"]:
        out.print(
            f"columns that no mapping reads: {', '.join(document['columns_ignored'])}", markup=False, soft_wrap=True
        )
    rows = [
        [
            row["place"] or row["key"],
            mention["slot"],
            "; ".join(f"{k}: {_short(v)}" for k, v in mention["fields"].items()),
        ]
        for row in document["rows"]
        for mention in row["mentions"]
    ]
    table(None, ["row", "of", "what would land"], rows)
    if document["refused"]:
        refused = [
            [each["place"] or each["record"], each["field"], each["value"], each["message"], each["expected"]]
            for each in document["refused"][:10]
        ]
        table("Would be refused", ["row", "column", "value", "why", "expected"], refused)


def _short(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _ask(question: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        if default is not None:
            return default
        raise typer.BadParameter(f"without a terminal, this must be given: {question}")
    answer: str = typer.prompt(question, default=default)
    return answer


def _pairs(texts: list[str] | None, option: str) -> dict[str, Any]:
    from solmu.config.yaml import parse

    found: dict[str, Any] = {}
    for text in texts or ():
        key, sign, value = text.partition("=")
        if not sign:
            raise typer.BadParameter(f"{text!r} should read KEY=VALUE", param_hint=option)
        # Numbers, lists and true or false are written as in YAML; everything else is text.
        found[key] = parse(f"value: {value}\n", option)[0]["value"] if value[:1] in "[{0123456789tf" else value
    return found


def _settings(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """What was given, and whatever else the connector cannot do without, asked for one by one."""
    from pydantic import SecretStr

    settings = dict(given)
    for key, field in model.model_fields.items():
        if key in settings or not field.is_required():
            continue
        about = f"{key}: {field.description}" if field.description else key
        secret = SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ()))
        settings[key] = _ask(f"{about} (a secret: ${{NAME}} or file:///path)" if secret else about)
    return settings


def _descriptions(model: type[BaseModel]) -> dict[str, str]:
    return {key: field.description for key, field in model.model_fields.items() if field.description}


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
