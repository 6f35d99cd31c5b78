"""Normalising each distinct value once: values repeat far more often than they differ."""

import functools
from collections.abc import Callable, Hashable, Iterable
from typing import Any, ParamSpec, TypeVar, cast

from solmu.normalise.invalid import Invalid

Value = TypeVar("Value", bound=Hashable)
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


def distinct(function: Callable[[Value], Result], values: Iterable[Value]) -> dict[Value, Result | Invalid]:
    """What ``function`` gives for each distinct value, or the Invalid that it raised; in order of first appearance.

    Values that are equal count as one, so they should be of one type: 1, 1.0 and True are equal in Python.
    """
    results: dict[Value, Result | Invalid] = {}
    for value in values:
        if value not in results:
            try:
                results[value] = function(value)
            except Invalid as invalid:
                results[value] = invalid
    return results


def remembered(size: int = 65_536) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """A decorator: keep the ``size`` latest results of a pure function, an Invalid that it raised among them.

    All arguments must be hashable; results are shared, so they must not be changed (copy a list before you do).
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @functools.lru_cache(maxsize=size, typed=True)
        def outcome(*args: Any, **kwargs: Any) -> Result | Invalid:
            try:
                return function(*args, **kwargs)
            except Invalid as invalid:
                return invalid

        @functools.wraps(function)
        def remembering(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            result = outcome(*args, **cast(dict[str, Hashable], kwargs))
            if isinstance(result, Invalid):
                # A new one each time: an exception that is raised again drags its old tracebacks along.
                raise Invalid(result.code, result.value, result.message, result.expected)
            return result

        return remembering

    return decorate
