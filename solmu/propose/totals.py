"""Rows at the end of a list that are sums and no records. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solmu.normalise import clean, fold

_MOST = 3  # a subtotal, a tax, a total
_WORDS = frozenset(
    """
    total|totals|grand total|sub total|subtotal|sum|sums|in total|overall|
    yhteensa|summa|kaikki yhteensa|valisumma|
    totale|totale complessivo|totale generale|subtotale|somma|
    summe|gesamt|gesamtsumme|insgesamt|zwischensumme|endsumme|
    totalt|delsumma|slutsumma|sum totalt|i alt|ialt|
    total general|sous total|montant total|suma|totaal|razem|kokku|kopa|is viso|celkem
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_NUMBER = re.compile(r"[^\w]*[\d][\d\s.,:%'-]*(?:kpl|pcs|st|stk|eur|usd|kr)?[^\w]*", re.IGNORECASE)


def total_rows(samples: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """What marks the last rows of a list as totals: by column, the texts that stand there.

    ``samples`` are the columns with their values, those of the list's last row at the end. A row is a total if one of
    its cells says so and no other holds anything but a number: a company that is called Total has an address too.
    """
    found: dict[str, list[str]] = {}
    for at in range(1, 1 + min(_MOST, *map(len, samples.values())) if samples else 0):
        texts = {name: text for name, values in samples.items() if (text := clean(_text(values[-at])))}
        marks = {name: text for name, text in texts.items() if _is_total(text)}
        if not marks or any(name not in marks and not _NUMBER.fullmatch(text) for name, text in texts.items()):
            break
        for name, text in marks.items():
            if text not in found.setdefault(name, []):
                found[name].insert(0, text)
    return found


def leaving_out(found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The part of a mapping that keeps such rows and leaves them alone; nothing where there are none."""
    conditions = [{"from": name, "in": list(texts)} for name, texts in found.items()]
    if not conditions:
        return {}
    return {"ignore_when": conditions[0] if len(conditions) == 1 else conditions}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _is_total(text: str) -> bool:
    return fold(_NUMBER.sub(" ", text)) in _WORDS


__all__ = ["leaving_out", "total_rows"]
