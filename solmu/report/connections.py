"""How the connections stand: what each does, how its last run went, and since when it has been silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from solmu.config import ConnectionConfig, Hub
from solmu.store.tables import cursor, run, run_count
from solmu.sync.arm import arming
from solmu.sync.outbox import OWN_HOLDS

NIGHTS = 30
"""Runs that are looked back at for the last outcome, and as many small ones between them."""
SILENCE = 400
"""Runs that are looked back at for when something came last."""

_CAME = ("new", "changed", "deleted")


@dataclass(frozen=True, slots=True)
class StreamStand:
    """One stream. ``counts`` are those of the last run that had it, ``at`` when that was. ``came``: when it brought
    something new last, in microseconds; None where no run that was looked at saw any."""

    name: str
    direction: str
    mapping: str | None
    counts: Mapping[str, int] | None
    at: int | None
    came: int | None


@dataclass(frozen=True, slots=True)
class ConnectionStand:
    """One connection. ``health``: off · never · bad · warn · good. ``problem`` is what its last run said of it;
    ``sent`` what that run did in it, if it is a target."""

    name: str
    connector: str
    direction: str
    enabled: bool
    armed: bool | None
    health: str
    problem: Mapping[str, Any] | None
    last: int | None
    succeeded: int | None
    sent: Mapping[str, int] | None
    streams: tuple[StreamStand, ...]


def connections_stand(connection: Connection, hub: Hub) -> list[ConnectionStand]:
    """All of them, by name. Bounded: reads a fixed number of runs, whatever the store holds."""
    runs = _runs(connection)
    came = _came(connection)
    query = select(cursor.c.connection, func.max(cursor.c.updated_at)).group_by(cursor.c.connection)
    read = {row[0]: row[1] for row in connection.execute(query)}
    return [_stand(connection, each, runs, came, read.get(name)) for name, each in sorted(hub.connections.items())]


def failing(connection: Connection, hub: Hub) -> list[ConnectionStand]:
    """Those with which the last run that had to do with them could not work to its end."""
    return [each for each in connections_stand(connection, hub) if each.enabled and _failed(each.problem)]


def _failed(problem: Mapping[str, Any] | None) -> bool:
    """Whether a problem is one of the whole connection. A field that is left alone stops nothing else."""
    return problem is not None and problem["code"] not in OWN_HOLDS


def _stand(
    connection: Connection,
    config: ConnectionConfig,
    runs: Sequence[Row[Any]],
    came: Mapping[str, int],
    read: int | None,
) -> ConnectionStand:
    had = [each for each in runs if _had(each.report, config)]
    last = had[0] if had else None
    problem = None if last is None else _problem(last.report, config.name)
    went_well = (each.finished for each in had if not _failed(_problem(each.report, config.name)))
    # A run that failed may have read some of it: when it was read says something only where no run is known.
    succeeded = next(went_well, None if had else read)
    streams = tuple(_stream(config, name, had, came) for name in config.streams)
    targets = [each for each in had if config.name in each.report.get("targets", {})] if config.is_target else []
    return ConnectionStand(
        name=config.name,
        connector=config.connector,
        direction=config.direction,
        enabled=config.enabled,
        armed=arming(connection, config.name).armed if config.is_target else None,
        health=_health(config, last, problem, streams),
        problem=problem,
        last=None if last is None else last.finished,
        succeeded=succeeded,
        sent=targets[0].report["targets"][config.name] if targets else None,
        streams=streams,
    )


def _stream(config: ConnectionConfig, name: str, had: Sequence[Row[Any]], came: Mapping[str, int]) -> StreamStand:
    stream, path = config.streams[name], f"{config.name}/{name}"
    last = next((each for each in had if path in each.report.get("streams", {})), None)
    return StreamStand(
        name=name,
        direction=stream.direction or config.direction,
        mapping=stream.mapping,
        counts=None if last is None else last.report["streams"][path],
        at=None if last is None else last.finished,
        came=came.get(path),
    )


def _health(
    config: ConnectionConfig,
    last: Row[Any] | None,
    problem: Mapping[str, Any] | None,
    streams: Sequence[StreamStand],
) -> str:
    if not config.enabled:
        return "off"
    if last is None:
        return "never"
    if problem is not None:
        return "bad"
    return "warn" if any(each.counts and each.counts.get("refused") for each in streams) else "good"


def _had(report: Mapping[str, Any], config: ConnectionConfig) -> bool:
    """Whether that run had to do with the connection."""
    mine = f"{config.name}/"
    return (
        any(path.startswith(mine) for path in report.get("streams", {}))
        or _problem(report, config.name) is not None
        or bool(report.get("targets", {}).get(config.name, {}).get("planned"))
    )


def _problem(report: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    problems: Sequence[Mapping[str, Any]] = report.get("problems", ())
    return next((each for each in problems if each.get("connection") == name), None)


def _runs(connection: Connection) -> list[Row[Any]]:
    """The newest nights and the newest small runs, newest first."""
    found: list[Row[Any]] = []
    for kind in (run.c.kind == "run", run.c.kind != "run"):
        query = select(run.c.started, run.c.finished, run.c.report).where(
            kind, run.c.finished.is_not(None), run.c.report.is_not(None)
        )
        found += connection.execute(query.order_by(run.c.started.desc()).limit(NIGHTS)).all()
    return sorted(found, key=lambda each: -each.started)


def _came(connection: Connection) -> dict[str, int]:
    """{connection/stream: when it brought something new last}."""
    newest = select(run.c.id, run.c.started).order_by(run.c.started.desc()).limit(SILENCE).subquery()
    query = (
        select(run_count.c.name, func.max(newest.c.started))
        .join(newest, newest.c.id == run_count.c.run_id)
        .where(
            run_count.c.section == "streams",
            or_(*(run_count.c.counter == counter for counter in _CAME)),
            run_count.c.value > 0,
        )
        .group_by(run_count.c.name)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
