"""Conditions on columns, for ``ignore_when``: rows that are kept, and otherwise left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.mapping.columns import Unusable, as_text, column
from solmu.mapping.draft import Draft
from solmu.normalise import clean

KEYS = ("from", "in", "not_in", "blank")

Condition = Callable[[Mapping[str, Any]], bool]


def condition(draft: Draft, path: KeyPath, value: Any) -> tuple[Condition, tuple[str, ...]]:
    """Compile a condition, or a list of which one must hold; and the columns that it reads.

    ``{from: Status, in: [Spam]}`` holds if one of the columns has one of the values, upper and lower case aside;
    ``not_in`` if none has; ``blank: true`` if all are blank.
    """
    if isinstance(value, list):
        made = [_condition(draft, (*path, number), each) for number, each in enumerate(value)]
        tests = [test for test, _ in made]
        return (lambda payload: any(test(payload) for test in tests)), tuple(n for _, names in made for n in names)
    return _condition(draft, path, value)


def _condition(draft: Draft, path: KeyPath, value: Any) -> tuple[Condition, tuple[str, ...]]:
    block = draft.block(path, value)
    draft.only(path, block, KEYS)
    columns = [column(text) for text in draft.texts((*path, "from"), block.get("from", [])) if text]
    stated = [name for name in ("in", "not_in", "blank") if name in block]
    if block and (not columns or len(stated) != 1):
        draft.problem(
            path, "a condition has `from` and one of `in`, `not_in` and `blank`", "{from: Status, in: [Spam]}"
        )
        return (lambda payload: False), ()
    gets = [each.get for each in columns]

    def said(payload: Mapping[str, Any]) -> set[str]:
        texts = (_text(get, payload) for get in gets)
        return {text.casefold() for text in texts if text}

    names = tuple(name for each in columns for name in each.names)
    if "blank" in block:
        blank = draft.flag((*path, "blank"), block["blank"])
        return (lambda payload: (not said(payload)) is blank), names
    key = stated[0] if stated else "in"
    listed = {text.casefold() for text in draft.texts((*path, key), block.get(key, []))}
    if key == "in":
        return (lambda payload: not listed.isdisjoint(said(payload))), names
    return (lambda payload: listed.isdisjoint(said(payload))), names


def _text(get: Callable[[Mapping[str, Any]], Any], payload: Mapping[str, Any]) -> str | None:
    try:
        return clean(as_text(get(payload)))
    except Unusable:
        return None
