"""GoldenMatch's auto-configuration over JSON lines: writes the clusters it finds, as lists of positions.

Runs by itself, in an environment that has ``goldenmatch``; arguments are the file to read and the one to write.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    import goldenmatch
    import pyarrow

    source, to = map(Path, sys.argv[1:])
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    columns = sorted({name for row in rows for name in row} - {"truth"})
    table = pyarrow.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows])
    # It may doubt its own configuration, and stop, as it does with a million accounts; here it is to give what it has.
    found = goldenmatch.dedupe_df(table, confidence_required=False, allow_red_config=True)
    to.write_text(json.dumps([one["members"] for one in found.clusters.values()]), encoding="utf-8")


if __name__ == "__main__":
    main()
