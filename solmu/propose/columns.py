"""Which columns of a list could tell its rows apart, and which says when a row changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solmu.propose.evidence import evidence
from solmu.propose.words import folded

_KEY_WORDS = frozenset(
    {
        "id", "nr", "no", "number", "num", "key", "code", "guid", "uuid", "numero", "nro", "tunnus", "nummer", "kundnr",
        "kundennummer", "codice", "asiakasnumero", "customerid", "leadid", "recordid",
    }
)  # fmt: skip
_CHANGED_WORDS = (
    "changed", "modified", "updated", "modification", "lastchange", "muutettu", "muokattu", "paivitetty", "andrad",
    "geandert", "modificato", "mtime",
)  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONG = 60


def key_columns(samples: Mapping[str, Sequence[Any]]) -> tuple[list[str], list[str]]:
    """Columns in which no value is blank or comes twice; of these the ones that are called a number or an id.

    The second list is what to propose, at most the first of it; the first is what can be chosen. A date or a long text
    is no key, even where no two rows have the same.
    """
    unique = [name for name, values in samples.items() if _tells_apart(values)]
    return unique, [name for name in unique if _is_called_key(name)]


def changed_columns(samples: Mapping[str, Sequence[Any]], types: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Columns with times or dates, by the system's ``types`` or their values; of these the ones called so."""
    stamps = [
        name
        for name, values in samples.items()
        if any(word in types.get(name, "") for word in ("time", "date")) or evidence(values).share("date") >= 0.9
    ]
    return stamps, [name for name in stamps if any(word in folded(name).replace(" ", "") for word in _CHANGED_WORDS)]


def _tells_apart(values: Sequence[Any]) -> bool:
    texts = ["" if value is None else str(value).strip() for value in values]
    if not texts or not all(texts) or len(set(texts)) < len(texts) or max(map(len, texts)) > _LONG:
        return False
    return len(texts) == 1 or evidence(texts).share("date") < 0.5


def _is_called_key(name: str) -> bool:
    words = folded(_CAMEL.sub(" ", name)).split()
    return bool(words) and (words[-1] in _KEY_WORDS or words[0] in _KEY_WORDS or "".join(words) in _KEY_WORDS)
