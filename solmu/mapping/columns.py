"""Reads columns of a payload: by their plain name, or by a JMESPath where the payload is nested."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import jmespath
from jmespath import exceptions, functions

from solmu.exchange import error_in
from solmu.normalise.invalid import Invalid

Payload = Mapping[str, Any]
Get = Callable[[Payload], Any]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CUSTOM_FIELD = re.compile(r"\bcustom\.[a-z][a-z0-9_]*")
_FIELD = re.compile(r"(custom\.)?[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Column:
    """One ``from``: ``names`` are the payload's top-level keys that it reads."""

    text: str
    names: tuple[str, ...]
    get: Get


def column(text: str) -> Column:
    """A plain column name, or a JMESPath such as ``Address.City`` or ``Phones[0]``.

    A key of exactly that name goes before the path, and text that is no path is always a name ("E-mail (work)"): what
    people call their columns is not ours to restrict.
    """
    compiled = compiled_path(text)
    if compiled is None:
        return Column(text, (text,), _plain(text))
    search, roots = compiled
    return Column(text, (text, *roots), _either(text, search))


def _plain(name: str) -> Get:
    return lambda payload: payload.get(name)


def _either(name: str, search: Get) -> Get:
    def get(payload: Payload) -> Any:
        if name in payload:
            return payload[name]
        try:
            return search(payload)
        except exceptions.JMESPathError as error:
            raise Unusable(f"the path does not fit what is there: {error}") from error

    return get


@cache
def compiled_path(text: str) -> tuple[Get, tuple[str, ...]] | None:
    """The path's search and the keys that it begins with; None if the text is a plain name or no path at all."""
    if _IDENTIFIER.fullmatch(text):
        return None
    try:
        expression = jmespath.compile(text)
    except exceptions.JMESPathError:
        return None
    tree: Any = expression.parsed
    if tree["type"] == "field" or not _callable(tree):
        return None
    return expression.search, tuple(dict.fromkeys(_roots(tree)))


def heading(text: str, payload: Payload) -> str:
    """What people call the column that a ``from`` reads of this payload: of a path, where it begins."""
    found = None if text in payload else compiled_path(text)
    return " or ".join(found[1]) if found and found[1] else text


def path_roots(text: str) -> tuple[str, ...]:
    """The names that a path begins with: ``("phone",)`` of ``phone[0]``. Raises ValueError if it is no path."""
    try:
        tree: Any = jmespath.compile(_quoted(text)).parsed
    except exceptions.JMESPathError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if not _callable(tree):
        raise ValueError("it calls a function that JMESPath does not have")
    return tuple(dict.fromkeys(_roots(tree)))


def path_search(text: str) -> Get:
    """A search over canonical values: a field's name, also one with a dot (``custom.machine``), or a JMESPath."""
    if _FIELD.fullmatch(text):
        return _plain(text)
    search: Get = jmespath.compile(_quoted(text)).search

    def get(document: Payload) -> Any:
        try:
            return search(document)
        except exceptions.JMESPathError:  # a function does not fit a value of this record: there is nothing to push
            return None

    return get


def _quoted(text: str) -> str:
    """The path with the hub's own fields in quotes: to JMESPath a dot is a step."""
    return _CUSTOM_FIELD.sub(r'"\g<0>"', text)


_FROM_FIRST_CHILD = frozenset(
    {
        "subexpression",
        "index_expression",
        "projection",
        "value_projection",
        "filter_projection",
        "pipe",
        "flatten",
    }
)


def _callable(tree: dict[str, Any]) -> bool:
    """Whether every function in the path exists; "Company (legal)" would otherwise look like a call."""
    if tree["type"] == "function_expression" and tree["value"] not in functions.Functions.FUNCTION_TABLE:
        return False
    return all(_callable(child) for child in tree["children"] if isinstance(child, dict))


def _roots(tree: dict[str, Any]) -> Iterator[str]:
    """The fields that are looked up in the document itself, not in what an earlier step found."""
    match tree["type"]:
        case "field":
            yield tree["value"]
        case _ if tree["type"] in _FROM_FIRST_CHILD:
            yield from _roots(tree["children"][0])
        case "expref":  # &name in sort_by(people, &name) is looked up in each person
            return
        case _:
            for child in tree["children"]:
                if isinstance(child, dict):
                    yield from _roots(child)


class Unusable(ValueError):
    """The column holds something that cannot be one value; the text says what."""


class ShowsError(Unusable):
    """The cell holds no value but the error of its formula, ``text``."""

    def __init__(self, text: str) -> None:
        super().__init__("this cell shows an error of its formula and no value")
        self.text = text


def not_one_value(problem: Unusable) -> Invalid:
    """What is wrong with such a column, and what would be right."""
    if isinstance(problem, ShowsError):
        return Invalid("cell-error", problem.text, str(problem), "the value itself, pasted into the cell")
    return Invalid("not-one-value", "", str(problem), "one value, or a path to it such as Address.City")


def as_text(raw: Any) -> str | None:
    """A scalar of a payload as people would write it: 1001.0 of a spreadsheet is "1001". Raises Unusable."""
    match raw:
        case str():
            return raw
        case None:
            return None
        case bool():
            return "true" if raw else "false"
        case int():
            return str(raw)
        case float():
            return str(int(raw)) if raw.is_integer() else format(Decimal(repr(raw)), "f")
        case Decimal():
            return format(raw, "f")
        case dict() if (error := error_in(raw)) is not None:
            raise ShowsError(error)
        case _:
            raise Unusable("there is a list here" if isinstance(raw, list | tuple) else "there is a block here")
