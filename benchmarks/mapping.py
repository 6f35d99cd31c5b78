"""How many columns of unknown lists `solmu import` proposes the right field for.

Two figures, reported apart. ``data/headers-held-out.yaml`` was written by somebody who had not seen the synonyms, and
whoever works on the synonyms does not look at it: it is what the aim is for, and only its share is printed. The
synonyms were improved with all ``data/headers-development*.yaml``, so that their figure only shows that nothing got
lost; their misses are printed. Once anybody has looked at the held-out columns, they are for development too, as a
further such file, and a new set is due; until there is one, nothing is measured for the aim.

Only headings are given, no values, so that the figure is that of the headings. A column counts as right if a person's
choice is proposed, and one that says nothing of a customer if it is left alone. ``silent`` is the share of columns that
got a wrong field: worse than one that is left alone. There is no peer that we know of.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from solmu.propose import propose

DATA = Path(__file__).with_name("data")
HELD_OUT, DEVELOPMENT = "held-out", "development"
AIM = 0.95


@dataclass(frozen=True)
class Miss:
    """A column whose proposal is not what a person would choose."""

    header: str
    column: str
    proposed: str | None
    right: tuple[str, ...]


def headers(name: str) -> list[dict[str, Any]]:
    """Name and columns of each list of a set, with the fields that are right for each column."""
    # Of the development set there are several files: each held-out set becomes one once it was looked at.
    paths = sorted(DATA.glob(f"headers-{name}*.yaml"))
    reader = YAML(typ="safe")
    return [document for path in paths for document in reader.load(path.read_text(encoding="utf-8"))]


def misses(document: dict[str, Any]) -> Iterator[Miss]:
    """The columns of one list that are proposed wrong."""
    proposal = propose({str(column): () for column in document["header"]})
    for column, stated in zip(proposal.columns, document["header"].values(), strict=True):
        right = tuple(stated) if isinstance(stated, list) else (stated,)
        proposed = None if column.field in (None, "ignore") else column.field
        if not _is_right(proposed or "-", right):
            yield Miss(document["name"], column.name, proposed, right)


def _is_right(proposed: str, right: tuple[str, ...]) -> bool:
    """``notes`` is what a proposal calls the free text that becomes the text of the lead or of the activity."""
    return proposed in right or (proposed == "notes" and not {"lead.text", "activity.text"}.isdisjoint(right))


def measure(name: str, *, tell: bool) -> str:
    """One set as a line of JSON; the columns that are wrong are printed first, where ``tell`` says so."""
    documents = headers(name)
    columns = sum(len(each["header"]) for each in documents)
    wrong = [miss for document in documents for miss in misses(document)]
    for miss in wrong if tell else ():
        print(f"{miss.header}: {miss.column}: {miss.proposed or '-'} instead of {' or '.join(miss.right)}")
    share = round(1 - len(wrong) / columns, 4)
    is_held_out = name == HELD_OUT
    result = {
        "name": "mapping" if is_held_out else f"mapping-{name}",
        "work": f"{columns} columns of {len(documents)} headers, "
        + ("held out" if is_held_out else "with which the synonyms were improved"),
        "ours": share,
        "peer": None,
        "peer_name": None,
        "unit": "share of columns proposed right",
        "ratio": None,
        "aim": {"op": ">=", "value": AIM} if is_held_out else None,
        "met": share >= AIM if is_held_out else None,
        "silent": round(sum(miss.proposed is not None for miss in wrong) / columns, 4),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    return json.dumps(result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--json", action="store_true", help="only the JSON lines")
    parser.add_argument("--only", choices=(HELD_OUT, DEVELOPMENT), help="one of the two sets")
    arguments = parser.parse_args()
    for name in (HELD_OUT, DEVELOPMENT):
        if arguments.only in (None, name) and headers(name):
            print(measure(name, tell=name == DEVELOPMENT and not arguments.json))


if __name__ == "__main__":
    main()
