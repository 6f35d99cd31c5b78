"""The process ``solmu``, and ``python -m solmu``: an interruption is answered from its first moment on."""

from __future__ import annotations

import os
import signal

_SAID = b"interrupted before anything was done\n"


def main() -> None:
    """Run the command line. While it is being loaded nothing is under way yet, so the process just ends."""
    signal.signal(signal.SIGINT, _stop)
    from solmu.cli import main as command_line

    signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


def _stop(number: int, _frame: object) -> None:
    # Not sys.exit(): half of a library is imported, and what it made of an exception nobody knows.
    os.write(2, _SAID)
    os._exit(128 + number)


if __name__ == "__main__":
    main()
