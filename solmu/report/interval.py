"""How far a share that was counted on a sample may be from the true one. Pure."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054  # of the normal distribution, for 95 % between the two bounds


def wilson(right: int, of: int) -> tuple[float, float] | None:
    """The Wilson score interval (95 %) of ``right`` out of ``of``; None where nothing was counted.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). A lower bound
    of 99 % takes 381 answers without an error.
    """
    if of == 0:
        return None
    share, z2 = right / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
