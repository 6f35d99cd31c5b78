"""What ``solmu match one`` is given, and where people see what it finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solmu.config import Hub
    from solmu.mapping.values import Mapped


def read_record(hub: Hub, text: str, mapping: str | None) -> Mapped:
    """What the JSON says, by a source mapping or canonical fields. Raises ConfigurationError that names the field."""
    from solmu.errors import ConfigurationError
    from solmu.mapping import load_source_mapping
    from solmu.match.given import canonical_mapping, read_canonical, read_mapped
    from solmu.model import Entity

    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"--json is no JSON: {error.msg} at character {error.pos + 1}", code="no-json", field="--json",
            expected='a document such as {"organisation": {"name": "Kotka Kone Oy"}}',
        ) from error  # fmt: skip
    if mapping is None:
        known = {entity: hub.fields(entity) for entity in Entity}
        return read_canonical(canonical_mapping(known), document, known)
    if not isinstance(document, dict):
        raise ConfigurationError("a row is a block of columns", code="no-record", field="--json",
                                 expected='{"Company": "Kotka Kone Oy", …}')  # fmt: skip
    return read_mapped(load_source_mapping(hub, mapping), document)


@contextmanager
def addresses(hub: Hub) -> Iterator[Callable[[str, str, str], str | None]]:
    """Where people see records in the CRMs; None for a CRM whose connection cannot be opened here."""
    from contextlib import ExitStack

    from solmu.config.connectors import open_connector
    from solmu.errors import SolmuError

    with ExitStack() as stack:
        known: dict[str, Any] = {}

        def address(target: str, object: str, remote_id: str) -> str | None:
            if target not in known:
                try:
                    known[target] = stack.enter_context(open_connector(hub, hub.connection(target)))
                except SolmuError:
                    known[target] = None
            found: str | None = known[target].record_url(object, remote_id) if known[target] else None
            return found

        yield address
