"""Headings that are one thing by two known words: the date of an event, a degree of something. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from solmu.propose.others import halves, stems
from solmu.propose.words import Words, folded

_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_SCALE = re.compile(r"\b\d{1,2}\s*(?:[-–/]|\.\.+|…)\s*\d{1,3}\b|[*★]{3,}")
_EVENT = "activity.subject"
_OF_EVENT = {"date": "activity.on", "any.name": _EVENT, "any.title": _EVENT, "person.title": _EVENT, "name": _EVENT}


def is_graded(heading: str, words: Words) -> bool:
    """Whether the brackets say from how little to how much: "Interest (1-5)", "Interesse (alto/medio/basso)"."""
    return any(
        _SCALE.search(text) or sum(each in words.degrees for each in folded(text).split()) >= 2
        for text in _BRACKETS.findall(heading)
    )


def of_event(tokens: Sequence[str], words: Words) -> str | None:
    """What of an event a heading names: "Datum des Webinars" its day, "Kursens namn" what it is called."""
    for what, whose in halves(tokens, words):
        of = {
            each.concept
            for text in stems("".join(whose), words)
            for each in words.meanings.get(text, ())
            if text not in words.weak
        }
        concepts = [each.concept for each in words.meanings.get("".join(what), ())]
        if of == {_EVENT}:
            return next((_OF_EVENT[each] for each in concepts if each in _OF_EVENT), None)
    return None
