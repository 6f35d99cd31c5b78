"""Who else bears a name: what rules ask before they rest on a name being nobody else's. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from solmu.match.features import Features

MATES = 100
"""A name that more mentions bear than this is common, and no soft rule rests on it."""


@dataclass(frozen=True)
class Namesakes:
    """All that are found under some block keys. What was worked out about them is remembered for the next pair."""

    features: Sequence[Features]
    answers: dict[Hashable, bool] = field(default_factory=dict)

    def answer(self, question: Hashable, work_out: Callable[[], bool]) -> bool:
        """The answer to a question about them, worked out once."""
        if question not in self.answers:
            self.answers[question] = work_out()
        return self.answers[question]


Mates = Callable[[Iterable[str]], Namesakes | None]
"""Gives all mentions that are found under one of some block keys; None where they are more than ``MATES``."""
