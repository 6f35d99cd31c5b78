"""Which column says whether an organisation supplies us: told by its heading and its yes and no. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solmu.propose.settle import Guess
from solmu.propose.words import folded

SUPPLIER = "organisation.supplier"
_CALLED = frozenset(
    {
        "supplier", "vendor", "lieferant", "kreditor", "toimittaja", "leverantor", "leverandor", "fornitore",
        "fournisseur", "proveedor", "tarnija",
    }
)  # fmt: skip
# What stands beside it where it is a question, and not the name of one.
_BESIDE = frozenset(
    {
        "is", "ist", "on", "ar", "er", "e", "also", "auch", "jn", "j", "n", "yn", "y", "flag", "kz", "kennz",
        "kennzeichen", "kylla", "ei", "ja", "nein", "nej", "si",
    }
)  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOSTLY = 0.8
_SURE = 0.85


def settle_suppliers(guesses: Iterable[Guess]) -> None:
    """A column of yes and no that is called so is no column to leave alone: suppliers are no customers."""
    for guess in guesses:
        words = set(folded(_CAMEL.sub(" ", guess.name)).split())
        if words & _CALLED and words <= _CALLED | _BESIDE and guess.evidence.share("flag") >= _MOSTLY:
            guess.take(SUPPLIER, _SURE, "its heading and its values")


__all__ = ["SUPPLIER", "settle_suppliers"]
