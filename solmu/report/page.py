"""The templates of the reports that are pages of their own. They say things in the words of the pages of ``serve``, so
that a rule, a reason or a field has one name wherever people meet it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from solmu.match.taken_back import in_words as taken_back
from solmu.report.quarantine import columns_at_fault, in_words
from solmu.sync.lost_columns import in_words as lost_column
from solmu.web.words import labelled, rule, spaced, word


@cache
def environment() -> Environment:
    """All of them; whatever stands in one is escaped, and a name that nobody gave is an error."""
    made = Environment(
        loader=PackageLoader("solmu.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        lost_column=lost_column,
        taken_back=taken_back,
        word=word,
        rule=rule,
        spaced=spaced,
        labelled=labelled,
        refusal=_refusal,
        columns=_columns,
    )
    return made


def _refusal(row: Mapping[str, Any]) -> str:
    """Why a row was refused, its columns as its sheet names them, fields as people call them."""
    return labelled(in_words({"value": None, **row}))


def _columns(row: Mapping[str, Any]) -> str:
    return ", ".join(columns_at_fault({"value": None, **row}))
