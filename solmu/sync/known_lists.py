"""Which list that a hub remembers a file is: by its name, its columns, its partner and its event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.mappings import find_mapping
from solmu.config.yaml import load
from solmu.errors import ConfigurationError
from solmu.propose import Kind
from solmu.propose.document import RECORDS
from solmu.sync.layouts import layout, partner_of, slug, stop_if_changed

# What file managers and browsers add to the name of a copy, and Solmu to that of refused rows.
_COPY = re.compile(r"(?:-refused-\S+|\s*\(\d+\)|\s+-\s+copy)$", re.IGNORECASE)


def known_stream(
    hub: Hub,
    config: ConnectionConfig,
    path: Path,
    columns: Sequence[str],
    *,
    partner: str | None,
    event: str | None,
    kind: Kind | None,
    named: bool,
) -> StreamConfig | None:
    """The stream that has landed this list before; ``named`` if the user says which list it is.

    Raises Stopped if it is that list, and has lost columns, ConfigurationError if it is that list, and was brought in
    as another partner's, of another event, or as another kind of rows.
    """
    streams = [each for each in config.source_streams.values() if each.mapping]
    if named:
        # A list with a name is that list, whatever its columns are now.
        for stream in streams[:1]:
            stop_if_changed(stream, columns, connection=config.name, file=path.name)
            _must_be_of(hub, config.name, stream, partner=partner, event=event, path=path)
            _must_be(hub, stream, kind)
            return stream
        return None
    same = config.streams.get(slug(f"{path.stem} {partner or ''}"))
    for stream in streams:
        alike = set(layout(stream)) == set(columns) and partner_of(hub, str(stream.mapping)) == partner
        if alike and _is_of(hub, stream, event, path):
            _must_be(hub, stream, kind)
            return stream
    if same is None or not _is_of(hub, same, event, path):
        return None
    stop_if_changed(same, columns, connection=config.name, file=path.name)
    _must_be(hub, same, kind)
    return same


def event_called(path: Path) -> str:
    """What an event is called where no column names it: as its file is, without what marks a copy."""
    return " ".join(_COPY.sub("", path.stem).replace("_", " ").split())


def free_stream(config: ConnectionConfig, name: str) -> str:
    """The name of a stream that there is not yet: this one, or with a number."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(each for each in names if each not in config.streams)


def _stated(hub: Hub, mapping: str) -> dict[str, Any]:
    path = find_mapping(hub.folder, "sources", mapping)
    document = load(path)[0] if path else None
    return dict(document) if isinstance(document, Mapping) else {}


def event_of(hub: Hub, mapping: str) -> str | None:
    """The event that a mapping states for all its rows."""
    block = _stated(hub, mapping).get("activity")
    subject = block.get("subject") if isinstance(block, Mapping) else None
    stated = subject.get("const") if isinstance(subject, Mapping) else None
    return None if stated is None else str(stated)


def _is_of(hub: Hub, stream: StreamConfig, event: str | None, path: Path) -> bool:
    stated = event_of(hub, str(stream.mapping))
    return event is None if stated is None else stated == (event or event_called(path))


def _must_be_of(
    hub: Hub, name: str, stream: StreamConfig, *, partner: str | None, event: str | None, path: Path
) -> None:
    stated = partner_of(hub, str(stream.mapping))
    if partner not in (None, stated):
        raise ConfigurationError(
            f"the leads of {name} come from the partner {stated}"
            if stated
            else f"the mapping of {name} states no partner",
            connection=name,
            field="--partner",
            value=partner,
            expected="another name for the list of another partner: --save NAME",
        )
    if not _is_of(hub, stream, event, path):
        stated = event_of(hub, str(stream.mapping))
        raise ConfigurationError(
            f"{name} is the list of the event {stated!r}" if stated else f"the mapping of {name} states no event",
            connection=name,
            field="--event",
            value=event or event_called(path),
            expected=(f"--event {stated!r} if this is that event; " if stated else "")
            + "another name for the list of another event: --save NAME",
        )


def _must_be(hub: Hub, stream: StreamConfig, kind: Kind | None) -> None:
    record = _stated(hub, str(stream.mapping)).get("record")
    if kind is not None and record is not None and RECORDS[kind] != record:
        raise ConfigurationError(
            f"this list is known already, and the mapping {stream.mapping} takes each row for a {record}",
            file=str(find_mapping(hub.folder, "sources", str(stream.mapping))),
            field="--as",
            value=kind,
            expected=f"the mapping changed to `record: {RECORDS[kind]}`, or a list of its own: --save NAME",
        )


__all__ = ["event_called", "event_of", "free_stream", "known_stream"]
