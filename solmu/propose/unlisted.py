"""What a heading that nobody has listed most likely means, by those that are written like it or begin like it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from solmu.propose.nearest import vote
from solmu.propose.reading import HEAD, PART, SEGMENT, SIMILAR, Reading
from solmu.propose.words import Words

_SHORT = 3
_LIKE, _MUCH_ALIKE = 0.35, 0.75
_HALF, _MOST, _ALL = 0.5, 0.7, 0.85
# Likeness cannot tell a yes from a no, and here that would be a wrong of its own.
_UNLIKE = frozenset({"person.opt_out", "consent"})


def second_opinion(found: list[Reading], heading: str, words: Words) -> list[Reading]:
    """What headings that are written like this one mean, where its own words leave it open: a part of it that is known
    counts if they agree, and they count alone if most of them agree with each other."""
    said = vote(heading, words.near) if len(heading) > _SHORT else None
    if said is None or said.likeness < _LIKE:
        return found
    sure = found[0].confidence if found else 0.0
    concept = said.meaning.concept
    if "not" in map(words.qualifiers.get, heading.split()) and concept == "consent":
        return []
    if found and found[0].concept.rpartition(".")[2] == concept.rpartition(".")[2]:
        return [replace(found[0], confidence=max(sure, SIMILAR)), *found[1:]]
    # What is read only where nothing says it better does no harm.
    if found and found[0].second and sure > SEGMENT:
        return found
    needed = _MOST if sure <= HEAD else _HALF if sure <= SEGMENT else _ALL
    is_better = said.share >= needed and (sure <= SEGMENT or said.likeness >= _MUCH_ALIKE)
    if is_better and concept not in _UNLIKE:
        return [Reading(concept, SIMILAR, said.meaning.language, said.meaning.second)]
    return found if sure > SEGMENT else [replace(each, confidence=min(each.confidence, HEAD)) for each in found]


def abbreviated(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """A word that is cut short: "Segm.", "Distr."."""
    if len(tokens) != 1 or len(tokens[0]) <= _SHORT:
        return
    longer = (text for text in words.texts.values() if text.startswith(tokens[0]) and " " not in text)
    votes = Counter(meaning.concept for text in longer for meaning in words.meanings[text])
    for concept, most in votes.most_common(1):
        if most >= _HALF * votes.total():
            yield Reading(concept, PART, None)
