"""What ``solmu match one`` is given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solmu.config import Hub
    from solmu.mapping.values import Mapped
    from solmu.store import Store


def read_record(hub: Hub, store: Store, text: str, mapping: str | None) -> Mapped:
    """What the JSON says, by a source mapping or canonical fields. Raises ConfigurationError that names the field."""
    from solmu.errors import ConfigurationError
    from solmu.golden.usual import usual_country
    from solmu.match.given import read_given

    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"--json is no JSON: {error.msg} at character {error.pos + 1}", code="no-json", field="--json",
            expected='a document such as {"organisation": {"name": "Kotka Kone Oy"}}',
        ) from error  # fmt: skip
    with store.read() as connection:
        return read_given(hub, document, mapping, lambda: usual_country(connection))
