"""The command line of the demo."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

FOLDER = Path(".demo")


def main(arguments: list[str] | None = None) -> int:
    """Gives 0 when the night went well, its books balance and the matching was good enough, else 1."""
    parser = argparse.ArgumentParser(prog="python -m examples.nordic.demo", description="Solmu's demo.")
    parser.add_argument("command", choices=("run", "keep", "change", "stop", "clean"))
    parser.add_argument("--seed", type=int, help="make everything anew, from this seed")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="DIR", help=f"the demo's folder ({FOLDER})")
    given = parser.parse_args(arguments)
    if given.command in ("run", "keep", "change"):
        # Before anything that takes long to import: who waits wants to see that something happens.
        print(f"Solmu's demo: a night's sync, with synthetic data, in {given.to}/", flush=True)

    from examples.nordic.demo import acts
    from examples.nordic.demo.door import NotServed
    from examples.nordic.demo.home import Home, NotOurs
    from solmu.errors import SolmuError

    home = Home(given.to.absolute())
    # Whoever ends the demo ends its CRM with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if given.command == "stop":
            return acts.stop(home)
        if given.command == "clean":
            return acts.clean(home)
        return acts.play(home, given.seed, keep=given.command == "keep", change=given.command == "change")
    except (NotOurs, NotServed, SolmuError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # What was written is whole; the next `make demo` goes on from there.
        return 130


if __name__ == "__main__":
    sys.exit(main())
