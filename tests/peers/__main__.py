"""Sets up every peer that the tests need: `python -m tests.peers [--slow]`; with `--slow` those of the slow tests too.

The tests would do so themselves, but without a word, and some take minutes the first time. Exits 1 where one cannot be
had although SOLMU_REQUIRE_PEERS=1.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator

import tests.peers

FOR_SLOW_TESTS = {"spark"}
_WORTH_A_LINE_SECONDS = 2.0


def main(arguments: list[str]) -> int:
    lacking = False
    for name, available in peers():
        if name in FOR_SLOW_TESTS and "--slow" not in arguments:
            continue
        started = time.monotonic()
        problem = available()
        took = time.monotonic() - started
        if problem is not None:
            lacking = True
            print(f"peer {name}: {problem}", flush=True)
        elif took > _WORTH_A_LINE_SECONDS:
            print(f"peer {name}: set up in {took:.0f} s; that happens once.", flush=True)
    return 1 if lacking and os.environ.get("SOLMU_REQUIRE_PEERS") == "1" else 0


def peers() -> Iterator[tuple[str, Callable[[], str | None]]]:
    for found in pkgutil.iter_modules(tests.peers.__path__):
        module = importlib.import_module(f"tests.peers.{found.name}")
        if hasattr(module, "available"):
            yield found.name, module.available


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
