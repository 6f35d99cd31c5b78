"""Compiles canonical fields: each becomes one function that reads a row and sets the field.

These functions run for every field of every row, so what can be decided once is decided when they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.mapping.cells import ReadsMany, Same, cells
from solmu.mapping.columns import Get, Unusable, as_text, compiled_path, not_one_value
from solmu.mapping.draft import Draft
from solmu.mapping.row import Columns, Drop, Fill, Pairs, Row, always
from solmu.mapping.specs import MISSING, Maker, Spec, fixed_value, maker_of, parse_spec
from solmu.mapping.transform import Transform, default_transform
from solmu.mapping.transforms import TRANSFORMS
from solmu.model import CanonicalField, Entity
from solmu.normalise.invalid import Invalid

Put = Callable[[Any, Columns, dict[str, Any], dict[str, Columns]], None]
"""Sets fields to what a transform gave of those columns."""

# To any other transform false is blank: some systems answer so where there is no value, and so does a path with &&.
_SAYS_FALSE = frozenset({"flag", "choice"})
_PIECES = re.compile(r"[;,|\n\r]")


@dataclass(frozen=True, slots=True)
class FieldProgram:
    """A compiled field. ``fill`` reads it of one row and ``many`` of many; ``columns``: where its value may stand;
    ``also``: columns that its options are read from; ``fixed``: it says the same of every row."""

    name: str
    fill: Fill
    many: ReadsMany
    columns: Columns = ()
    also: Columns = ()
    fixed: bool = False


def field_program(
    draft: Draft,
    path: KeyPath,
    value: Any,
    target: CanonicalField,
    entity: Entity | None = None,
    home: Any = None,
) -> FieldProgram | None:
    """Compile the specification of a canonical field, or note what is wrong with it.

    A name also fills in fields beside its own, if those are blank: it goes after the fields that it may fill in.
    ``home``: what reads the country of whom the field speaks, where phone numbers that state no region are from.
    """
    spec = parse_spec(draft, path, value)
    transform = spec.transform or default_transform(target, entity)
    if transform == "phone" and home is not None:
        spec.options.setdefault("region", home)
    maker = maker_of(draft, spec, transform)
    if maker is None or not _fits(draft, spec, maker.transform, target):
        return None
    const = fixed_value(draft, spec, maker, "const")
    if const is not None:
        return _constant(target, maker, const)
    default = fixed_value(draft, spec, maker, "default")
    if maker.transform.gives == "parts":
        fill, many = _parts(spec, maker, target, default)
    elif target.many:
        fill, many = _many(spec, maker, target, default)
    else:
        fill, many = _one(spec, maker, target, default)
    columns = dict.fromkeys(name for each in spec.columns for name in each.names)
    return FieldProgram(target.name, fill, many, tuple(columns), maker.option_columns)


def _fits(draft: Draft, spec: Spec, transform: Transform, target: CanonicalField) -> bool:
    path = (*spec.path, "as") if spec.transform else spec.path
    if target.kind not in transform.kinds:
        fitting = ", ".join(name for name, each in TRANSFORMS.items() if target.kind in each.kinds)
        message = f"{target.name} holds a {target.kind}, which {transform.name} does not give"
        draft.problem(path, message, f"one of {fitting}", transform.name)
    elif transform.name in ("split", "terms") and not target.many:
        draft.problem(path, f"{transform.name} gives several values, and {target.name} holds one", None, transform.name)
    else:
        return True
    return False


def _constant(target: CanonicalField, maker: Maker, const: Any) -> FieldProgram:
    if maker.transform.gives == "parts":
        pairs = _with_derived(const, target)
    elif target.many:
        pairs = ((target.name, const if isinstance(const, tuple) else (const,)),)
    else:
        pairs = ((target.name, const[0] if isinstance(const, tuple) else const),)

    def fill(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        for part, value in pairs:
            if part == target.name or part not in fields:
                fields[part] = list(value) if isinstance(value, tuple) else value
                columns[part] = ()

    same = tuple((part, list(value) if isinstance(value, tuple) else value) for part, value in pairs)
    return FieldProgram(target.name, fill, Same(same), fixed=True)


def _one(spec: Spec, maker: Maker, target: CanonicalField, default: Any) -> tuple[Fill, ReadsMany]:
    """The first column that says something decides."""
    name, drop = target.name, spec.drop
    several = maker.transform.gives == "many"
    if isinstance(default, tuple) and not several:
        default = default[0]

    def put(value: Any, names: Columns, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        fields[name], columns[name] = value[0] if several else value, names

    default = None if default == () else default
    fill = _first(spec, maker, put, name, drop, default, as_is=None if several else name)

    def pairs(value: Any) -> Pairs:
        return ((name, value[0] if several else value),)

    return fill, cells(spec.columns, maker, fill, pairs, blank=() if default is None else pairs(default))


def _parts(spec: Spec, maker: Maker, target: CanonicalField, default: Any) -> tuple[Fill, ReadsMany]:
    """A name, which fills in fields beside its own: those of which the source says nothing itself."""
    name = target.name

    def put(value: Any, names: Columns, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        for part, each in _with_derived(value, target):
            if part == name or part not in fields:
                fields[part], columns[part] = each, names

    fill = _first(spec, maker, put, name, spec.drop, default)
    blank = () if default is None else _with_derived(default, target)
    return fill, cells(spec.columns, maker, fill, lambda value: _with_derived(value, target), blank=blank)


def _first(
    spec: Spec, maker: Maker, put: Put, name: str, drop: Drop, default: Any, *, as_is: str | None = None
) -> Fill:
    """Puts what the first column says that says something. ``as_is``: the field in which ``put`` only stores it."""
    sources = _sources(spec)

    def fill(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        for get, heading, names in sources:
            for value in _values(maker, row, get, name, heading, drop):
                put(value, names, fields, columns)
                return
        if default is not None:
            put(default, (), fields, columns)

    return fill if len(sources) != 1 or default is not None else _shortened(fill, spec, maker, put, as_is)


def _shortened(fill: Fill, spec: Spec, maker: Maker, put: Put, as_is: str | None = None) -> Fill:
    """The same for one column and a text that says something: most cells of most sources, so worth its own way."""
    ((get, heading, names),) = _sources(spec)
    memo, option = maker.memo, maker.option
    plain = compiled_path(heading) is None
    if plain and option is None and as_is is not None:
        return _stored(fill, maker, heading, names, as_is)

    def shortened(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        try:
            text = row.payload.get(heading) if plain else get(row.payload)
        except Unusable:
            return fill(row, fields, columns)
        if text is None or text == "":
            return None
        if text.__class__ is not str:
            return fill(row, fields, columns)
        key = text if option is None else (text, option(row))
        value = memo.get(key, MISSING)
        if value is MISSING:
            value = maker.make(key)
        if value is None or value.__class__ is Invalid:
            return fill(row, fields, columns)
        return put(value, names, fields, columns)

    return shortened


def _stored(fill: Fill, maker: Maker, heading: str, names: Columns, name: str) -> Fill:
    """And again for a column by its plain name whose value is all that there is to store."""
    memo, make = maker.memo, maker.make

    def stored(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        text = row.payload.get(heading)
        if text.__class__ is not str:
            return None if text is None else fill(row, fields, columns)
        if not text:
            return None
        value = memo.get(text, MISSING)
        if value is MISSING:
            value = make(text)
        if value is None or value.__class__ is Invalid:
            return fill(row, fields, columns)
        fields[name], columns[name] = value, names
        return None

    return stored


def _many(spec: Spec, maker: Maker, target: CanonicalField, default: Any) -> tuple[Fill, ReadsMany]:
    """All values of all columns, each once, in order."""
    name, drop = target.name, spec.drop
    several = maker.transform.gives == "many"
    sources = _sources(spec)
    if default is not None and not isinstance(default, tuple):
        default = (default,)

    def fill(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        found: list[Any] = []
        used: Columns = ()
        for get, heading, names in sources:
            before = len(found)
            for value in _values(maker, row, get, name, heading, drop, salvage=several):
                for each in value if several else (value,):
                    if each not in found:
                        found.append(each)
            if len(found) > before:
                used = used + names if used else names
        if found:
            fields[name], columns[name] = found, used
        elif default is not None:
            fields[name], columns[name] = list(default), ()

    def put(value: Any, names: Columns, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        fields[name], columns[name] = [*value] if several else [value], names

    def pairs(value: Any) -> Pairs:
        return ((name, [*value] if several else [value]),)

    def join(one: Pairs, other: Pairs) -> Pairs:
        values = one[0][1]
        return ((name, [*values, *(each for each in other[0][1] if each not in values)]),)

    blank = () if default is None else ((name, list(default)),)
    short = fill if len(sources) != 1 or default is not None else _shortened(fill, spec, maker, put)
    return short, cells(spec.columns, maker, fill, pairs, blank=blank, join=join)


def _with_derived(parts: Pairs, target: CanonicalField) -> Pairs:
    """What a name fills in; a name in another field, such as one of the hub's own, is just that."""
    return parts if target.name == "name" else ((target.name, parts[0][1]),)


def _sources(spec: Spec) -> list[tuple[Get, str, Columns]]:
    return [(each.get, each.text, each.names) for each in spec.columns]


def _values(
    maker: Maker, row: Row, get: Get, name: str, heading: str, drop: Drop, *, salvage: bool = False
) -> Iterator[Any]:
    """The values of a cell, most often one; refuses the row for one that makes no sense, or leaves it out.

    ``salvage``: of a cell with several values the good ones are kept, where bad ones may be left out.
    """
    try:
        raw = get(row.payload)
    except Unusable as problem:
        row.invalid(name, heading, not_one_value(problem), drop=drop)
        return
    for item in raw if isinstance(raw, list | tuple) else (raw,):
        try:
            value = _value(maker, row, item)
        except Unusable as problem:
            value = not_one_value(problem)
        if value is None:
            continue
        if not isinstance(value, Invalid):
            yield value
        elif salvage and (drop(value.code) or row.lenient) and isinstance(item, str) and _PIECES.search(item):
            yield from _salvaged(maker, row, item, name, heading, always if row.lenient else drop)
        else:
            row.invalid(name, heading, value, drop=drop)


def _value(maker: Maker, row: Row, raw: Any) -> Any:
    if raw is None or raw == "" or (raw is False and maker.transform.name not in _SAYS_FALSE):
        return None
    numbers = maker.transform.numbers
    if numbers and isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        try:
            value = numbers(raw)
        except Invalid as problem:
            return problem
        if value is not None:
            return value
    text = as_text(raw)
    return maker.value(row, text) if text else None


def _salvaged(maker: Maker, row: Row, text: str, name: str, heading: str, drop: Drop) -> Iterator[Any]:
    for piece in filter(str.strip, _PIECES.split(text)):
        value = maker.value(row, piece)
        if isinstance(value, Invalid):
            row.invalid(name, heading, value, drop=drop)
        elif value is not None:
            yield value
