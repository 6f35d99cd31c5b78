"""What mappings may say: their keys, the transforms of both sides, and the mappings that ship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solmu.config.mappings import Side, shipped_mappings
from solmu.mapping.entities import RELATIONS
from solmu.mapping.outputs import OUTPUTS
from solmu.mapping.schema import mapping_schema
from solmu.mapping.transform import Option
from solmu.mapping.transforms import TRANSFORMS
from tools.reference.markdown import code, listed, page, prose, table

_GIVES = {"one": "one value", "many": "several values", "parts": "a value and its parts"}
_OF_A_FIELD = ("from", "as", "const", "default", "on_invalid")
_OF_A_TARGET_FIELD = ("from", "as", "const", "template", "parent", "assign", "default", "required", "only_on")

# What the schemas leave to their names.
_MEANING = {
    "affiliation": "Of the person and the organisation of one record: job title, since, until.",
    "const": "A value that every record has.",
    "default": "The value where there is none.",
    "entity": "Pushes `organisation` or `person`; or else `hanging`.",
    "exclude": "What keeps records out; default: the hub's `admission`.",
    "fields": "Field of the target -> where its value comes from.",
    "hanging": "Pushes what hangs on them: leads, orders and so on.",
    "ignore_when": "Records that are kept and left alone: `{from: Status, in: [Spam]}`, also `not_in`, `blank`.",
    "include": "What lets records in; default: the hub's `admission`.",
    "on_invalid": "`refuse` the record (default), `drop` the value with a warning, or `drop-without-country`: only one "
    "that cannot be read because its country is not known.",
    "only_on": "Only when a record is created, or only when it is updated.",
    "people_in_notes": "A column in whose text people are looked for; with `region`, the country of their numbers.",
    "required": "Without a value the record is not sent.",
    "vocabularies": "Lists of terms, each with what people write for it; `terms` reads them.",
}


def mappings_page() -> str:
    """``mappings.md``."""
    source, target = mapping_schema("sources"), mapping_schema("targets")
    of_field, of_target_field = _field(source["$defs"]["field"]), _field(target["properties"]["fields"])
    return page(
        "Mappings",
        "The hub's `mappings/sources/` and `mappings/targets/` are looked into first, then the mappings that ship "
        "with Solmu. The canonical fields stand in [Fields](fields.md), transforms in [Transforms](transforms.md).",
        "## A source mapping",
        table(("Key", "Meaning"), _keys(source)),
        "A field is a column's name, a list of names of which the first that is filled in counts, or a block:",
        table(
            ("Key", "Meaning"),
            _chosen(of_field, _OF_A_FIELD, {"as": "The transform; without it, the one that fits the field."}),
        ),
        "Beside these stand the options of its transform.",
        "Beside its fields, a block says to whom its organisation or person belongs:",
        table(("Key", "Of", "Meaning"), _ties()),
        "Its value, as that of `of`, is the name of another block of the same mapping (`organisation#2`), or a record "
        "of another stream by its key: `{stream: accounts, key: {from: ParentId}}`, with `connection` for one of "
        "another connection and `slot` for another block than the first. Of a list, the first that is there counts. "
        "`solmu explain` shows these ties; they never make two organisations one.",
        "## A target mapping",
        table(("Key", "Meaning"), _keys(target)),
        "A field is a canonical field's name, a list of names, or a block:",
        table(
            ("Key", "Meaning"),
            _chosen(
                of_target_field, _OF_A_TARGET_FIELD, {"as": "A transform, or a list of them, one after the other."}
            ),
        ),
        "## Shipped with Solmu",
        table(("Mapping", "Side", "What it is for"), _shipped()),
    )


def transforms_page() -> str:
    """``transforms.md``."""
    return page(
        "Transforms",
        "Both lists are closed. A transform is named by `as`, and its options stand beside.",
        "## In source mappings",
        table(
            ("Transform", "Makes", "For fields of kind", "Gives", "Options"),
            (
                (code(each.name), each.purpose, _kinds(each.kinds), _GIVES[each.gives], _options(each.options))
                for each in TRANSFORMS.values()
            ),
        ),
        "A field without `as` takes the transform of its kind: see [Fields](fields.md).",
        "## In target mappings",
        table(
            ("Transform", "Makes", "Of fields of kind", "Options"),
            ((code(each.name), each.purpose, _kinds(each.kinds), _options(each.options)) for each in OUTPUTS.values()),
        ),
        "In a template they follow the field: `{interest|join}`.",
    )


def _kinds(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(kinds)) or "any"


def _options(options: Mapping[str, Option]) -> str:
    return "<br>".join(_option(each) for each in options.values()) or "none"


def _option(option: Option) -> str:
    choices = f" ({listed(option.choices)})" if option.choices else ""
    required = ", required" if option.required else ""
    row = "; text, or a field of the same row" if option.kind == "row" else ""
    return f"{code(option.name)}{choices}: {option.purpose}{row}{required}"


def _keys(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for pattern in schema.get("patternProperties", {}):
        name = pattern.strip("^$").partition("(")[0]
        yield f"`{name}`, `{name}#2` …", f"What the record says of one {name}: canonical field -> field."
    for name, each in schema["properties"].items():
        yield code(name), _meaning(name, each)


_TIES = {
    "brand": "An organisation that is a brand of this one.",
    "dealer": "The dealer that sells to it.",
    "employer": "The organisation that the person works for; `affiliation` gives job title, since and until.",
    "parent": "The organisation that it belongs to.",
    "site": "A site of it.",
}


def _ties() -> Iterator[tuple[str, str, str]]:
    yield code("employer"), "person", _TIES["employer"]
    for name in RELATIONS:
        yield code(name), "organisation", _TIES[name]


def _chosen(schema: Mapping[str, Any], names: tuple[str, ...], told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield code(name), told.get(name) or _meaning(name, schema["properties"][name])


def _meaning(name: str, schema: Mapping[str, Any]) -> str:
    found = _MEANING.get(name) or schema.get("description")
    if found is None and name in _BLOCKS:
        found = f"The {name.replace('_', ' ')} that a record is or has; `of` says whose it is. A list makes several."
    if found is None:
        raise KeyError(f"mapping key {name!r} has no description; say in tools/reference/mappings.py what it means")
    return prose(found)


_BLOCKS = ("lead", "deal", "order", "order_line", "activity")


def _field(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The block among the ways to state a field."""
    choices = schema.get("additionalProperties", schema)["oneOf"]
    [found] = [each for each in choices if "properties" in each]
    return dict(found)


def _shipped() -> Iterator[tuple[str, str, str]]:
    sides: tuple[Side, ...] = ("sources", "targets")
    for side in sides:
        folder = shipped_mappings() / side
        for path in sorted(folder.rglob("*.yaml")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            yield code(name), side.removesuffix("s"), _heading(path.read_text(encoding="utf-8"))


def _heading(text: str) -> str:
    """The comment that a file begins with, without the line for editors."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if "yaml-language-server" not in line:
            lines.append(line.removeprefix("#").strip())
    return " ".join(line for line in lines if line)
