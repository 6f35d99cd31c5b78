"""What protects a record from unasked merges, as ``matching.protected`` says it. Pure."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any


def is_protected(values: Mapping[str, Any], protecting: Sequence[str]) -> bool:
    """Whether these values protect whoever has them.

    An entry names a field of which any value does (``key_account``, or ``tags`` for any tag), or a field and the term
    in it that does (``tags=vip``), whatever its case.
    """
    for name, term in map(protection, protecting):
        value = values.get(name)
        if value and (not term or term.casefold() in _terms(value)):
            return True
    return False


@functools.lru_cache(maxsize=256)
def protection(entry: str) -> tuple[str, str]:
    """The field that an entry names, and the term in it; no term where any value will do."""
    name, _, term = entry.partition("=")
    return name.strip(), term.strip()


def _terms(value: Any) -> list[str]:
    return [str(item).casefold() for item in (value if isinstance(value, list | tuple) else (value,))]
