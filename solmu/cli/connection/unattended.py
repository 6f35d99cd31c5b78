"""``solmu connection add`` without anybody to ask: what is not on the command line and has no default is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from solmu.sync.adding import NewConnection, NewStream


def assemble(
    new: NewConnection,
    *,
    streams: Mapping[str, str | None],
    options: Mapping[str, Mapping[str, Any]],
    kind: str | None,
) -> list[str]:
    """Complete ``new`` from the command line, and try it; gives the notes of its check.

    Raises ``typer.BadParameter`` that names the option to add, and what the connector raises.
    """
    from solmu.sync.adding import NewStream

    _must_have(new.kind.Settings, new.settings, "--set", "")
    new.streams = {name: NewStream(name, name, dict(options.get(name, {})), streams.get(name)) for name in streams}
    for name in options:
        new.streams.setdefault(name, NewStream(name, name, dict(options[name])))
    model = new.kind.StreamSettings
    if any(_open(model, each.options) for each in new.streams.values()):
        starts = {info.name: start for info, start in new.offered()}
        for each in new.streams.values():
            start = starts.get(each.name, {})
            each.options = {key: start[key] for key in _open(model, each.options) if key in start} | each.options
    for each in new.streams.values():
        _must_have(model, each.options, "--option", f"{each.name}.")
    notes = new.check()
    for each in new.streams.values():
        if each.mapping is None:
            notes += _find_mapping(new, each, kind)
    return notes


def _find_mapping(new: NewConnection, stream: NewStream, kind: str | None) -> tuple[str, ...]:
    """Give the stream the mapping that fits best; gives what is to be said of it."""
    from solmu.sync.fitting import fitting

    found = []
    if new.direction == "source":
        samples, _ = new.sample(stream)
        found = fitting(new, stream, samples, kind=kind or new.kind.rows_are)  # type: ignore[arg-type]
    if not found:
        raise typer.BadParameter(
            f"no mapping fits {stream.name}, and none can be proposed: name one",
            param_hint=f"--stream {stream.name}=MAPPING",
        )
    stream.mapping, stream.text = found[0].name, found[0].text
    return found[0].notes


def _open(model: type[BaseModel], answers: Mapping[str, Any]) -> list[str]:
    """What the connector is asked to propose: all that is required, and the key, without which rows have no name."""
    wanted = ["key"] if "key" in model.model_fields and not answers else []
    return [*_missing(model, answers), *wanted]


def _missing(model: type[BaseModel], answers: Mapping[str, Any]) -> list[str]:
    from solmu.config.questions import questions

    return [each.key for each in questions(model) if each.required and each.key not in answers]


def _must_have(model: type[BaseModel], answers: Mapping[str, Any], option: str, prefix: str) -> None:
    from solmu.config.questions import questions

    missing = [each for each in questions(model) if each.required and each.key not in answers]
    if missing:
        about = f": {missing[0].about}" if missing[0].about else ""
        raise typer.BadParameter(
            f"{prefix}{missing[0].key} is missing{about}", param_hint=f"{option} {prefix}{missing[0].key}=…"
        )
