"""``solmu doctor``: the invariants of the architecture, each a check that can fail."""

from solmu.doctor.run import CHECKS, Check, examine

__all__ = ["CHECKS", "Check", "examine"]
