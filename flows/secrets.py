"""Secrets kept in Prefect blocks: ``prefect-block:<block type>/<name>`` in a connection's settings."""

from __future__ import annotations

from typing import Any, cast


def prefect_block(reference: str) -> str:
    """The value of a block such as ``secret/sf-key``. Raises ValueError where there is no such block."""
    from prefect.blocks.core import Block

    block: Any = Block.load(reference)
    value = block.get() if hasattr(block, "get") else block.value
    return cast(str, value.get_secret_value() if hasattr(value, "get_secret_value") else value)
