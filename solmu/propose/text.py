"""A proposed mapping as the file that people then edit; what is unsure or left over stands in it as comments."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from solmu.propose.proposal import Column, Proposal

SURE = 0.8
_WIDTH = 110


def mapping_text(
    name: str,
    document: Mapping[str, Any],
    proposal: Proposal | None = None,
    about: Sequence[str] = (),
    *,
    also_read: Sequence[str] = (),
) -> str:
    """The text of ``mappings/sources/<name>.yaml``. ``about`` are lines for its top, ``also_read`` columns that the
    document reads without the proposal's knowledge."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(styled(document), out)
    up = "../" * (len(PurePath(name).parts) + 1)
    head = [f"# yaml-language-server: $schema={up}.schemas/source-mapping.json", *_comment(about)]
    tail = _comment(_left_over(proposal, also_read)) if proposal else []
    return "\n".join([*head, out.getvalue().rstrip("\n"), *tail]) + "\n"


def _comment(lines: Iterable[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]


def _left_over(proposal: Proposal, also_read: Sequence[str]) -> list[str]:
    unsure = [each for each in proposal.columns if each.field not in (None, "ignore") and each.confidence < SURE]
    unread = [each for each in proposal.columns if each.field is None and each.name not in also_read]
    lines: list[str] = []
    if unsure:
        lines += ["", "Less than sure; a value that makes no sense there is left out, and the row goes on:"]
        lines += [
            f"  {_called(each)} -> {each.field} ({each.confidence:.0%}, because of {each.why})" for each in unsure
        ]
    if unread:
        lines += [
            "",
            "Columns that nothing reads yet. To use one, give it to a field above (docs/reference/fields.md), or",
        ]
        lines += ["to a field of your own in hub.yaml (`fields:`); to stop being told of it, list it in `ignore`:"]
        lines += [f"  {_called(each)}: {each.why}" for each in unread]
    return lines


def _called(column: Column) -> str:
    return " ".join(column.name.split())


def styled(value: Any, depth: int = 0) -> Any:
    """The document as people write such files: a field on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        made = CommentedMap({key: styled(each, depth + 1) for key, each in value.items()})
        if depth >= 2 or (depth == 1 and "from" in value):
            made.fa.set_flow_style()
        return made
    if isinstance(value, list | tuple):
        items = CommentedSeq([styled(each, depth + 1) for each in value])
        items.fa.set_flow_style()
        return items
    return value


__all__ = ["mapping_text"]
