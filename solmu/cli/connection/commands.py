"""``solmu connection …``: looking at connections that exist, and switching them on and off."""

from __future__ import annotations

from typing import Annotated

import typer

from solmu.cli.connection.shown import print_notes, print_preview
from solmu.cli.opening import the_hub, the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, table

NameArgument = Annotated[str, typer.Argument(help="The connection.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (check, discover, preview, login, enable, rekey):
        app.command()(command)


def check(name: NameArgument, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Make a real call with the least rights, and say which setting is wrong if one is."""
    from solmu.sync.trying import checked

    notes = checked(the_hub(hub), name)
    if output is Format.JSON:
        print_json({"connection": name, "ok": True, "notes": notes})
    else:
        print_notes(name, notes)
    return 0


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
            print_preview(document)
    return 0


def enable(
    name: NameArgument,
    off: Annotated[bool, typer.Option("--off", help="Leave the connection out of runs.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Let a connection take part in runs, or leave it out of them."""
    from solmu.config.edit import set_enabled
    from solmu.sync.trying import checked

    loaded = the_hub(hub)
    if not off:
        checked(loaded, name)
    path = set_enabled(loaded.connection(name), not off)
    if output is Format.JSON:
        print_json({"connection": name, "enabled": not off, "file": str(path)})
    else:
        console().print(f"{name} {'is left out of runs' if off else 'takes part in runs'} from now on")
    return 0


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


def login(
    name: NameArgument,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Log in once, in a browser, for a connection that needs it; shows where, and with which code."""
    from solmu.cli.output import messages
    from solmu.config.connectors import open_connector

    loaded = the_hub(hub)
    # In JSON the document is for the end, so the code is told beside it.
    out = console() if output is Format.TEXT else messages()
    with open_connector(loaded, loaded.connection(name)) as connector:
        connector.log_in(lambda text: out.print(text, markup=False, soft_wrap=True))
    if output is Format.JSON:
        print_json({"connection": name, "logged_in": True})
    else:
        out.print("Logged in.")
    return 0
