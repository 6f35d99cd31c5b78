"""Mappings written as text, and compiled."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from solmu.config.yaml import parse
from solmu.errors import ConfigurationError
from solmu.mapping.source import SourceMapping, source_mapping
from solmu.mapping.target import TargetMapping, target_mapping
from solmu.mapping.values import Mapped


def source(text: str, **more: Any) -> SourceMapping:
    """A source mapping of that text."""
    return source_mapping("test", Path("test.yaml"), *parse(dedent(text), "test.yaml"), **more)


def target(text: str, **more: Any) -> TargetMapping:
    """A target mapping of that text."""
    return target_mapping("test", Path("test.yaml"), *parse(dedent(text), "test.yaml"), **more)


def mapped(text: str, **payload: Any) -> Mapped:
    """What a mapping makes of one payload."""
    return source(text).map(payload, connection="erp")


def organisation(text: str, **payload: Any) -> dict[str, Any]:
    """The organisation's fields that a mapping makes of one payload."""
    mention = mapped(text, **payload).mention("organisation")
    return mention.fields if mention else {}


def person(text: str, **payload: Any) -> dict[str, Any]:
    """The person's fields that a mapping makes of one payload."""
    mention = mapped(text, **payload).mention("person")
    return mention.fields if mention else {}


def told(error: ConfigurationError) -> list[str]:
    """Everything that an error tells, its notes included."""
    return [str(error), *getattr(error, "__notes__", [])]
