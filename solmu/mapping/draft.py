"""A mapping's file while it is read: where things stand, and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from solmu.config.nearest import choice_of
from solmu.config.problems import raise_all
from solmu.config.yaml import KeyPath, Lines, called
from solmu.errors import ConfigurationError


@dataclass
class Draft:
    """Collects problems instead of raising the first, so that a mapping can be mended in one go.

    ``slots`` are those that the mapping fills; ``memos`` the results of transforms by distinct value, shared by fields
    that read the same way.
    """

    data: Mapping[str, Any]
    lines: Lines
    vocabularies: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    problems: list[ConfigurationError] = field(default_factory=list)
    memos: dict[Any, dict[Any, Any]] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str, expected: str | None = None, value: Any = None) -> None:
        """Note that something at that place is wrong."""
        self.problems.append(self.lines.error(path, message, expected=expected, value=value))

    def unknown(self, path: KeyPath, what: str, known: Iterable[str]) -> None:
        """Note that the last name of the path is not one of those known."""
        name = str(path[-1])
        self.problem(path, f"unknown {what} `{name}`", choice_of(name, known), name)

    def only(self, path: KeyPath, block: Mapping[str, Any], known: Iterable[str]) -> None:
        """Note every key of a block that is not known."""
        names = list(known)
        for key in block:
            if key not in names:
                self.unknown((*path, key), "key", names)

    def block(self, path: KeyPath, value: Any) -> Mapping[str, Any]:
        """The value if it is a block; else a problem, and an empty one."""
        if isinstance(value, Mapping):
            return value
        self.problem(path, f"{called(path)} takes a block", "`key: value` lines", value)
        return {}

    def text(self, path: KeyPath, value: Any) -> str:
        """The value if it is text or a number; else a problem."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.problem(path, f"{called(path)} takes text", None, value)
            return ""
        return str(value)

    def texts(self, path: KeyPath, value: Any) -> list[str]:
        """The value as a list of texts; one text is a list of one."""
        items = value if isinstance(value, list) else [value]
        return [
            self.text((*path, number) if isinstance(value, list) else path, item) for number, item in enumerate(items)
        ]

    def flag(self, path: KeyPath, value: Any) -> bool:
        """The value if it is true or false; else a problem."""
        if not isinstance(value, bool):
            self.problem(path, f"{called(path)} takes true or false", None, value)
        return bool(value)

    def one_of(self, path: KeyPath, value: Any, choices: Iterable[str]) -> str:
        """The value if it is one of those; else a problem."""
        names = list(choices)
        if value not in names:
            self.problem(path, f"{called(path)} cannot be {value!r}", choice_of(str(value), names), value)
        return str(value)

    def finish(self) -> None:
        """Raise what is wrong, if anything is."""
        if self.problems:
            raise_all(self.problems)
