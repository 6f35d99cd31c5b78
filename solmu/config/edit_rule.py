"""Stating one survivorship rule in ``hub.yaml``. Only the lines that it needs change: the rest is its keeper's own."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solmu.config.edit import file_stamp, replaced
from solmu.config.hub import FILE, Hub, hub_from
from solmu.config.yaml import parse
from solmu.errors import ConfigurationError, SolmuError
from solmu.model import Entity

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node

_BLOCK = "survivorship"
_STEP = 2  # columns that a block is indented by


@dataclass(frozen=True)
class Proposed:
    """``hub.yaml`` as it is and as it would be; ``hub`` is what would be read from it, ``seen`` names what is."""

    before: str
    after: str
    hub: Hub
    seen: str


def propose_rule(hub: Hub, entity: Entity, field: str, rule: str, about: str = "") -> Proposed:
    """See what stating a field's rule would make of the file. Nothing is written.

    ``about`` becomes a comment above a rule that was not there. Raises ConfigurationError where the hub would not
    understand the file any more, and where it is written in a way that only its keeper can change.
    """
    path = hub.folder / FILE
    content = path.read_bytes()
    before = content.decode("utf-8-sig")
    after = with_rule(before, str(path), entity, field, rule, about)
    return Proposed(before, after, hub_from(hub.folder, *parse(after, str(path))), file_stamp(content))


def set_rule(hub: Hub, entity: Entity, field: str, rule: str, about: str = "", *, seen: str) -> None:
    """Write what ``propose_rule`` showed. Raises SolmuError if the file has changed since, and as that does."""
    proposed = propose_rule(hub, entity, field, rule, about)
    if proposed.seen != seen:
        raise SolmuError(
            f"{FILE} was changed since you looked at it", code="changed", expected="a look at it as it is now"
        )
    replaced(hub.folder / FILE, proposed.after)


def with_rule(text: str, file: str, entity: Entity, field: str, rule: str, about: str = "") -> str:
    """The text with that rule in it. Pure. Raises ConfigurationError as ``propose_rule`` does."""
    from ruamel.yaml import YAML

    wanted = copy.deepcopy(parse(text, file)[0])
    stated = wanted.get(_BLOCK)
    wanted[_BLOCK] = {**(stated or {}), entity.value: {**((stated or {}).get(entity.value) or {}), field: rule}}
    eol = "\r\n" if "\r\n" in text else "\n"
    root = YAML(typ="safe", pure=True).compose(text)
    made = _stated(text, root, [_BLOCK, entity.value, field], rule, about, eol)
    if parse(made, file)[0] != wanted:
        raise ConfigurationError(
            f"{FILE} is written in a way that cannot be changed from here",
            code="configuration",
            file=file,
            field=f"{_BLOCK}.{entity.value}.{field}",
            expected="the rule, written by hand",
        )
    return made


def _stated(text: str, node: Node | None, keys: list[str], rule: str, about: str, eol: str) -> str:
    """Walk down to the block that holds the last key there is, and put what is missing after what it holds."""
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    depth = 0
    above: MappingNode | None = None
    while isinstance(node, MappingNode):
        found = next((value for key, value in node.value if key.value == keys[depth]), None)
        if found is None:
            break
        above, node, depth = node, found, depth + 1
        if depth == len(keys):
            return _put(text, node.start_mark.index, node.end_mark.index, rule)
    missing = keys[depth:]
    if isinstance(node, MappingNode) and node.flow_style:
        return _put_inside(text, node, _in_one_line(missing, rule))
    if isinstance(node, MappingNode) and node.value:
        column, end = node.value[0][0].start_mark.column, _end(node)
    elif isinstance(node, ScalarNode) and above is not None:  # `survivorship:` with nothing behind it
        if above.flow_style:
            return _put(text, node.start_mark.index, node.end_mark.index, f" {{{_in_one_line(missing, rule)}}}")
        column, end = above.value[0][0].start_mark.column + _STEP, node.end_mark.index
    else:
        column, end = 0, len(text)
    return _put_below(text, end, column, _in_lines(missing, rule, about, column, eol), eol)


def _in_one_line(keys: list[str], rule: str) -> str:
    for key in reversed(keys[1:]):
        rule = f"{{{key}: {rule}}}"
    return f"{keys[0]}: {rule}"


def _in_lines(keys: list[str], rule: str, about: str, column: int, eol: str) -> str:
    lines = [f"{' ' * (column + _STEP * number)}{key}:" for number, key in enumerate(keys)]
    lines[-1] += f" {rule}"
    if about:
        lines.insert(-1, f"{' ' * (column + _STEP * (len(keys) - 1))}# {about}")
    return eol.join(lines) + eol


def _put(text: str, start: int, end: int, what: str) -> str:
    return text[:start] + what + text[end:]


def _put_inside(text: str, block: MappingNode, what: str) -> str:
    if not block.value:
        return _put(text, block.end_mark.index - 1, block.end_mark.index - 1, what)
    end = block.value[-1][1].end_mark.index
    return _put(text, end, end, f", {what}")


def _put_below(text: str, end: int, column: int, lines: str, eol: str) -> str:
    """After the line where ``end`` is, and after comments that belong to the same block."""
    if end and text[end - 1] != "\n":
        found = text.find("\n", end)
        end = len(text) if found < 0 else found + 1
    comment = re.compile(rf"[ ]{{{column},}}#[^\n]*(?:\n|\Z)")
    while column and (below := comment.match(text, end)):
        end = below.end()
    start = text[:end]
    return (start if start.endswith("\n") or not start else start + eol) + lines + text[end:]


def _end(node: Node) -> int:
    """Where the last thing in a block ends; its own mark stands after the comments that follow it."""
    from ruamel.yaml.nodes import CollectionNode

    while isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last: Any = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)
