"""Small changes to a connection's file that keep its comments."""

from __future__ import annotations

import io
from pathlib import Path

from solmu.config.connections import ConnectionConfig


def set_enabled(connection: ConnectionConfig, enabled: bool) -> Path:
    """Write ``enabled: true`` or ``false`` into the connection's file, and give its path."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    document = yaml.load(connection.file.read_text(encoding="utf-8"))
    if "enabled" in document:
        document["enabled"] = enabled
    else:
        document.insert(list(document).index("direction") + 1, "enabled", enabled)
    out = io.StringIO()
    yaml.dump(document, out)
    part = connection.file.with_suffix(".yaml.part")
    part.write_text(out.getvalue(), encoding="utf-8")
    part.replace(connection.file)
    return connection.file
