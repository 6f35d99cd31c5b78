"""What a person must be asked for a connection, read off the connector's own settings models. Pure.

Required settings are asked for, and optional ones that their field marks with ``x-ask`` (``connectors.base.ask``); an
editor's schema shows the same marks. So a connector gets its dialogue by declaring its settings.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from solmu.config.problems import problems_of
from solmu.config.yaml import Lines
from solmu.errors import ConfigurationError

MARK = "x-ask"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Kind = Literal["text", "secret", "list", "flag", "choice", "block"]


@dataclass(frozen=True, slots=True)
class Question:
    """One setting to ask for.

    ``when``: other settings with the value that they must have (True: any) for this one to matter. ``one_of``: settings
    with the same word exclude each other. ``column``: the answer is a column that could be the ``key``, or that says
    when a row ``changed``. ``block``: the model of the settings within this one.
    """

    key: str
    about: str
    kind: Kind = "text"
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    when: tuple[tuple[str, Any], ...] = ()
    one_of: str | None = None
    column: str | None = None
    block: type[BaseModel] | None = None

    def is_due(self, answers: Mapping[str, Any]) -> bool:
        """Whether it matters, after those answers."""
        return all(bool(answers.get(key)) if value is True else answers.get(key) == value for key, value in self.when)


def questions(model: type[BaseModel]) -> list[Question]:
    """What to ask for, in the model's order."""
    return list(_questions(model))


def question(model: type[BaseModel], key: str) -> Question | None:
    """The question for one setting, also for one that nobody is asked for unless it turns out to be wrong."""
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return _question(field.alias or name, field)
    return None


def problem_with(model: type[BaseModel], answers: Mapping[str, Any], key: str | None = None) -> str | None:
    """What is wrong with the answer for ``key`` (None: with all of them together), and what would be right."""
    found = problems_of(model, dict(answers), Lines(""))
    told = [each for each in found if key is None or (each.field or "").partition(".")[0] == key]
    return _told(told[0]) if told else None


def typed(text: str, model: type[BaseModel], key: str) -> Any:
    """A number where the setting takes one, else the text."""
    if _NUMBER.fullmatch(text):
        number: int | float = float(text) if "." in text else int(text)
        if str(number) == text and problem_with(model, {key: number}, key) is None:
            return number
    return text


def _told(problem: ConfigurationError) -> str:
    return f"{problem.message} (expected: {problem.expected})" if problem.expected else problem.message


def _questions(model: type[BaseModel]) -> Iterator[Question]:
    for name, field in model.model_fields.items():
        if field.is_required() or _mark(field) is not None:
            yield _question(field.alias or name, field)


def _question(key: str, field: FieldInfo) -> Question:
    mark = _mark(field) or {}
    kind, choices, block = _kind(field.annotation)
    default = None if field.is_required() else field.get_default()
    return Question(
        key=key,
        about=field.description or "",
        kind=kind,
        required=field.is_required(),
        default=None if isinstance(default, BaseModel | SecretStr) or default in ((), [], {}) else default,
        choices=choices,
        when=tuple((mark.get("when") or {}).items()),
        one_of=mark.get("one_of"),
        column=mark.get("column"),
        block=block,
    )


def _mark(field: FieldInfo) -> Mapping[str, Any] | None:
    extra = field.json_schema_extra
    mark = extra.get(MARK) if isinstance(extra, dict) else None
    return mark if isinstance(mark, dict) else None


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...], type[BaseModel] | None]:
    options = options_of(annotation)
    for each in options:
        if isinstance(each, type) and issubclass(each, BaseModel):
            return "block", (), each
    if SecretStr in options:
        return "secret", (), None
    if len(options) == 1 and get_origin(options[0]) is Literal:
        return "choice", tuple(str(each) for each in get_args(options[0])), None
    if any(get_origin(each) in (tuple, list) for each in options):
        return "list", (), None
    return ("flag" if list(options) == [bool] else "text"), (), None


def options_of(annotation: Any) -> Sequence[Any]:
    """The types that a setting may have, without None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [option for each in get_args(annotation) for option in options_of(each) if option is not types.NoneType]
    return [annotation]
