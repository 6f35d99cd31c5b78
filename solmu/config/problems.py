"""Says in plain words, with file and line, what a settings model did not accept."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from solmu.config.nearest import choice_of
from solmu.config.yaml import KeyPath, Lines, called
from solmu.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model], data: Any, lines: Lines, *, at: KeyPath = (), written: Any = None, also: Iterable[str] = ()
) -> Model:
    """``data`` as an instance of the model, or a ConfigurationError that names every key that is wrong.

    ``at`` is where the data stands in the file. ``written`` is the data as the file has it, if ``data`` has secrets in
    place of their references: only what is written gets into an error. ``also`` are keys valid beside the model's.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise_all(_problems(error, model, lines, at, data if written is None else written, also))


def problems_of(model: type[BaseModel], data: Any, lines: Lines, *, at: KeyPath = ()) -> list[ConfigurationError]:
    """Everything that the model does not accept in ``data``."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        return _problems(error, model, lines, at, data, ())
    return []


def _problems(
    error: ValidationError, model: type[BaseModel], lines: Lines, at: KeyPath, shown: Any, also: Iterable[str]
) -> list[ConfigurationError]:
    # A misspelt key is why another one is missing.
    details = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    return [_problem(each, model, lines, at, shown, also) for each in details]


def raise_all(problems: Sequence[ConfigurationError]) -> NoReturn:
    """Raise the first and tell of the others in its notes, so that a file can be mended in one go."""
    first, *others = sorted(problems, key=lambda each: (each.file or "", each.line or 0))
    for other in others:
        first.add_note(f"also {other}")
    raise first from None


def _problem(
    detail: Any, model: type[BaseModel], lines: Lines, at: KeyPath, written: Any, also: Iterable[str]
) -> ConfigurationError:
    path = _place(detail["loc"], written)
    name = called(at + path)
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = [*_keys(model, path[:-1]), *(also if len(path) == 1 else ())]
        return lines.error(at + path, f"unknown key {name}", expected=choice_of(str(path[-1]), known))
    if kind == "missing":
        return lines.error(at + path, f"{name} is missing", expected=_description(model, path))
    written = _value_at(written, path)
    value = None if isinstance(written, dict | list) else written
    if kind in ("value_error", "assertion_error"):
        return lines.error(at + path, f"{name}: {context.get('error', detail['msg'])}", value=value)
    if kind in ("literal_error", "enum"):
        known = _options(context["expected"])
        return lines.error(
            at + path, f"{name} cannot be {_shown(written)}", expected=choice_of(str(written), known), value=value
        )
    expected = _EXPECTED[kind](context) if kind in _EXPECTED else detail["msg"].removeprefix("Input should be ")
    return lines.error(at + path, f"{name} cannot be {_shown(written)}", expected=expected, value=value)


# What the settings' patterns let in, in words.
_PATTERNS = {
    "^[A-Z]{2}$": "the two capital letters of a country, such as FI or DE",
    "^https?://": "an address that begins with https:// or http://",
    r"^https?://[^/?#\s]+(/[^?#\s]*)?$": "an address such as https://hub.example.com",
    "^[A-Za-z0-9-]+$": "letters, digits and hyphens, such as X-Secret",
    r"^[A-Za-z0-9][A-Za-z0-9 _-]*$": "letters, digits, blanks, - and _",
    r"^[a-z0-9_-]{1,64}$": "small letters, digits, - and _; at most 64",
    r"^\d\d\.0$": "a version such as 62.0",
}
_EXPECTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_type": lambda _: "text (quote it if it looks like a number or true/false)",
    "string_too_short": lambda _: "text that is not empty",
    "string_pattern_mismatch": lambda context: _PATTERNS.get(context["pattern"], f"text like {context['pattern']}"),
    "int_type": lambda _: "a whole number",
    "int_parsing": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "float_parsing": lambda _: "a number",
    "bool_type": lambda _: "true or false",
    "bool_parsing": lambda _: "true or false",
    "list_type": lambda _: "a list: [a, b]",
    "tuple_type": lambda _: "a list: [a, b]",
    "dict_type": lambda _: "a block of `key: value` lines",
    "model_type": lambda _: "a block of `key: value` lines",
    "model_attributes_type": lambda _: "a block of `key: value` lines",
    "greater_than": lambda context: f"more than {context['gt']:g}",
    "greater_than_equal": lambda context: f"{context['ge']:g} or more",
    "less_than": lambda context: f"less than {context['lt']:g}",
    "less_than_equal": lambda context: f"{context['le']:g} or less",
    "too_short": lambda context: f"at least {context['min_length']}",
}


def _shown(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case dict():
            return "a block"
        case list():
            return "a list"
        case _:
            return repr(value)


def _options(text: str) -> list[str]:
    """The names in pydantic's "'source', 'target' or 'both'"."""
    return [part.strip(" '") for part in text.replace(" or ", ",").split(",")]


def _place(reported: KeyPath, written: Any) -> KeyPath:
    """A place in the file, by what pydantic reports: there the key of a dict is followed by ``[key]``, and a value that
    may be of several types by the name of one of them."""
    path: list[str | int] = []
    for at, part in enumerate(reported, 1):
        is_last = at == len(reported)
        is_key = isinstance(written, dict) and (part in written or is_last)
        if part != "[key]" and (is_key or (isinstance(written, list | tuple) and isinstance(part, int))):
            path.append(part)
            written = _value_at(written, (part,))
    return tuple(path)


def _value_at(data: Any, path: KeyPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the model knows at that place."""
    found = _model_at(model, path)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _description(model: type[BaseModel], path: KeyPath) -> str | None:
    """What the missing key is for, as its model says."""
    found = _model_at(model, path[:-1])
    field = found.model_fields.get(str(path[-1])) if found else None
    return field.description if field else None


def _model_at(annotation: Any, path: KeyPath) -> type[BaseModel] | None:
    """Walk models, dicts, lists and optional values down to the model at that place."""
    if get_origin(annotation) is Annotated:
        return _model_at(get_args(annotation)[0], path)
    if get_origin(annotation) in (Union, types.UnionType):
        return next((found for each in get_args(annotation) if (found := _model_at(each, path))), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            return annotation
        field = next((f for name, f in annotation.model_fields.items() if path[0] in (f.alias, name)), None)
        return _model_at(field.annotation, path[1:]) if field else None
    arguments = get_args(annotation)
    # list[X], tuple[X, ...] and dict[str, X]: one step of the path leads to an X.
    inner = next((each for each in reversed(arguments) if each is not Ellipsis), None)
    return _model_at(inner, path[1:]) if path and inner is not None else None
