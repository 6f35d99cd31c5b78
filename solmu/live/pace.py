"""When the next small run is due. Pure: no clock of its own.

What came waits a moment, so that what comes together goes together. After a run there is a rest; after one that could
not do its work a longer one each time, so that a CRM that is away is not asked every few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GATHER_SECONDS = 2.0
LONGEST_REST_SECONDS = 600.0


class Outcome(StrEnum):
    """How a small run ended: everything done, another run in its way, or something that it could not do."""

    DONE = "done"
    BUSY = "busy"
    TROUBLE = "trouble"


@dataclass(slots=True)
class Pace:
    """``rest`` and all moments are seconds; moments are of a clock that only goes forward."""

    rest: float
    _not_before: float = 0.0
    _seen: float | None = None
    _failures: int = 0
    _unfinished: bool = False

    def due(self, now: float, *, waiting: bool) -> bool:
        """Whether to run now; ``waiting`` says whether something came that has not landed."""
        if not waiting and not self._unfinished:
            self._seen = None
            return False
        if self._seen is None:
            self._seen = now
        return now >= self._not_before and (self._unfinished or now - self._seen >= GATHER_SECONDS)

    def ended(self, now: float, outcome: Outcome) -> None:
        """A small run, or the attempt at one, has ended."""
        self._seen = None
        self._unfinished = outcome is not Outcome.DONE
        self._failures = self._failures + 1 if outcome is Outcome.TROUBLE else 0
        self._not_before = now + min(LONGEST_REST_SECONDS, self.rest * 2**self._failures)
