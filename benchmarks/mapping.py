"""How many columns of unknown lists `solmu import` proposes the right field for.

The headers in ``data/headers-development.yaml`` are of products that the synonyms were not written from. Only headings are given,
no values, so that the figure is that of the synonyms. A column counts as right if a person's choice is proposed, and
one that says nothing of a customer if it is left alone. There is no peer that we know of.
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

HEADERS = Path(__file__).with_name("data") / "headers-development.yaml"
AIM = 0.95


@dataclass(frozen=True)
class Miss:
    """A column whose proposal is not what a person would choose."""

    header: str
    column: str
    proposed: str | None
    right: tuple[str, ...]


def headers() -> list[dict[str, Any]]:
    """Name and columns of each list, with the fields that are right for each column."""
    documents: list[dict[str, Any]] = YAML(typ="safe").load(HEADERS.read_text(encoding="utf-8"))
    return documents


def misses(document: dict[str, Any]) -> Iterator[Miss]:
    """The columns of one list that are proposed wrong."""
    proposal = propose({str(column): () for column in document["header"]})
    for column, stated in zip(proposal.columns, document["header"].values(), strict=True):
        right = tuple(stated) if isinstance(stated, list) else (stated,)
        proposed = "-" if column.field in (None, "ignore") else column.field
        if proposed not in right:
            yield Miss(document["name"], column.name, column.field, right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    arguments = parser.parse_args()
    documents = headers()
    columns = sum(len(each["header"]) for each in documents)
    wrong = [miss for document in documents for miss in misses(document)]
    share = round(1 - len(wrong) / columns, 4)
    if not arguments.json:
        for miss in wrong:
            print(f"{miss.header}: {miss.column}: {miss.proposed or '-'} instead of {' or '.join(miss.right)}")
    result = {
        "name": "mapping",
        "work": f"{columns} columns of {len(documents)} headers that the synonyms were not written from",
        "ours": share,
        "peer": None,
        "peer_name": None,
        "unit": "share of columns proposed right",
        "ratio": None,
        "aim": {"op": ">=", "value": AIM},
        "met": share >= AIM,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
