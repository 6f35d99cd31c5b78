"""SIGKILL while a folder's ledger, deltas and lists are written: every change comes in exactly one delta."""

from __future__ import annotations

import csv
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from connectors.file import FileConnector, FileSettings, FileStream

ROOT = Path(__file__).parents[2]
KILLS = 5

NIGHTS = """
import random, sys
from pathlib import Path
from connectors.file import FileConnector, FileSettings, FileStream
from solmu.exchange import Verb, Write
folder, dice = Path(sys.argv[1]), random.Random(sys.argv[2])
print("begins", flush=True)
while True:
    settings, streams = FileSettings(folder="out"), {"people": FileStream()}
    with FileConnector(name="files", settings=settings, streams=streams, folder=folder) as connector:
        for batch in range(3):
            ids = dice.sample(range(500), 100)
            writes = [Write(id, Verb.CREATE, {"Name": f"{dice.random()}"}, external_id=f"p{id}") for id in ids]
            list(connector.write("people", writes, None))
            # The hub would know of these now; so what is told here must be in a delta in the end.
            print(" ".join(f"{write.external_id}={write.fields['Name']}" for write in writes), flush=True)
"""


def test_no_change_is_lost_and_none_comes_twice(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    dice, told = random.Random(7), dict[str, str]()
    killed_at_work = 0
    for number in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", NIGHTS, str(tmp_path), str(number)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(dice.uniform(0.02, 0.4))
        killed_at_work += process.poll() is None
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        for line in rest.splitlines(keepends=True):
            if line.endswith("\n"):  # the last one may be torn
                told |= dict(pair.split("=") for pair in line.split())
    assert killed_at_work == KILLS
    settings, streams = FileSettings(folder=Path("out")), {"people": FileStream()}
    with FileConnector(name="files", settings=settings, streams=streams, folder=tmp_path) as connector:
        connector.discover()
        held = {remote.remote_id: remote.payload["Name"] for remote in connector.find("people", sorted(told))}
    assert set(held) == set(told)
    assert rows(tmp_path / "out" / "people.csv").items() >= held.items()
    assert not list((tmp_path / "out").rglob("*.part"))
    delivered: dict[str, str] = {}
    names = sorted(path.stem for path in (tmp_path / "out" / "deltas").glob("*.csv"))
    assert names == [f"people-{number:06}" for number in range(1, len(names) + 1)]
    for name in names:
        delta = rows(tmp_path / "out" / "deltas" / f"{name}.csv", "Change")
        for id, change in delta.items():
            assert change == ("updated" if id in delivered else "created")
        delivered |= rows(tmp_path / "out" / "deltas" / f"{name}.csv")
    assert delivered == rows(tmp_path / "out" / "people.csv")


def rows(path: Path, column: str = "Name") -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["Solmu ID"]: row[column] for row in csv.DictReader(file)}
