"""What people and programs call columns: the synonyms in ``synonyms/*.yaml``, read once.

A synonym names a *concept*: a canonical field (``person.email``); one whose owner the rest of the sheet decides
(``any.email``); ``date``, ``status``, ``outcome`` (of a talk, or of a company's year), ``number`` (of a lead, or of a
customer), ``notes``, ``consent``; or ``ignore``, a column that says nothing of a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from solmu.normalise import fold
from solmu.propose.nearest import Neighbourhood, neighbourhood


@dataclass(frozen=True, slots=True)
class Meaning:
    """One concept that a heading may stand for. ``language``: whose word it is, None for a product's own heading.
    ``second``: only where no other column says it (in the files the concept has ``second`` before it)."""

    concept: str
    language: str | None
    second: bool = False


@dataclass(frozen=True)
class Words:
    """All synonyms.

    ``meanings``: heading, as ``squash`` writes it, to what it may mean; ``qualifiers``: word beside a heading to what
    it says of its owner (``organisation``, ``person``, ``private``, ``work``, ``second``, ``other`` for somebody who is
    not the customer, ``noise``), or that the contrary is meant (``not``); ``weak``: headings that mean little as a part
    of a longer one; ``meta``: words that make of a heading something about it ("E-mail status"); ``kinds``: headings
    that give away what kind of list it is; ``countries``: language to the country whose it most likely is;
    ``endings``: what a word may end with in another case or form, to what the plain one ends with; ``firsts`` and
    ``lasts``: the first and last word of a longer heading to what such a heading most often is ("Får vi mejla?",
    "Besucht am"); ``texts``: each heading of ``meanings`` to itself with its blanks; ``shorts``: language to words that
    are cut short and what they are short for; ``degrees``: what says how much of something there is ("high", "hot").
    """

    meanings: Mapping[str, tuple[Meaning, ...]]
    qualifiers: Mapping[str, str]
    weak: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    countries: Mapping[str, str] = field(default_factory=dict)
    meta: frozenset[str] = frozenset()
    endings: tuple[tuple[str, str], ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    firsts: Mapping[str, Meaning] = field(default_factory=dict)
    lasts: Mapping[str, Meaning] = field(default_factory=dict)
    shorts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    degrees: frozenset[str] = frozenset()

    @cached_property
    def near(self) -> Neighbourhood:
        """The headings by what they are made of; made when it is first needed, as it takes a while."""
        return neighbourhood({text: self.meanings[heading] for heading, text in self.texts.items()})


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
    endings: dict[tuple[str, str], None] = {}
    texts: dict[str, str] = {}
    shorts: dict[str, dict[str, str]] = {}
    degrees: set[str] = set()
    outer: dict[str, dict[str, Meaning]] = {"first words": {}, "last words": {}}
    for document in documents:
        language = document.get("language")
        for concept, headings in document.get("fields", {}).items():
            for heading in headings:
                plain, text = concept.removeprefix("second "), folded(heading)
                squashed = "".join(text.split())
                texts.setdefault(squashed, text)
                meanings.setdefault(squashed, {})[Meaning(plain, language, plain != concept)] = None
        for role, listed in document.get("qualifiers", {}).items():
            for word in listed:
                qualifiers.setdefault(folded(word), role)
        weak.update(map(squash, document.get("weak", ())))
        meta.update(map(folded, document.get("meta", ())))
        degrees.update(map(folded, document.get("degrees", ())))
        if "shorts" in document:
            shorts[document["language"]] = {folded(short): full for short, full in document["shorts"].items()}
        for kind, headings in document.get("kinds", {}).items():
            kinds.setdefault(kind, set()).update(map(squash, headings))
        endings.update(dict.fromkeys(document.get("endings", {}).items()))
        for where, known in outer.items():
            for concept, listed in document.get(where, {}).items():
                known.update({folded(word): Meaning(concept, language) for word in listed})
        if "country" in document:
            countries[document["language"]] = document["country"]
    return Words(
        {heading: tuple(found) for heading, found in meanings.items()},
        qualifiers,
        frozenset(weak),
        {kind: frozenset(headings) for kind, headings in kinds.items()},
        countries,
        frozenset(meta),
        tuple(endings),
        texts,
        outer["first words"],
        outer["last words"],
        shorts,
        frozenset(degrees),
    )
