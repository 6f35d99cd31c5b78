"""Values that rows landed without: what a mapping left out because it made no sense, counted for the run's report.

Kept in the ledger by column and reason, never with the value: reports are read by many.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solmu.mapping.values import Mapped

SECTION = "left_out"
"""Where the ledger has them: by stream, and for each ``column: reason`` how many."""

_LONGEST = 300


def count_left_out(found: Counter[str], mapped: Mapped) -> None:
    """Add what one record landed without, each value once though it may fill several fields; an ignored record has
    nothing to land."""
    if not mapped.ignored:
        values = {(each.column, each.message, each.value) for each in mapped.warnings}
        found.update(f"{column}: {message}"[:_LONGEST] for column, message, _ in values)
