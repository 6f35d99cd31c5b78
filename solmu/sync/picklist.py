"""Whether a field that takes only certain values takes this one. Pure.

A target refuses a whole record for one such value. So it is left out, the rest of the record goes, and what was left
out is told: in the line of the plan, and as a change that is rejected once nothing else is to be changed.
"""

from __future__ import annotations

from typing import Any

from solmu.exchange import FieldInfo
from solmu.sync.equal import LISTS, blank

CODE = "picklist"
_NAMED = 12


def listed(value: Any, info: FieldInfo | None) -> Any:
    """The value as the target's list writes it: it may differ from ours in upper and lower case."""
    if info is None or not info.restricted or not info.values or blank(value):
        return value
    known = {each.casefold(): each for each in info.values}
    if info.type in LISTS:
        parts = value if isinstance(value, list | tuple) else str(value).split(";")
        named = [known.get(str(each).strip().casefold(), each) for each in parts]
        return named if isinstance(value, list | tuple) else ";".join(map(str, named))
    return known.get(value.strip().casefold(), value) if isinstance(value, str) else value


def is_unlisted(value: Any, info: FieldInfo | None) -> bool:
    """Whether the target would refuse the value because its list has none such."""
    if info is None or not info.restricted or not info.values or blank(value):
        return False
    if info.type in LISTS:
        parts = value if isinstance(value, list | tuple) else str(value).split(";")
        return any(str(each).strip() not in info.values for each in parts)
    return isinstance(value, str) and value.strip() not in info.values


def why(name: str, info: FieldInfo | None) -> str:
    """What is wrong, and what would be right."""
    values = info.values if info else ()
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return f"{name} takes none but {', '.join(values[:_NAMED])}{more}, so this value was left out"
