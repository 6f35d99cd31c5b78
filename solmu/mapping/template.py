"""Templates: one text of several values, ``"Lead {number}[ from {partner}]: {interest|join}"``.

``{path|transform}`` stands for a value; a part in square brackets is left out if a value in it is blank. A text of
which every value is blank is no text. ``{{``, ``}}``, ``[[`` and ``]]`` are the signs themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from solmu.mapping.columns import path_roots, path_search
from solmu.mapping.outputs import OUTPUTS, is_blank

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(?P<value>[^{}]*)\}|(?P<open>\[)|(?P<close>\])|(?P<stray>[{}])")


class TemplateError(ValueError):
    """The template cannot be read; ``expected`` says what would be right."""

    def __init__(self, message: str, expected: str, name: str | None = None) -> None:
        super().__init__(message)
        self.expected = expected
        self.name = name


@dataclass(frozen=True, slots=True)
class _Value:
    get: Callable[[Mapping[str, Any]], Any]

    def text(self, document: Mapping[str, Any]) -> str:
        value = self.get(document)
        if is_blank(value):
            return ""
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. ``names``: the canonical fields that it reads."""

    parts: tuple[tuple[bool, tuple[str | _Value, ...]], ...]
    names: tuple[str, ...]

    def fill(self, document: Mapping[str, Any]) -> str | None:
        """The text for a document of values, None if all of them are blank."""
        written: list[str] = []
        said = False
        for optional, pieces in self.parts:
            texts = [piece if isinstance(piece, str) else piece.text(document) for piece in pieces]
            values = [text for piece, text in zip(pieces, texts, strict=True) if not isinstance(piece, str)]
            if optional and not all(values):
                continue
            said = said or any(values)
            written += texts
        return "".join(written).strip() if said else None


def template(text: str) -> Template:
    """Compile a template. Raises TemplateError."""
    parts: list[tuple[bool, tuple[str | _Value, ...]]] = []
    pieces: list[str | _Value] = []
    names: list[str] = []
    optional = False
    position = 0

    def close_part(next_is_optional: bool) -> None:
        nonlocal optional
        parts.append((optional, tuple(pieces)))
        pieces.clear()
        optional = next_is_optional

    for found in _TOKEN.finditer(text):
        pieces.append(text[position : found.start()])
        position = found.end()
        if found["stray"]:
            raise TemplateError(f"a `{found['stray']}` stands alone", "{name} for a value, {{ for the sign itself")
        if found["value"] is not None:
            value, roots = _value(found["value"])
            pieces.append(value)
            names += roots
        elif found["open"] or found["close"]:
            if optional is bool(found["open"]):
                raise TemplateError(
                    "brackets do not pair", "[ … {name} … ] for a part that may be left out, [[ for the sign"
                )
            close_part(bool(found["open"]))
        else:
            pieces.append(found[0][0])
    if optional:
        raise TemplateError("a `[` is never closed", "[ … {name} … ] for a part that may be left out, [[ for the sign")
    pieces.append(text[position:])
    close_part(False)
    if not names:
        raise TemplateError("no value stands in this template", "{name} for a value; fixed text is `const`")
    return Template(tuple(parts), tuple(dict.fromkeys(names)))


def _value(text: str) -> tuple[_Value, tuple[str, ...]]:
    path, *transforms = (part.strip() for part in text.split("|"))
    try:
        roots = path_roots(path)
    except ValueError as error:
        raise TemplateError(f"`{path}` is no path: {error}", "a field such as name, or email[0]") from error
    get = path_search(path)
    for name in transforms:
        if name not in OUTPUTS or any(option.required for option in OUTPUTS[name].options.values()):
            raise TemplateError(f"unknown transform `{name}`", "a transform that needs no options", name)
        get = _then(get, OUTPUTS[name].build({}))
    return _Value(get), roots


def _then(get: Callable[[Mapping[str, Any]], Any], apply: Callable[[Any], Any]) -> Callable[[Mapping[str, Any]], Any]:
    def both(document: Mapping[str, Any]) -> Any:
        value = get(document)
        return None if is_blank(value) else apply(value)

    return both
