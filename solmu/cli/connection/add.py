"""``solmu connection add``: in a conversation, or all on one line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.connection.shown import print_notes, print_preview
from solmu.cli.connection.terminal import Terminal, is_attended
from solmu.cli.opening import the_hub, the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from solmu.config import Hub
    from solmu.store import Store
    from solmu.sync.adding import NewConnection

_DIRECTIONS = ("source", "target", "both")
_ROWS = ("lead", "contact", "participant", "order")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(add)


def add(
    connector: Annotated[
        str | None, typer.Argument(help="The kind of system, such as spreadsheet or salesforce.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the connection.")] = None,
    direction: Annotated[str | None, typer.Option(help="source, target or both.", show_default="source")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting; may be repeated.")
    ] = None,
    stream: Annotated[
        list[str] | None,
        typer.Option(
            "--stream",
            metavar="NAME[=MAPPING]",
            help="A stream and its mapping; without one, the mapping is found or proposed. May be repeated.",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="STREAM.KEY=VALUE", help="A setting of a stream; may be repeated."),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="What a row is, if a mapping is proposed: lead, contact, participant or order."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: what is not said stays as it is by default.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Add a connection: asks for what is needed, tries it, shows ten rows as they would land, writes commented YAML."""
    from solmu.sync.adding import NewConnection

    loaded = the_hub(hub)
    terminal = Terminal() if is_attended() and not yes and output is Format.TEXT else None
    for what, value, known in (("--direction", direction, _DIRECTIONS), ("--rows", rows, _ROWS)):
        if value not in (None, *known):
            raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}", param_hint=what)
    kind = _connector(connector, terminal)
    called = _name(loaded, name, kind, terminal)
    with NewConnection(loaded, called, kind) as new, _store(loaded) as store:
        new.direction = _direction(new, direction, terminal)
        new.settings = _nested(pairs(setting, "--set", texts=_secrets(new.kind.Settings)))
        streams = pairs(stream, "--stream", bare=True)
        options = _by_stream(option)
        if terminal is not None:
            from solmu.cli.connection.dialogue import Dialogue

            dialogue = Dialogue(terminal, new, streams=streams, options=options, kind=rows)
            try:
                agreed = dialogue.run(store)
            except (KeyboardInterrupt, typer.Abort):
                terminal.say()
                terminal.say("Nothing was written.")
                return 130
            if not agreed:
                terminal.say("Nothing was written.")
                return 0
            return _written(new, dialogue.notes, [], dialogue.exports, output)
        from solmu.cli.connection.unattended import assemble

        notes = assemble(new, streams=streams, options=options, kind=rows)
        readable = [each for each in new.streams.values() if new.is_source and each.mapping]
        return _written(new, notes, [new.preview(each, store) for each in readable], [], output)


def _written(
    new: NewConnection, notes: list[str], previews: list[dict[str, Any]], exports: list[str], output: Format
) -> int:
    """Write it, and say what was written and what comes next."""
    from solmu.config.write import describe

    new.comments = describe(new.name, new.kind, new.settings)
    files = new.write()
    steps = _next(new, exports)
    if output is Format.JSON:
        print_json(
            {
                "connection": new.name,
                "file": str(files[0]),
                "files": [str(each) for each in files],
                "notes": notes,
                "previews": previews,
                "next": steps,
            }
        )
        return 0
    out = console()
    for preview in previews:
        print_preview(preview)
    if previews or not is_attended():
        print_notes(new.name, notes)
    out.print(f"wrote {', '.join(_within(new.hub, each) for each in files)}", markup=False, soft_wrap=True)
    for step in steps:
        out.print(f"next: {step}", markup=False, soft_wrap=True)
    return 0


def _next(new: NewConnection, exports: list[str]) -> list[str]:
    steps = [f"export {name}=…  # the same value, wherever runs are started" for name in exports[:1]]
    if not new.streams:
        return [*steps, f"solmu connection discover {new.name}  # then state its streams in the file"]
    if new.is_source:
        steps.append(f"solmu connection preview {new.name}  # again, after each change to the YAML")
        steps.append(f"solmu run --select {new.name}")
    else:
        steps.append(f"solmu plan {new.name}")
    if new.direction != "source":
        steps.append(f"solmu target arm {new.name}  # until then nothing is written to it")
    return steps


def _within(hub: Hub, path: Path) -> str:
    return str(path.relative_to(hub.folder)) if path.is_relative_to(hub.folder) else str(path)


@contextmanager
def _store(hub: Hub) -> Iterator[Store | None]:
    """The store, to look up who is known; none where nothing has landed in it yet."""
    from pathlib import Path

    from sqlalchemy import make_url

    url = make_url(hub.store_url)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        yield None
        return
    with the_store(str(hub.folder)) as (_, store):
        yield store


def _connector(given: str | None, terminal: Terminal | None) -> str:
    from solmu.config.connectors import connector_class, connector_names

    names = connector_names()
    if given is None and terminal is None:
        raise typer.BadParameter(
            f"without a terminal it must be said: one of {', '.join(names)}", param_hint="CONNECTOR"
        )
    if given is None:
        assert terminal is not None
        about = [f"{name}: {_first_line(connector_class(name).__doc__)}" for name in names]
        return names[terminal.choose("What kind of system is it?", about, None)]
    connector_class(given)
    return given


def _name(hub: Hub, given: str | None, connector: str, terminal: Terminal | None) -> str:
    from solmu.config.connections import NAME
    from solmu.errors import ConfigurationError

    default = next(
        name
        for name in (connector, *(f"{connector}-{number}" for number in range(2, 1000)))
        if name not in hub.connections
    )
    while True:
        name = given or (default if terminal is None else terminal.text("What shall it be called here?", default))
        problem = None
        if not NAME.fullmatch(name):
            problem = ConfigurationError(
                f"a connection cannot be called {name!r}", value=name, expected="letters, digits, - and _"
            )
        elif name in hub.connections:
            problem = ConfigurationError(
                f"there is a connection {name!r} already",
                code="connection-exists",
                file=str(hub.connections[name].file),
                expected="another name",
            )
        if problem is None:
            return name
        if given or terminal is None:
            raise problem
        terminal.warn(str(problem))


def _direction(new: NewConnection, given: str | None, terminal: Terminal | None) -> str:
    kind = new.kind
    possible = [
        each for each in _DIRECTIONS if (each == "target" or kind.can_read) and (each == "source" or kind.can_write)
    ]
    if given is not None and given not in possible:
        raise typer.BadParameter(f"{new.connector} can only be {', '.join(possible)}", param_hint="--direction")
    if given is not None or len(possible) == 1 or terminal is None:
        return given or possible[0]
    about = {"source": "it is read", "target": "it is written to", "both": "it is read and written to, as a CRM"}
    return possible[terminal.choose("Which way?", [f"{each}: {about[each]}" for each in possible], len(possible) - 1)]


def pairs(given: list[str] | None, option: str, *, bare: bool = False, texts: Collection[str] = ()) -> dict[str, Any]:
    """``KEY=VALUE`` as they stand on the command line; with ``bare`` a key may stand alone, and gets None. The values
    of ``texts`` are text whatever they look like."""
    from solmu.config.yaml import parse

    found: dict[str, Any] = {}
    for text in given or ():
        key, sign, value = text.partition("=")
        if not sign and not bare:
            raise typer.BadParameter(f"{text!r} should read KEY=VALUE", param_hint=option)
        # Numbers, lists and true or false are written as in YAML; everything else is text.
        plain = not sign or key in texts or value[:1] not in "[{0123456789tf"
        found[key] = (value or None) if plain and bare else value if plain else _yaml(parse, value, option)
    return found


def _secrets(model: type[BaseModel]) -> set[str]:
    from solmu.config.questions import questions

    return {each.key for each in questions(model) if each.kind == "secret"}


def _yaml(parse: Any, value: str, option: str) -> Any:
    return parse(f"value: {value}\n", option)[0]["value"]


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """``oauth.grant`` is the setting ``grant`` in the block ``oauth``."""
    settings: dict[str, Any] = {}
    for path, value in flat.items():
        *blocks, key = path.split(".")
        place = settings
        for block in blocks:
            place = place.setdefault(block, {})
            if not isinstance(place, dict):
                raise typer.BadParameter(f"{block!r} is no block", param_hint="--set")
        place[key] = value
    return settings


def _by_stream(option: list[str] | None) -> dict[str, dict[str, Any]]:
    streams: dict[str, dict[str, Any]] = {}
    for place, value in pairs(option, "--option").items():
        of, sign, key = place.partition(".")
        if not sign:
            raise typer.BadParameter(f"{place!r} should read STREAM.KEY=VALUE", param_hint="--option")
        streams.setdefault(of, {})[key] = value
    return streams


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
