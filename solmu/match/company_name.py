"""An organisation's name as matching compares it: its words, its legal form, and its other names beside it. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from solmu.match.memo import MEMO
from solmu.match.names import any_telling, telling
from solmu.match.nobody import is_no_company
from solmu.match.spelling import own_letters, spellings
from solmu.normalise.beside_name import other_name
from solmu.normalise.invalid import Invalid
from solmu.normalise.organisation import core_words, organisation_name
from solmu.normalise.text import fold


@dataclass(frozen=True, slots=True)
class CompanyName:
    """As ``OrganisationFeatures`` says of its parts."""

    core: str = ""
    words: tuple[str, ...] = ()
    legal_form: str | None = None
    aliases: frozenset[str] = frozenset()
    rare_words: frozenset[str] = frozenset()
    compact: str = ""
    spellings: frozenset[str] = frozenset()
    letters: str = ""


@functools.lru_cache(maxsize=MEMO)
def company_name(text: str) -> CompanyName:
    """An organisation's name in parts; empty ones where a text is none."""
    name, written_beside = other_name(text)
    parsed, other = _parsed(name), _parsed(written_beside)
    if parsed is None or other is None or other.compact == parsed.compact or not any_telling(other.words):
        return parsed or CompanyName()
    return replace(parsed, aliases=frozenset({other.compact}))


def _parsed(text: str) -> CompanyName | None:
    try:
        name = organisation_name(text)
    except Invalid:
        return None
    if name is None or is_no_company(fold(name.core)):
        return None
    words = core_words(name.core)
    rare = frozenset(word for word in words if len(word) >= 4 and telling(word))
    others = frozenset("".join(other) for other in spellings(name.core, tuple(words)))
    return CompanyName(
        " ".join(words),
        tuple(words),
        name.legal_form,
        rare_words=rare,
        compact="".join(words),
        spellings=others,
        letters=own_letters(name.core),
    )


@functools.lru_cache(maxsize=MEMO)
def legal_form_of(text: str | None) -> str | None:
    """The form that a field of its own says."""
    parsed = _parsed(f"Name {text}") if text else None
    return parsed.legal_form if parsed else None
