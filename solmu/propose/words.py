"""What people and programs call columns: the synonyms in ``synonyms/*.yaml``, read once.

A synonym names a *concept*: a canonical field (``person.email``); one whose owner the rest of the sheet decides
(``any.email``); ``date``, ``status``, ``notes``, ``consent``; or ``ignore``, a column that says nothing of a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from solmu.normalise import fold


@dataclass(frozen=True, slots=True)
class Meaning:
    """One concept that a heading may stand for. ``language``: whose word it is, None for a product's own heading.
    ``second``: only where no other column says it (in the files the concept has ``second`` before it)."""

    concept: str
    language: str | None
    second: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """All synonyms.

    ``meanings``: heading, as ``squash`` writes it, to what it may mean; ``qualifiers``: word beside a heading to what
    it says of its owner (``organisation``, ``person``, ``private``, ``work``, ``second``, ``other`` for somebody who is
    not the customer, ``noise``); ``weak``: headings that mean little as a part of a longer one; ``meta``: words that
    make of a heading something about it ("E-mail status"); ``kinds``: headings that give away what kind of list it is;
    ``countries``: language to the country whose it most likely is.
    """

    meanings: Mapping[str, tuple[Meaning, ...]]
    qualifiers: Mapping[str, str]
    weak: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    countries: Mapping[str, str] = field(default_factory=dict)
    meta: frozenset[str] = frozenset()


def squash(heading: str) -> str:
    """A heading without case, accents, signs and blanks: ``E-Mail`` and ``email`` are one."""
    return "".join(folded(heading).split())


def folded(heading: str) -> str:
    """A heading in small letters without accents and signs; ``#`` is a number, and says so."""
    return fold(heading.replace("#", " nr "))


@cache
def words() -> Words:
    """The synonyms that ship with Solmu."""
    from ruamel.yaml import YAML

    reader = YAML(typ="safe")
    folder = files("solmu.propose") / "synonyms"
    texts = sorted((each.name, each.read_text(encoding="utf-8")) for each in folder.iterdir())
    return gathered(reader.load(text) for name, text in texts if name.endswith(".yaml"))


def gathered(documents: Iterable[Mapping[str, Any]]) -> Words:
    """The synonyms of several documents as one; a heading may mean several things."""
    meanings: dict[str, dict[Meaning, None]] = {}
    qualifiers: dict[str, str] = {}
    weak: set[str] = set()
    kinds: dict[str, set[str]] = {}
    countries: dict[str, str] = {}
    meta: set[str] = set()
    for document in documents:
        language = document.get("language")
        for concept, headings in document.get("fields", {}).items():
            for heading in headings:
                plain = concept.removeprefix("second ")
                meanings.setdefault(squash(heading), {})[Meaning(plain, language, plain != concept)] = None
        for role, listed in document.get("qualifiers", {}).items():
            for word in listed:
                qualifiers.setdefault(folded(word), role)
        weak.update(map(squash, document.get("weak", ())))
        meta.update(map(folded, document.get("meta", ())))
        for kind, headings in document.get("kinds", {}).items():
            kinds.setdefault(kind, set()).update(map(squash, headings))
        if "country" in document:
            countries[document["language"]] = document["country"]
    return Words(
        {heading: tuple(found) for heading, found in meanings.items()},
        qualifiers,
        frozenset(weak),
        {kind: frozenset(headings) for kind, headings in kinds.items()},
        countries,
        frozenset(meta),
    )
