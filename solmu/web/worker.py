"""The process of a job: ``python -m solmu.web.worker module:function folder``, its arguments as JSON on stdin.

It tells how far it is in lines of JSON on stdout; whatever else is printed goes to stderr.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from solmu.errors import SolmuError


class Telling:
    """What a job says while it runs."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines

    def __call__(self, step: str, more: int) -> None:
        """So many more of that are done."""
        self.all(step=step, more=more)

    def say(self, text: str) -> None:
        """Something that whoever waits has to do."""
        self.all(said=text)

    def all(self, **told: Any) -> None:
        """A line of what the server keeps of a job."""
        self._lines.write(json.dumps(told, default=str) + "\n")
        self._lines.flush()


def main() -> int:
    """Do it. Exit code 0, or 1 for an error that was told."""
    work, folder = sys.argv[1:3]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Libraries print: our lines get a descriptor of their own.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as lines:
        os.dup2(2, 1)

        tell = Telling(lines)
        module, _, name = work.partition(":")
        try:
            function = getattr(importlib.import_module(module), name)
            result = function(Path(folder), tell, **json.load(sys.stdin))
        except SolmuError as error:
            tell.all(error={**error.as_dict(), "notes": getattr(error, "__notes__", [])})
            return 1
        except Exception as error:
            # A defect; the trace is in the log, and the page says that there is one.
            tell.all(
                error=SolmuError(f"an error that nobody foresaw: {type(error).__name__}", code="unforeseen").as_dict()
            )
            raise
        tell.all(result=result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
