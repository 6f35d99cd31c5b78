"""Imports that kill themselves. A program of its own: ``python -m tests.faults.imports FOLDER SEED KILLS``.

It imports everything once, and then forks a child for each import. A child dies by SIGKILL at a moment drawn by the
seed: a statement of a write transaction is executed and not committed, or a file of the hub has just been written. Then
the same list is imported again in another child, to its end. One line of JSON answers each kill.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from connectors.spreadsheet import connector as spreadsheet
from solmu.config import Hub, init_hub, load_hub
from solmu.doctor import examine
from solmu.golden import recompute
from solmu.match import resolve
from solmu.store import Store, open_store
from solmu.store.tables import golden, lead, quarantine
from solmu.sync import claims, imports
from tests.faults.fork import Tell, in_child
from tests.statements import shared

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b.*?\b(?!INTO\b|FROM\b)(\w+)", re.IGNORECASE)
_FAR = 1_000_000


class Fuse:
    """Counts the moments, and ends the process at one of them."""

    def __init__(self, moment: int) -> None:
        self.moment, self.count = moment, 0

    def here(self) -> None:
        self.count += 1
        if self.count == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def inside(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            self.here()
            return made

        return inside

    def watch(self, store: Store) -> None:
        def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            wrote = _WRITES.match(statement)
            if wrote and wrote.group(2) != "lease":
                self.here()

        event.listen(store.engine, "after_cursor_execute", executed)


def one(folder: Path, sheet: Path, fuse: Fuse) -> dict[str, Any]:
    """One import; says how many moments it had and what the hub holds then."""
    spreadsheet._BATCH = 2
    claims.BATCH = recompute.BATCH = resolve.PAGE = resolve.SEEN = 2
    for name in ("write_mapping", "write_stream"):
        setattr(imports, name, fuse.after(getattr(imports, name)))
    ready = imports.prepare(load_hub(folder), sheet)
    hub = imports.save(ready)
    with open_store(hub.store_url) as store:
        fuse.watch(store)
        report = imports.bring_in(hub, store, ready)
        return {"exit": report["exit"], "moments": fuse.count, "end": held(store), "wrong": wrong(store, hub)}


def held(store: Store) -> dict[str, Any]:
    """What of the list is in the hub: names, leads, refused rows."""
    with store.read() as connection:
        names = select(golden.c.entity, golden.c.search_name).where(golden.c.state == "live")
        return {
            "golden": sorted(f"{row.entity} {row.search_name}" for row in connection.execute(names)),
            "leads": connection.scalar(select(func.count()).select_from(lead).where(lead.c.state == "live")),
            "refused": connection.scalar(
                select(func.count()).select_from(quarantine).where(quarantine.c.state == "waiting")
            ),
        }


def wrong(store: Store, hub: Hub) -> list[str]:
    return [each["name"] for each in examine(store, hub)["checks"] if not each["ok"]]


def forked(folder: Path, sheet: Path, moment: int) -> dict[str, Any]:
    def bring(tell: Tell) -> int:
        tell(one(folder, sheet, Fuse(moment)))
        return 0

    return in_child(bring)


def main() -> None:
    folder, draw, kills = Path(sys.argv[1]), random.Random(sys.argv[2]), int(sys.argv[3])
    sheet = folder / "leads.csv"
    rows = [f"Firma {n} Oy;Aino Laine{n};aino{n}@firma{n}.example;Laser" for n in range(5)]
    broken = "Raahe Rauta Oy;Siiri Niemi;siiri@@raaherauta.example;Laser"
    sheet.write_text("\n".join(["Company;Contact person;E-mail;Interest", *rows, broken]) + "\n", encoding="utf-8")
    init_hub(folder / "fresh")
    with open_store(load_hub(folder / "fresh").store_url):
        pass
    shutil.copytree(folder / "fresh", folder / "whole")
    whole = forked(folder / "whole", sheet, _FAR)
    print(json.dumps(whole), flush=True)
    for number in range(kills):
        moment = draw.randint(1, whole["moments"]) if number > 1 else number + 1  # the files are the first two
        hub = folder / f"hub-{number}"
        shutil.copytree(folder / "fresh", hub)
        killed = forked(hub, sheet, moment)
        print(json.dumps({"at": moment, "killed": killed["signal"], **forked(hub, sheet, _FAR)}), flush=True)
        shutil.rmtree(hub)


if __name__ == "__main__":
    with shared():  # what this process has compiled its children need not compile
        main()
