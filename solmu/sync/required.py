"""What a new record must have, and who says so: the target itself, or the target mapping. Pure.

A record without it is refused by the target, each night anew. So the plan refuses it, and says what would be right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from solmu.exchange import FieldInfo
from solmu.sync.action import Wanted

CODE = "required"
_NAMED = 12


def is_required(want: Wanted, info: FieldInfo | None) -> bool:
    """Whether a mapped field must have a value in a new record."""
    return want.required or (info is not None and info.required)


def demanded(fields: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """The fields that the target demands of a new record, as far as anybody can give it them."""
    return {name: info for name, info in fields.items() if info.required and info.createable}


def unmapped(
    demanded: Mapping[str, FieldInfo], wanted: Collection[str], external_id: str | None
) -> tuple[str, FieldInfo] | None:
    """The first field that is demanded of a new record and that the mapping does not write, if there is one."""
    return next(((name, info) for name, info in demanded.items() if name not in wanted and name != external_id), None)


def why_blank(object: str, name: str, want: Wanted) -> str:
    """Why nothing stands in a mapped field, and what would be right."""
    begin = f"{_of(name, object)} is required, and "
    or_default = f"or a `default:` of {name} in the target mapping"
    if want.parent:
        return f"{begin}there is no record of {want.parent} that it could point at: a customer of it in a source"
    if want.assign:
        return f"{begin}no rule of `assignment:` gives an owner: a rule for this customer, or a default, in hub.yaml"
    if want.source is None:
        return f"{begin}the golden record has no value for it: one in a source, {or_default}"
    return f"{begin}the golden record has no {want.source}: one in a source, or a steward's, {or_default}"


def why_unmapped(object: str, name: str, info: FieldInfo) -> str:
    """Why nothing stands in a field that the mapping does not write, and what would be right."""
    named = ", ".join(info.values[:_NAMED]) + (", …" if len(info.values) > _NAMED else "")
    values = f"; it takes {named}" if info.restricted and info.values else ""
    return (
        f"{_of(name, object)} is required by the target, which has no default for it, and the target mapping does not "
        f"write it: a line for {name} there, with `from:` a field of the golden record or with `const:`{values}"
    )


def _of(name: str, object: str) -> str:
    return f"{name} of {object}" if object else name
