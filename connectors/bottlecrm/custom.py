"""An organisation's custom fields, two of which are ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.bottlecrm.objects import Kind
from connectors.bottlecrm.record import CUSTOM
from connectors.bottlecrm.session import Session
from connectors.bottlecrm.settings import BottleCrmSettings
from solmu.errors import Fatal, Retriable
from solmu.exchange import FieldInfo

_TEXTS = ("text", "textarea")
_TYPES = {"dropdown": "picklist", "checkbox": "boolean"}


class CustomFields:
    """What the organisation has defined; asked for once a kind."""

    def __init__(self, session: Session, settings: BottleCrmSettings) -> None:
        self._session = session
        self._ours = (settings.id_field, settings.stamp_field)
        self._known: dict[str, list[dict[str, Any]]] = {}

    def infos(self, kind: Kind) -> tuple[FieldInfo, ...]:
        return tuple(_info(each, ours=each["key"] in self._ours) for each in self._definitions(kind))

    def missing(self, kind: Kind) -> Sequence[str]:
        """Which of our two fields the administrator has not made yet."""
        there = {each["key"] for each in self._definitions(kind) if each["field_type"] in _TEXTS}
        return [key for key in self._ours if key not in there]

    def must_be_there(self, kind: Kind) -> None:
        """Raises Fatal where our fields are missing."""
        missing = self.missing(kind)
        if missing:
            raise Fatal(
                f"{kind.model} has no custom text field {' and '.join(missing)}, and cannot be written without",
                code="no-custom-field",
                field="id_field" if self._ours[0] in missing else "stamp_field",
                value=missing[0],
                expected=f"custom text fields of {kind.model} with the keys {' and '.join(self._ours)}",
            )

    def _definitions(self, kind: Kind) -> list[dict[str, Any]]:
        if kind.model not in self._known:
            params = {"target_model": kind.model, "active_only": "true", "include_counts": "false"}
            answer = self._session.get("custom-fields/", params) or {}
            if not isinstance(answer.get("definitions"), list):
                raise Retriable("BottleCRM's list of custom fields could not be read", code="garbled")
            self._known[kind.model] = answer["definitions"]
        return self._known[kind.model]


def _info(definition: Mapping[str, Any], *, ours: bool) -> FieldInfo:
    options = definition.get("options") or ()
    return FieldInfo(
        f"{CUSTOM}{definition['key']}",
        _TYPES.get(definition["field_type"], definition["field_type"]),
        label=definition.get("label"),
        custom=True,
        required=bool(definition.get("is_required")) and not ours,  # those are written with every record
        values=tuple(option["value"] for option in options),
        restricted=bool(options),
    )
