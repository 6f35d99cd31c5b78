"""Field specifications: what to read, and the transform that makes a canonical value of it.

A specification is a column's name, or a block ``{from, as, const, default, on_invalid}`` with the options of its
transform beside. Each distinct text is transformed once; the results are remembered up to a bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from solmu.config.nearest import choice_of
from solmu.config.yaml import KeyPath, called
from solmu.mapping.columns import Column, Unusable, as_text, column
from solmu.mapping.draft import Draft
from solmu.mapping.row import ON_INVALID, Drop, Row, never
from solmu.mapping.transform import VOCABULARY, Apply, Option, Transform
from solmu.mapping.transforms import TRANSFORMS
from solmu.normalise.invalid import Invalid

MEMO = 20_000
"""Distinct values that are remembered for one transform; beyond, it starts over."""

COMMON_KEYS = ("from", "as", "const", "default", "on_invalid")

MISSING: Any = object()


@dataclass(slots=True)
class Spec:
    """A field specification taken apart. ``drop``: which values that make no sense are left out with a warning."""

    path: KeyPath
    columns: list[Column] = field(default_factory=list)
    transform: str | None = None
    const: Any = MISSING
    default: Any = MISSING
    drop: Drop = never
    options: dict[str, Any] = field(default_factory=dict)


def parse_spec(draft: Draft, path: KeyPath, value: Any) -> Spec:
    """Take a specification apart: a column's name, a list of them, or a block."""
    block = draft.block(path, value) if not isinstance(value, str | list) else {"from": value}
    spec = Spec(path)
    for key, each in block.items():
        match key:
            case "from":
                spec.columns = [column(text) for text in draft.texts((*path, key), each) if text]
            case "as":
                spec.transform = draft.text((*path, key), each)
            case "const":
                spec.const = each
            case "default":
                spec.default = each
            case "on_invalid":
                spec.drop = ON_INVALID.get(draft.one_of((*path, key), each, tuple(ON_INVALID)), never)
            case _:
                spec.options[key] = each
    if block and "from" not in block and "const" not in block:
        message = f"{called(path)} does not say where its value comes from"
        draft.problem(path, message, "`from` with a column, or `const` with a value")
    elif "from" in block and "const" in block:
        draft.problem((*path, "const"), "`from` and `const` exclude each other", "a fallback is called `default`")
    return spec


@dataclass(frozen=True, slots=True)
class RowOption:
    """Reads an option that differs from row to row: the first of ``columns`` that says something decides."""

    columns: Sequence[Column]
    maker: Maker
    default: Any

    def __call__(self, row: Row) -> Any:
        """Its value, None where that makes no sense."""
        for each in self.columns:
            try:
                text = as_text(each.get(row.payload))
            except Unusable:
                return None
            value = self.maker.value(row, text) if text else None
            if value is not None:
                return None if isinstance(value, Invalid) else value
        return self.default


@dataclass(frozen=True, slots=True)
class Maker:
    """A transform with its options. ``option``: what reads the one option that differs from row to row."""

    transform: Transform
    apply: Apply
    option: RowOption | None
    memo: dict[Any, Any]
    option_columns: tuple[str, ...] = ()

    def value(self, row: Row, text: str) -> Any:
        """The value of a text in that row, None if it says nothing, or the Invalid that says why there is none."""
        return self.known(text if self.option is None else (text, self.option(row)))

    def known(self, key: Any) -> Any:
        """The same by its key: the text, or the text and the row's option."""
        value = self.memo.get(key, MISSING)
        return self.make(key) if value is MISSING else value

    def make(self, key: Any) -> Any:
        """The same for what is not in the memo."""
        value = self.fresh(key)
        if len(self.memo) >= MEMO:
            self.memo.clear()
        self.memo[key] = value
        return value

    def fresh(self, key: Any) -> Any:
        """The same without the memo."""
        try:
            value = self.apply(key) if self.option is None else self.apply(*key)
        except Invalid as problem:
            return problem
        return None if value == () else value


def maker_of(draft: Draft, spec: Spec, name: str) -> Maker | None:
    """The transform of that name with the specification's options, or None after noting a problem."""
    transform = TRANSFORMS.get(name)
    if transform is None:
        draft.problem((*spec.path, "as"), f"unknown transform `{name}`", choice_of(name, TRANSFORMS), name)
        return None
    problems = len(draft.problems)
    options = _options(draft, spec, transform)
    option, fixed, columns = _row_option(draft, spec, transform)
    if len(draft.problems) > problems:
        return None
    try:
        apply = transform.build(options)
    except Invalid as problem:
        draft.problem(spec.path, f"{called(spec.path)}: {problem.message}", problem.expected, problem.value)
        return None
    if fixed is not None:
        apply = partial(_with_option, apply, fixed)
    memo = draft.memos.setdefault((name, repr(sorted(options.items())), fixed, option is not None), {})
    return Maker(transform, apply, option, memo, columns)


def fixed_value(draft: Draft, spec: Spec, maker: Maker, key: str) -> Any:
    """``const`` or ``default`` as a canonical value, None if not stated: it takes the same way as what is read."""
    stated = spec.const if key == "const" else spec.default
    if stated is MISSING or stated is None:
        return None
    path = (*spec.path, key)
    made: list[Any] = []
    for each in stated if isinstance(stated, list) else [stated]:
        try:
            text = as_text(each)
        except Unusable:
            draft.problem(path, f"`{key}` takes a value, or a list of values")
            continue
        value = maker.make(text if maker.option is None else (text, None)) if text else None
        if isinstance(value, Invalid):
            draft.problem(path, f"`{key}`: {value.message}", value.expected, each)
        elif value is not None:
            made.append(value)
    if not isinstance(stated, list):
        return made[0] if made else None
    return tuple(item for value in made for item in (value if maker.transform.gives == "many" else (value,)))


def _with_option(apply: Apply, option: Any, text: str) -> Any:
    return apply(text, option)


def _options(draft: Draft, spec: Spec, transform: Transform) -> dict[str, Any]:
    """The options that are the same for every row."""
    options: dict[str, Any] = {}
    for key, value in spec.options.items():
        path = (*spec.path, key)
        declared = transform.options.get(key)
        if declared is None:
            draft.unknown(path, f"option of the transform {transform.name}", [*transform.options, *COMMON_KEYS])
        elif key == VOCABULARY:
            options[key] = _vocabulary(draft, path, draft.text(path, value))
        elif declared.kind != "row":
            options[key] = read_option(draft, path, value, declared)
    for declared in transform.options.values():
        if declared.required and declared.name not in spec.options:
            draft.problem(spec.path, f"the transform {transform.name} needs `{declared.name}`", declared.purpose)
    return options


def read_option(draft: Draft, path: KeyPath, value: Any, declared: Option) -> Any:
    """The value of an option, checked against what it is declared to be."""
    match declared.kind:
        case "flag":
            return draft.flag(path, value)
        case "list":
            return draft.texts(path, value)
        case "map":
            return {said: draft.text((*path, said), meant) for said, meant in draft.block(path, value).items()}
        case _ if declared.choices:
            return draft.one_of(path, value, declared.choices)
        case _:
            return draft.text(path, value)


def _vocabulary(draft: Draft, path: KeyPath, name: str) -> Mapping[str, list[str]]:
    if name not in draft.vocabularies:
        draft.problem(path, f"this mapping has no vocabulary {name!r}", choice_of(name, draft.vocabularies), name)
    return draft.vocabularies.get(name, {})


def _row_option(draft: Draft, spec: Spec, transform: Transform) -> tuple[RowOption | None, Any, tuple[str, ...]]:
    name = transform.row_option
    if name is None or name not in spec.options:
        return None, None, ()
    return country_option(draft, (*spec.path, name), spec.options[name])


def country_option(draft: Draft, path: KeyPath, stated: Any) -> tuple[RowOption | None, Any, tuple[str, ...]]:
    """An option that is a country: what reads it from a row, or the one country of all rows; and the columns read.

    A country that makes no sense says nothing here; where it is a field of its own, the row is refused for it there.
    """
    if stated is None:
        return None, None, ()
    spec = parse_spec(draft, path, {"const": stated} if isinstance(stated, str) else stated)
    maker = maker_of(draft, spec, spec.transform or "country")
    if maker is None:
        return None, None, ()
    if isinstance(stated, str) and isinstance(unknown := maker.make(stated), Invalid):
        # In most places a word is a column's name, so somebody means one here, too.
        draft.problem(path, unknown.message, f"{unknown.expected}; for a column: {{from: {stated}}}", stated)
        return None, None, ()
    if not spec.columns:
        return None, fixed_value(draft, spec, maker, "const"), ()
    read = RowOption(spec.columns, maker, fixed_value(draft, spec, maker, "default"))
    return read, None, tuple(name for each in spec.columns for name in each.names)
