"""Refused rows that a person puts right: mended in place, tried again, or dismissed with a reason.

A mended row is a version of its own beside the one that was received, which stays as it is; its place says who mended
it. The record keeps the hash of what was received: the source may send the same row every night, and the correction
stands. As soon as the source says something else of it, that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.exchange import error_in
from solmu.mapping.values import Mapped
from solmu.report.quarantine import DISMISSED, WAITING, Document, Which, refused_row
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash, pack
from solmu.store.sql import chunks
from solmu.store.tables import quarantine, source_record, source_version
from solmu.sync import ledger
from solmu.sync.retry import refused_in, replay_quarantine
from solmu.sync.run import Run, Tell, begin, finish, mapping_of, resolve, silent, to_the_end

MENDED = "mended"
"""The outcome of a version that a person made."""

KIND = "mend"
"""The kind of the runs that mended rows and replays are landed by."""


def corrected(payload: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """The payload with the columns in ``texts`` as somebody typed them. Pure.

    A text that is how the value is shown leaves it as it is. A number stays one where the text is one; what was not
    there and is left blank stays away.
    """
    made = dict(payload)
    for name, text in texts.items():
        old = payload.get(name)
        text = text.replace("\r\n", "\n")  # as browsers send what had either
        if text != as_text(old).replace("\r\n", "\n"):
            made[name] = _like(old, text)
    return made


def as_text(value: Any) -> str:
    """How a value of a row is typed."""
    if value is None:
        return ""
    if (error := error_in(value)) is not None:
        return error
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_typed(value: Any) -> bool:
    """Whether somebody can type such a value into one line; lists and documents within a row stay as they are."""
    return error_in(value) is not None or not isinstance(value, dict | list)


def _like(old: Any, text: str) -> Any:
    if isinstance(old, bool):
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    for kind in (int, float):
        if isinstance(old, kind):
            try:
                return kind(text)
            except ValueError:
                continue
    return text


def mapped(hub: Hub, row: Mapping[str, Any], payload: Mapping[str, Any]) -> Mapped:
    """What a refused row would say with this payload. Raises Skippable where it would be refused again, and
    ConfigurationError where nothing reads its stream any more."""
    config = hub.connection(row["connection"])
    stream = config.source_streams.get(row["stream"])
    if stream is None:
        raise config.error(
            ("streams",), f"the stream {row['stream']} is no longer read", expected="the stream in its connection"
        )
    return mapping_of(hub, config, stream).map(payload, connection=config.name)


def mend(
    hub: Hub, store: Store, number: int, payload: Mapping[str, Any], *, who: str, tell: Tell = silent
) -> dict[str, Any]:
    """Put ``payload`` in the place of a refused row, and make mentions of it; gives the run report.

    Raises SolmuError(code="moved") where the row does not wait any more or the source has sent another one since, and
    Skippable where it would be refused again: nothing is stored then.
    """
    with store.read() as connection:
        row = _still_waiting(refused_row(connection, number))
    mapped(hub, row, payload)
    run = begin(hub, store, kind=KIND, tell=tell, detail={"quarantine": number, "who": who})
    with to_the_end(run):
        with store.write() as connection:
            _land(connection, _still_waiting(refused_row(connection, number)), payload, run.id, who)
        _follow(run, {(row["connection"], row["stream"]): [row["record"]]})
    return finish(run, quiet=True)


def replay(
    hub: Hub, store: Store, records: Mapping[tuple[str, str], Collection[int]], *, who: str, tell: Tell = silent
) -> dict[str, Any]:
    """Try these records again, by connection and stream, as ``solmu retry --quarantine`` does with all.

    Gives the run report, with ``retry`` as that has it.
    """
    rows = sum(map(len, records.values()))
    run = begin(hub, store, kind="retry", tell=tell, detail={"rows": rows, "who": who})
    with to_the_end(run):
        _follow(run, records)
    report = finish(run, quiet=True)
    return {**report, "retry": {"rows": rows, "refused_again": run.refused_again}}


def dismiss(connection: Connection, which: Which | int, *, reason: str, who: str, now: int) -> int:
    """Put waiting rows aside, one by its number or all of a kind, for a reason that the audit keeps; gives how many.

    They stay refused, and are counted so, but nobody is asked any more. What a record said before stays in force. A row
    whose source sends something else waits again if that is refused too.
    """
    if not reason.strip():
        raise SolmuError("a row is dismissed for a reason", code="reason", field="reason", expected="a few words")
    ids = [which] if isinstance(which, int) else _waiting_ids(connection, which)
    done = 0
    for some in chunks(ids):
        values = {"state": DISMISSED, "until": now}
        these = (quarantine.c.id.in_(some), quarantine.c.state == WAITING)
        done += connection.execute(update(quarantine).where(*these).values(values)).rowcount
    subject = f"quarantine:{which}" if isinstance(which, int) else "quarantine"
    detail = {"reason": reason.strip(), "rows": done, **({} if isinstance(which, int) else which.as_dict())}
    if done:
        ledger.note(connection, what="row dismissed", subject=subject, detail=detail, now=now, who=who)
    return done


def take_up_again(connection: Connection, number: int, *, who: str, now: int) -> None:
    """Let a dismissed row wait again. Raises SolmuError(code="moved") where something came after it."""
    row = refused_row(connection, number)
    record = connection.scalar(select(source_record.c.state).where(source_record.c.id == row["record"]))
    if row["state"] != DISMISSED or not row["newest"] or record != "refused":
        raise _moved(row)
    connection.execute(update(quarantine).where(quarantine.c.id == number).values(state=WAITING, until=None))
    ledger.note(connection, what="row taken up again", subject=f"quarantine:{number}", detail={}, now=now, who=who)


def _follow(run: Run, records: Mapping[tuple[str, str], Collection[int]]) -> None:
    replay_quarantine(run, records)
    run.refused_again = refused_in(run)
    run.tell("rows", sum(map(len, records.values())))
    resolve(run)


def _land(connection: Connection, row: Document, payload: Mapping[str, Any], run_id: str, who: str) -> None:
    received = connection.execute(select(source_version).where(source_version.c.id == row["version"])).one()
    now, text = time.now(), canonical(dict(payload))
    where = f"{received.place}, " if received.place else ""
    version = {
        "record_id": row["record"],
        "run_id": run_id,
        "outcome": MENDED,
        "content_hash": content_hash(hash_key(connection), text),
        "payload": pack(text),
        # What it says is as old as the row: to correct a letter makes nothing newer.
        "changed_at": received.landed_at if received.changed_at is None else received.changed_at,
        "landed_at": now,
        "place": f"{where}mended by {who}",
        "file": received.file,
        "line": received.line,
    }
    id = connection.scalar(insert(source_version).values(version).returning(source_version.c.id))
    these = source_record.c.id == row["record"]
    connection.execute(update(source_record).where(these).values(version_id=id, state="landed", run_id=run_id))
    released = {"state": "released", "until": now}
    connection.execute(update(quarantine).where(quarantine.c.id == row["number"]).values(released))
    dirty.mark(connection, "map", [row["record"]])
    was: Mapping[str, Any] = row["payload"] or {}
    columns = sorted(name for name in {**was, **payload} if was.get(name) != payload.get(name))
    detail = {"columns": columns, "version": id, "run": run_id}
    ledger.note(connection, what="row mended", subject=f"quarantine:{row['number']}", detail=detail, now=now, who=who)


def _still_waiting(row: Document) -> Document:
    if row["state"] != WAITING or not row["newest"] or row["payload"] is None:
        raise _moved(row)
    return row


def _moved(row: Mapping[str, Any]) -> SolmuError:
    return SolmuError(
        "this row is not as it was shown: somebody has dealt with it, or its source has sent another one",
        code="moved",
        connection=row["connection"],
        stream=row["stream"],
        record=row["key"],
        expected="a look at the row as it is now",
    )


def _waiting_ids(connection: Connection, which: Which) -> Iterable[int]:
    query = (
        select(quarantine.c.id)
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(quarantine.c.state == WAITING)
    )
    return list(connection.scalars(which.narrow(query)))
