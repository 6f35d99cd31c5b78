"""The reference connector's spaces: shared in a process, kept in a file, troubled on demand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.memory import MemoryConnector, MemorySettings, MemoryStream, Trouble, space
from solmu.errors import Retriable
from solmu.exchange import Job, Outcome, Row, Verb, Write


def connect(folder: Path, **settings: object) -> MemoryConnector:
    checked = MemorySettings.model_validate(settings)
    return MemoryConnector(name="crm", settings=checked, streams={"people": MemoryStream()}, folder=folder)


def no_job(job: Job) -> None:
    raise AssertionError("no job was asked for")


def names(connector: MemoryConnector) -> list[str]:
    rows = [row for batch in connector.read("people", None) for row in batch.rows]
    return [row.payload["name"] for row in rows if isinstance(row, Row)]


def test_two_connections_to_one_space_see_the_same(tmp_path: Path) -> None:
    name = uuid4().hex
    create = Write(1, Verb.CREATE, {"name": "Maija"}, external_id="rec_1")
    [result] = connect(tmp_path, space=name).write("people", [create], no_job)
    assert result.outcome is Outcome.CREATED
    assert names(connect(tmp_path, space=name)) == ["Maija"]
    assert names(connect(tmp_path, space=uuid4().hex)) == []


def test_a_space_in_a_file_survives_the_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from connectors.memory import space\n"
        "space(file=Path(sys.argv[1])).put('people', {'name': 'Maija'}, key='7')\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "crm.db")], check=True)
    connector = connect(tmp_path, file="crm.db")
    assert names(connector) == ["Maija"]
    connector.space.change("people", "7", {"name": "Maija M."})
    assert space(file=tmp_path / "crm.db").records("people") == {"7": {"name": "Maija M."}}


def test_trouble_befalls_as_many_calls_as_asked(tmp_path: Path) -> None:
    connector = connect(tmp_path, space=uuid4().hex)
    connector.space.misbehave(Trouble.FAIL, on="read", times=2)
    for _ in range(2):
        with pytest.raises(Retriable):
            names(connector)
    assert names(connector) == []
    assert [call.verb for call in connector.space.calls] == ["read"] * 3


def test_a_stream_may_be_read_as_a_whole_list(tmp_path: Path) -> None:
    settings = MemorySettings(space=uuid4().hex, page=2)
    streams = {"people": MemoryStream(full=True)}
    connector = MemoryConnector(name="crm", settings=settings, streams=streams, folder=tmp_path)
    keys = [connector.space.put("people", {"name": str(number)}) for number in range(4)]
    connector.space.remove("people", keys[0])
    batches = list(connector.read("people", None))
    assert [row.key for batch in batches for row in batch.rows] == keys[1:]
    assert [batch.complete for batch in batches][-1]
    assert not any(batch.complete for batch in batches[:-1])


def test_a_call_may_not_hold_too_many_writes(tmp_path: Path) -> None:
    writes = [Write(id, Verb.CREATE, {"name": "x"}) for id in range(201)]
    with pytest.raises(ValueError, match="201 writes"):
        list(connect(tmp_path, space=uuid4().hex).write("people", writes, no_job))
