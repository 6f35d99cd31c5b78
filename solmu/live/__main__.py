"""``python -m solmu.live --hub DIR``: small runs until its standard input ends, or a signal says so.

``solmu serve`` starts it and holds the other end of its standard input: whatever becomes of the server, the worker ends
with it, after the batch under way.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from solmu.live.work import Worker


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m solmu.live", description="Small runs beside `solmu serve`.")
    parser.add_argument("--hub", type=Path, required=True, help="the hub's folder")
    folder: Path = parser.parse_args().hub
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    threading.Thread(target=_end_with_server, args=(end,), name="server-watch", daemon=True).start()
    Worker(folder, end).work()


def _end_with_server(end: threading.Event) -> None:
    sys.stdin.buffer.read()
    end.set()
    # As a signal too, so that a run under way ends after its batch.
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
