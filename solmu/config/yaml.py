"""Reads YAML with the line of every key, so that an error can say where to look.

YAML 1.2, with what configuration needs and no more: `NO` is Norway and not false, every key is text (`true:` and `1:`
too), dates stay text, and so do numbers that would change when they are written again (`0401234567` keeps its zero).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solmu.errors import ConfigurationError

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the top of the file: ``("streams", "leads", "key", 0)``."""

_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?|-?[0-9]+[eE][-+]?[0-9]+")


def called(path: Iterable[str | int]) -> str:
    """What an error calls a place: its key in backquotes, that of the list for one of its items."""
    names = [part for part in path if isinstance(part, str)]
    return f"`{names[-1]}`" if names else "the document"


class Lines:
    """On which line of which file each key stands; lines count from 1."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._lines: dict[KeyPath, int] = {(): 1}

    def note(self, path: KeyPath, line: int) -> None:
        """Remember the line of a key; the first one counts."""
        self._lines.setdefault(path, line)

    def of(self, path: Iterable[str | int]) -> int:
        """The line of that key, or of the nearest block around it that stands in the file."""
        whole = tuple(path)
        return next(self._lines[whole[:end]] for end in range(len(whole), -1, -1) if whole[:end] in self._lines)

    def has(self, path: Iterable[str | int]) -> bool:
        """Whether that very key stands in the file."""
        return tuple(path) in self._lines

    def error(
        self, path: Iterable[str | int], message: str, *, expected: str | None = None, value: Any = None
    ) -> ConfigurationError:
        """An error about that key, with file, line and the dotted name of the key."""
        keys = tuple(path)
        return ConfigurationError(
            message,
            code="configuration",
            file=self.file,
            line=self.of(keys),
            field=".".join(str(key) for key in keys) or None,
            value=value,
            expected=expected,
        )


def load(path: Path) -> tuple[Any, Lines]:
    """The document in a file, as plain dicts, lists, text, numbers, booleans and None; an empty file is ``{}``.

    Raises ConfigurationError that names file and line if it cannot be read, is no YAML, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot be read: {_reason(error)}", code="configuration", file=str(path)) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> tuple[Any, Lines]:
    """The same for text that is already read; ``file`` is what errors call it."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # 0.1 s that a command without YAML need not pay

    lines = Lines(file)
    try:
        node = _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            lines.note(("",), mark.line + 1)
        raise lines.error(("",), f"is not valid YAML: {error.problem or error.context}") from error
    except YAMLError as error:
        raise lines.error((), f"is not valid YAML: {error}") from error
    if node is None:
        return {}, lines
    data = _Builder(lines).value(node, ())
    return ({} if data is None else data), lines


@lru_cache(maxsize=64)
def _composed(text: str) -> Node | None:
    """A run asks for each of its mappings in every step, and again in the next run; composing takes 10 ms. Whoever
    gets the nodes only reads them."""
    from ruamel.yaml import YAML

    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


class _Builder:
    """Turns nodes into plain values; knows which blocks it is in, so that an alias cannot contain itself."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.inside: list[Node] = []

    def value(self, node: Node, path: KeyPath) -> Any:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        self.lines.note(path, node.start_mark.line + 1)
        if any(node is outer for outer in self.inside):
            raise self.lines.error(path, "this alias stands inside of what it names")
        if isinstance(node, MappingNode):
            self.inside.append(node)
            block = self.block(node, path)
            self.inside.pop()
            return block
        if isinstance(node, SequenceNode):
            self.inside.append(node)
            items = [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
            self.inside.pop()
            return items
        return self.scalar(str(node.tag), str(node.value), path)

    def block(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        from ruamel.yaml.nodes import ScalarNode

        block: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self.lines.note((*path, "?"), line)
                raise self.lines.error((*path, "?"), "a key must be plain text")
            name = str(key.value)
            if key.tag == _TAG + "merge":
                merged |= self.merge(value, path)
                continue
            if name in block:
                self.lines.note((*path, "?"), line)
                raise self.lines.error((*path, "?"), f"`{name}` stands here a second time", expected="each key once")
            self.lines.note((*path, name), line)
            block[name] = self.value(value, (*path, name))
        return {**merged, **block}

    def merge(self, node: Node, path: KeyPath) -> dict[str, Any]:
        """What ``<<: *anchor`` brings in; the block's own keys go before it."""
        value = self.value(node, (*path, "<<"))
        blocks = value if isinstance(value, list) else [value]
        if not all(isinstance(block, dict) for block in blocks):
            raise self.lines.error((*path, "<<"), "`<<` takes a block, or a list of blocks")
        merged: dict[str, Any] = {}
        for block in reversed(blocks):
            merged |= block
        return merged

    def scalar(self, tag: str, text: str, path: KeyPath) -> Any:
        match tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if _WHOLE.fullmatch(text):
                return int(text)
            case "float" if _DECIMAL.fullmatch(text):
                return float(text)
            case "str" | "int" | "float" | "timestamp":
                return text
            case _:
                raise self.lines.error(path, f"the tag {tag} means nothing here", expected="plain values")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return (error.strerror or str(error)).lower()
