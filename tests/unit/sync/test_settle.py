"""Asking patiently."""

from __future__ import annotations

import gc
import weakref

import pytest

from solmu.errors import Retriable
from solmu.sync.settle import LOOKS, patiently


class Answer:
    """Something that may be large."""


def test_an_answer_is_let_go_as_soon_as_nobody_needs_it() -> None:
    gc.disable()
    try:
        answer = patiently(Answer, lambda _: None)
        there = weakref.ref(answer)
        del answer
        assert there() is None, "it would stay until garbage is collected, which is rarely"
    finally:
        gc.enable()


def test_who_does_not_answer_is_asked_a_few_times() -> None:
    asked = []

    def silent() -> None:
        asked.append(True)
        raise Retriable("no answer", code="no-answer")

    slept: list[float] = []
    with pytest.raises(Retriable):
        patiently(silent, slept.append)
    assert (len(asked), len(slept)) == (LOOKS, LOOKS - 1)
