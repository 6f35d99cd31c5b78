"""Does this lead exist already? One row looked up in a warm store, beside Splink's `score_pairs` on its candidates.

    python -m benchmarks.one [--quick] [--records N] [--leads N] [--json]

The store is that of a resolved hub (``hub.py``) of 1,000,000 records, in the quick run of 50,000; making it takes the
better part of an hour, once. The leads are rows of its list, spread over all of it, as somebody would type them who has
heard of them at a fair: another phone number, no e-mail address and a slip in the name, or no legal form.

Ours is the whole look-up: reading and normalising the row by its mapping, its block keys, candidates by index, scores,
the bands by the rules, and the answer with names and explanations. The peer only scores: Splink with the same bundle,
its linker made once and warm, term frequencies registered, one call of `score_pairs` with the lead on one side and the
same candidates, as features that are ready, on the other. Splink's documentation names `score_pairs` as the way to
score new records against old ones; no setting of it makes one call faster. Leads without candidates are left out of
both.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from benchmarks import hub
from solmu.config import Hub
from solmu.mapping import load_source_mapping
from solmu.mapping.values import Mapped
from solmu.match.blocking import block_keys, candidate_keys
from solmu.match.comparisons import frequency_columns
from solmu.match.features import Features, organisation_features, person_features
from solmu.match.given import read_mapped
from solmu.match.index import Mentions, holders
from solmu.match.model import default_model
from solmu.match.one import Lookup
from solmu.match.splink_engine import linker, table
from solmu.model import Entity
from solmu.store import Store
from solmu.store.tables import golden

FULL, QUICK = 1_000_000, 50_000
LEADS = 150
WARMING = 20
"""Leads that are looked up first and not counted: a copy of a large hub is cold."""
_PEER = "Splink score_pairs on the same candidates (scoring only)"


def leads(path: Path, records: int, count: int) -> list[dict[str, str]]:
    """So many rows of a hub's list, spread over all of it, each with something told differently."""
    step = max(1, records // count)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % step == step // 2][:count]
    for number, row in enumerate(rows):
        if number % 3 == 0:
            row["Phone"] = f"040 {7_000_000 + number}"
        elif number % 3 == 1:
            row["E-mail"] = ""
            row["Contact person"] = row["Contact person"][:-2] + row["Contact person"][-1:]
        else:
            row["Company"] = row["Company"].rpartition(" ")[0]
    return rows


class Peer:
    """Splink, warm: one linker an entity, which scores a lead against its candidates."""

    def __init__(self) -> None:
        import pyarrow

        self._linkers: dict[Entity, Any] = {}
        for entity in Entity:
            made = linker(entity, [], default_model(entity).settings)
            for column in frequency_columns(entity):
                lookup = pyarrow.table(
                    {
                        column: pyarrow.array([], pyarrow.string()),
                        f"tf_{column}": pyarrow.array([], pyarrow.float64()),
                    }
                )
                made.table_management.register_term_frequency_lookup(made._db_api.register(lookup), column)
            self._linkers[entity] = made

    def seconds(self, entity: Entity, lead: Features, candidates: list[Features]) -> float:
        """What it takes to score the lead against these."""
        made = self._linkers[entity]
        one, others = table(entity, [lead]), table(entity, candidates, 1)
        started = perf_counter()
        frames = [made._db_api.register(side) for side in (one, others)]
        scored = made.inference.score_pairs(*frames)
        found = scored.as_duckdbpyrelation().select("match_weight").fetchall()
        took = perf_counter() - started
        assert len(found) == len(candidates)
        scored.drop_table_from_database_and_remove_from_cache()
        return took


def both_sides(loaded: Hub, store: Store, mapped: Mapped) -> dict[Entity, tuple[Features, list[Features]]]:
    """The lead's company and person, each with the candidates that the block index holds: what both score."""
    values = {each.entity: each.fields for each in mapped.mentions}
    company = organisation_features(values[Entity.ORGANISATION], people=[values[Entity.PERSON]])
    person = person_features(values[Entity.PERSON], employer_names=[company.compact])
    sides: dict[Entity, Features] = {Entity.ORGANISATION: company, Entity.PERSON: person}
    return {entity: (side, candidates(loaded, store, entity, side)) for entity, side in sides.items()}


def candidates(loaded: Hub, store: Store, entity: Entity, features: Features) -> list[Features]:
    settings = loaded.settings.matching
    with store.read() as connection:
        held, _ = holders(connection, candidate_keys(block_keys(features)), settings.block_cap)
        known = Mentions(entity, crms=(), protected=()).load(connection, {id for ids in held.values() for id in ids})
    return [known[id].features for id in sorted(known)]


def look_up(folder: Path, records: int, count: int) -> dict[str, Any]:
    """Milliseconds of each lead, ours and the peer's, and how many candidates it has, in a copy of a hub."""
    ours: list[float] = []
    theirs: list[float] = []
    compared: list[int] = []
    with hub.opened(folder) as (loaded, store):
        mapping = load_source_mapping(loaded, "leads")
        lookup = Lookup(store, loaded.settings.matching, crms=())
        peer = Peer()
        for number, row in enumerate(leads(folder / "leads.csv", records, count + WARMING)):
            started = perf_counter()
            mapped = read_mapped(mapping, row)
            lookup.find(mapped)
            took = perf_counter() - started
            sides = both_sides(loaded, store, mapped)
            found = sum(len(those) for _, those in sides.values())
            if number < WARMING or not found:
                continue
            ours.append(1000 * took)
            theirs.append(1000 * sum(peer.seconds(entity, *each) for entity, each in sides.items() if each[1]))
            compared.append(found)
        with store.read() as connection:
            goldens = connection.scalar(select(func.count()).where(golden.c.state == "live"))
    return {"ours": ours, "theirs": theirs, "compared": compared, "goldens": goldens}


def measure(records: int, count: int) -> Iterator[dict[str, Any]]:
    """Every claim in turn."""
    found = hub.in_a_copy(__file__, hub.resolved(records), "--records", str(records), "--leads", str(count))
    ours = found["ours"]
    work = (
        f"a row with company and person looked up among {found['goldens']:,} golden records of {records:,} rows, warm; "
        f"of {len(ours)} leads with {median(found['compared']):.0f} candidates"
    )
    yield hub.line("one", f"{work}, the median", median(ours), "ms") | _within(median(ours))
    slow = quantiles(ours, n=20)[-1]
    yield hub.line("one-p95", f"{work}, the 95th percentile", slow, "ms") | _within(slow)
    yield hub.line("one-peer", f"{work}, the median", median(ours), "ms", peer=median(found["theirs"]),
                   peer_name=_PEER, at_most=0.5)  # fmt: skip


def _within(milliseconds: float, most: float = 50.0) -> dict[str, Any]:
    return {"aim": {"op": "<=", "value": most}, "met": milliseconds <= most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} records instead of {FULL:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--records", type=int)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    records = given.records or (QUICK if given.quick else FULL)
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Splink and DuckDB warn of their own future; it is pinned.
        warnings.simplefilter("ignore")
        if given.folder:
            print(json.dumps(look_up(given.folder, records, given.leads)))
            return
        for line in measure(records, given.leads):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
