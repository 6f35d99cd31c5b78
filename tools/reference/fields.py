"""The canonical fields, and the normalisers that make their values comparable."""

from __future__ import annotations

import inspect
import re

import solmu.model
from solmu import normalise
from solmu.mapping.transform import default_transform
from solmu.match.rules import RULES
from solmu.model import FIELDS, HANGING_FIELDS, CanonicalField, Entity
from tools.reference.markdown import block, code, first_paragraph, page, table


def fields_page() -> str:
    """``fields.md``."""
    parts: list[str] = []
    for entity, fields in FIELDS.items():
        parts += [f"## {entity.value}", table(_COLUMNS, (_row(each, entity) for each in fields.values()))]
    for hanging, fields in HANGING_FIELDS.items():
        parts += [f"## {hanging.value}", table(_COLUMNS, (_row(each, None) for each in fields.values()))]
    return page(
        "Fields",
        "A field's kind fixes the shape of its values:",
        table(("Kind", "Value"), _kinds()),
        "Fields of one group win together. A hub adds fields of its own, named `custom.…`, "
        "under `fields:` in [hub.yaml](hub.md).",
        *parts,
    )


_COLUMNS = ("Field", "Label", "Kind", "Values", "Group", "Transform without `as`")


def _row(field: CanonicalField, entity: Entity | None) -> tuple[str, ...]:
    values = "many" if field.many else "one"
    return code(field.name), field.label, field.kind, values, field.group or "", code(default_transform(field, entity))


def _kinds() -> list[tuple[str, str]]:
    """The table of kinds in the model's docstring."""
    _, head, rows, _ = re.split(r"^=+ =+$\n?", solmu.model.__doc__ or "", flags=re.MULTILINE)
    assert head.split() == ["kind", "value"]
    return [
        (code(name), text.strip().replace("``", "`")) for name, _, text in (r.partition(" ") for r in rows.splitlines())
    ]


def normalisers_page() -> str:
    """``normalisers.md``."""
    public = {name: getattr(normalise, name) for name in normalise.__all__}
    functions = {name: each for name, each in public.items() if inspect.isfunction(each)}
    parts: list[str] = []
    for name, function in sorted(functions.items()):
        signature = re.sub(r"solmu\.normalise\.\w+\.", "", f"{name}{inspect.signature(function)}").replace("'", "")
        parts += [f"## {name}", block(signature, "python"), first_paragraph(function.__doc__)]
    return page(
        "Normalisers",
        "Pure functions of `solmu.normalise`. Each gives a normal form, None for blank, or raises `Invalid` with a "
        "code of [these](errors.md). Mappings call them by [transforms](transforms.md).",
        *parts,
    )


def matching_page() -> str:
    """``matching-rules.md``."""
    return page(
        "Rules of identity",
        "What merges by itself as long as no threshold is proven; see [Matching](../explanation/matching.md). "
        "What is protected is only asked about. A soft rule rests on a name that nobody else has, and is withdrawn "
        "when somebody turns up who has.",
        table(
            ("Rule", "In words", "Soft"),
            ((code(rule.name), rule.sentence, "yes" if rule.soft else "") for rule in RULES.values()),
        ),
    )
