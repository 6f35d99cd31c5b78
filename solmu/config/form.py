"""A form for settings, read off their model as ``questions`` are: its entries, and what was entered. Pure.

A setting within a block is called ``block.setting``. A secret is entered as a reference only: whoever sees the form,
its answer or the file learns where the secret is, never what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from solmu.config.problems import problems_of
from solmu.config.questions import Question, options_of, question, questions, typed
from solmu.config.secrets import HIDDEN, is_open_secret, is_reference, without_secrets
from solmu.config.shown import shown_settings, without_default
from solmu.config.yaml import Lines, parse
from solmu.errors import ConfigurationError

Shape = Literal["text", "secret", "list", "flag", "choice", "yaml"]

_FLAGS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form. ``asked``: somebody has to think of it, rather than leave it as it is by default. ``text``
    is what stands in it; ``yaml`` is for what has a structure of its own."""

    path: str
    shape: Shape
    about: str
    required: bool
    asked: bool
    default: str = ""
    choices: tuple[str, ...] = ()
    text: str = ""

    @property
    def name(self) -> str:
        """The setting's own name."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Entered:
    """What a form says. ``problems`` are by the entry's path; ``""`` is for what is wrong with all of them together."""

    settings: dict[str, Any]
    problems: dict[str, str] = field(default_factory=dict)


def entries(model: type[BaseModel], settings: Mapping[str, Any] | None = None) -> list[Entry]:
    """The form, filled with ``settings``: first what somebody is asked for, then what has a default."""
    found = list(_entries(model, shown_settings(model, settings or {}), "", required=True, wanted=True))
    return sorted(found, key=lambda each: not each.asked)


def filled(form: Sequence[Entry], texts: Mapping[str, str], problems: Mapping[str, str]) -> list[Entry]:
    """The form with what was entered; a secret that was written out is not shown again."""
    return [
        replace(each, text="" if each.shape == "secret" and each.path in problems else texts.get(each.path, each.text))
        for each in form
    ]


def entered(model: type[BaseModel], texts: Mapping[str, str], before: Mapping[str, Any] | None = None) -> Entered:
    """The settings that the texts say, by entries' paths. A blank entry leaves its setting out.

    An entry that nobody changed keeps what stands there in ``before``, as do settings that have no entry.
    """
    settings: dict[str, Any] = deepcopy(dict(before or {}))
    problems: dict[str, str] = {}
    for entry in entries(model, before):
        text = texts.get(entry.path, entry.text).replace("\r\n", "\n").strip()
        if text == entry.text.strip():
            continue
        try:
            value = _value(entry, text, model)
        except ConfigurationError as problem:
            problems[entry.path] = _said(problem)
            continue
        _put(settings, entry.path.split("."), value)
    for each in problems_of(model, settings, Lines("")):
        path = each.field or ""
        if not is_reference(_at(settings, path.split("."))):
            problems.setdefault(_nearest(path, model), _said(each))
    return Entered(settings, problems)


def from_preset(settings: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """A preset's settings, with what only its owner knows in place of each ``{name}``."""
    return {key: _in_place(value, said) for key, value in settings.items()}


def _in_place(value: Any, said: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return from_preset(value, said)
    return value.format(**said) if isinstance(value, str) else value


def _entries(
    model: type[BaseModel], shown: Mapping[str, Any], prefix: str, *, required: bool, wanted: bool
) -> Iterator[Entry]:
    asked = {each.key for each in questions(model)}
    for name, about in model.model_fields.items():
        found = question(model, name)
        assert found is not None
        value = shown.get(found.key)
        if found.block is not None:
            inner = value if isinstance(value, Mapping) else {}
            yield from _entries(
                found.block,
                inner,
                f"{prefix}{found.key}.",
                required=required and found.required,
                wanted=wanted and found.key in asked,
            )
            continue
        shape = _shape(found, about.annotation)
        yield Entry(
            path=f"{prefix}{found.key}",
            shape=shape,
            about=found.about,
            required=required and found.required,
            asked=wanted and found.key in asked,
            default=_text("list" if isinstance(found.default, list | tuple) else "text", found.default),
            choices=found.choices,
            text=_text(shape, value),
        )


def _shape(found: Question, annotation: Any) -> Shape:
    parts = [inner for each in options_of(annotation) for inner in (each, *get_args(each))]
    if any(get_origin(each) is dict or (isinstance(each, type) and issubclass(each, BaseModel)) for each in parts):
        return "yaml"
    return "text" if found.kind == "block" else found.kind


def _text(shape: Shape, value: Any) -> str:
    if value is None:
        return ""
    if shape == "yaml":
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _value(entry: Entry, text: str, model: type[BaseModel]) -> Any:
    if not text:
        return None
    if entry.shape == "secret":
        parts = [part.strip() for part in text.split(",")] if "," in text else [text]
        for part in parts:
            _heed(entry, part, is_open_secret(part) or without_default(part) != part)
        return parts if len(parts) > 1 else text
    if entry.shape == "yaml":
        value = parse(f"value: {text}\n", entry.path)[0]["value"]
        _heed(entry, text, without_secrets(value, entry.name) != value)
        return value
    _heed(entry, text, without_secrets({entry.name: text}) != {entry.name: text})
    match entry.shape:
        case "flag":
            return _FLAGS.get(text, text)
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            inner = _model_of(model, entry.path)
            return typed(text, inner, entry.name)


def _heed(entry: Entry, text: str, is_open: bool) -> None:
    if is_open or HIDDEN in text:
        raise ConfigurationError(
            "this is a secret, and would stand in the file for everyone to read",
            field=entry.path,
            expected=f"where it is to be had, such as ${{{entry.name.upper()}}} or file://secrets/{entry.name}",
        )


def _model_of(model: type[BaseModel], path: str) -> type[BaseModel]:
    for key in path.split(".")[:-1]:
        found = question(model, key)
        model = found.block if found is not None and found.block is not None else model
    return model


def _put(settings: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Set it, or take it away where it is None; a block that is left empty goes, too."""
    if len(keys) > 1:
        block = settings.get(keys[0])
        inner = dict(block) if isinstance(block, Mapping) else {}
        _put(inner, keys[1:], value)
        value = inner or None
    if value is None:
        settings.pop(keys[0], None)
    else:
        settings[keys[0]] = value


def _at(settings: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        settings = settings.get(key) if isinstance(settings, Mapping) else None
    return settings


def _nearest(path: str, model: type[BaseModel]) -> str:
    known = {each.path for each in entries(model)}
    parts = path.split(".")
    return next((key for end in range(len(parts), 0, -1) if (key := ".".join(parts[:end])) in known), "")


def _said(problem: ConfigurationError) -> str:
    return f"{problem.message} (expected: {problem.expected})" if problem.expected else problem.message
