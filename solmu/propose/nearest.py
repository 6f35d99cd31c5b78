"""What headings that nobody has listed most likely mean: those that are written like them have a vote each. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solmu.propose.words import Meaning

_VOTERS = 7
_RUN = 3


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Known headings by the pieces that they are made of: words and runs of three letters.

    ``meanings`` and ``lengths`` are of each heading; ``postings``: piece to the headings that have it; ``weights``:
    piece to its square weight, the rarer the more.
    """

    meanings: Sequence[tuple[Meaning, ...]]
    lengths: Sequence[float]
    postings: Mapping[str, Sequence[int]]
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Vote:
    """What most of the nearest headings mean; ``likeness`` of the nearest of these, and their ``share`` of all votes,
    both from 0 to 1."""

    meaning: Meaning
    likeness: float
    share: float


def neighbourhood(known: Mapping[str, tuple[Meaning, ...]]) -> Neighbourhood:
    """Prepare headings, folded and with their blanks."""
    made = [_pieces(each) for each in known]
    postings: dict[str, list[int]] = defaultdict(list)
    for at, pieces in enumerate(made):
        for piece in pieces:
            postings[piece].append(at)
    weights = {piece: math.log(len(made) / len(found)) ** 2 for piece, found in postings.items()}
    lengths = [math.sqrt(sum(weights[piece] for piece in pieces)) or 1.0 for pieces in made]
    return Neighbourhood(list(known.values()), lengths, postings, weights)


def vote(heading: str, near: Neighbourhood) -> Vote | None:
    """What the headings nearest to a folded one mean, by the cosine of their weights; None if nothing is like it.

    Who is nearer has more to say: its vote counts by the cube of its likeness.
    """
    votes: Counter[str] = Counter()
    closest = _closest(heading, near)
    for likeness, at in closest:
        for meaning in near.meanings[at]:
            votes[meaning.concept] += likeness**3 / len(near.meanings[at])  # type: ignore[assignment]
    if not votes:
        return None
    [(concept, most)] = votes.most_common(1)
    found = ((likeness, each) for likeness, at in closest for each in near.meanings[at] if each.concept == concept)
    likeness, meaning = next(found)
    return Vote(meaning, likeness, most / votes.total())


def _closest(heading: str, near: Neighbourhood) -> list[tuple[float, int]]:
    pieces = _pieces(heading)
    # A piece that no heading has says that this is another word.
    unseen = math.log(len(near.meanings) or 1) ** 2
    length = math.sqrt(sum(near.weights.get(piece, unseen) for piece in pieces)) or 1.0
    shared: dict[int, float] = defaultdict(float)
    for piece in pieces:
        for at in near.postings.get(piece, ()):
            shared[at] += near.weights[piece]
    return nlargest(_VOTERS, ((weight / (length * near.lengths[at]), at) for at, weight in shared.items()))


def _pieces(heading: str) -> set[str]:
    """Its words, the last of them once more for where it stands, and the runs of letters of each."""
    tokens = heading.split()
    pieces = {f"{token}=" for token in tokens[-1:]}
    return pieces.union(*map(_of_word, tokens))


@cache
def _of_word(token: str) -> frozenset[str]:
    edged = f" {token} "
    return frozenset({f"={token}", *(edged[at : at + _RUN] for at in range(len(edged) - _RUN + 1))})
