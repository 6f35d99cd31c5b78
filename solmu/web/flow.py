"""The flow picture: sources, the store, targets, and what went between them. Pure; the template draws it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 8
"""Boxes in a column; what there is more is summed up in the last one."""


@dataclass(frozen=True, slots=True)
class End:
    """A source or a target with what went through it: ``count`` is how wide its line is, ``lines`` what is said."""

    name: str
    count: int
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Box:
    """A box at its place, with its lines of text; the first is its name."""

    x: float
    y: float
    width: float
    height: float
    lines: Sequence[str]
    key: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A curve between two boxes."""

    path: str
    width: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, in the units of its own width."""

    width: float
    height: float
    boxes: Sequence[Box]
    lines: Sequence[Line]


def wide(sources: Sequence[End], store: Sequence[str], targets: Sequence[End]) -> Drawing:
    """From left to right, for a screen."""
    tall, gap, across = 58.0, 14.0, 1000.0
    rows = max(len(sources), len(targets), 2)
    height = rows * (tall + gap) - gap
    middle = Box(400, height / 2 - 50, 200, 100, store, key=True)
    left = _column(sources, 0, 270, tall, gap, height)
    right = _column(targets, across - 270, 270, tall, gap, height)
    widths = _widths([*sources, *targets])
    lines = [
        Line(_curve(box.x + box.width, _mid(box), middle.x, _mid(middle)), width)
        for box, width in zip(left, widths, strict=False)
    ]
    lines += [
        Line(_curve(middle.x + middle.width, _mid(middle), box.x, _mid(box)), width)
        for box, width in zip(right, widths[len(left) :], strict=True)
    ]
    return Drawing(across, max(height, 100), [*left, middle, *right], lines)


def narrow(sources: Sequence[End], store: Sequence[str], targets: Sequence[End]) -> Drawing:
    """From top to bottom, for a phone."""
    tall, gap, across, between = 56.0, 10.0, 350.0, 34.0
    left = [Box(0, n * (tall + gap), across, tall, _text(end)) for n, end in enumerate(sources)]
    y = len(left) * (tall + gap) - gap + between
    middle = Box(45, y, across - 90, 90, store, key=True)
    below = y + 90 + between
    right = [Box(0, below + n * (tall + gap), across, tall, _text(end)) for n, end in enumerate(targets)]
    lines = [Line(f"M{across / 2} {y - between}V{y}", 3)] if left else []
    lines += [Line(f"M{across / 2} {y + 90}V{below}", 3)] if right else []
    height = below + len(right) * (tall + gap) - gap if right else y + 90
    return Drawing(across, height, [*left, middle, *right], lines)


def ends(found: Mapping[str, tuple[int, Sequence[str]]], more: str) -> list[End]:
    """The busiest first, as many as there is room for; ``more`` says how many are left out, by ``{n}``."""
    every = sorted((End(name, count, said) for name, (count, said) in found.items()), key=lambda end: -end.count)
    if len(every) <= MOST:
        return every
    rest = every[MOST - 1 :]
    return [*every[: MOST - 1], End(more.format(n=len(rest)), sum(end.count for end in rest), ())]


def _column(ends: Sequence[End], x: float, width: float, tall: float, gap: float, height: float) -> list[Box]:
    top = (height - (len(ends) * (tall + gap) - gap)) / 2
    return [Box(x, top + n * (tall + gap), width, tall, _text(end)) for n, end in enumerate(ends)]


def _text(end: End) -> list[str]:
    return [end.name, *end.lines]


def _widths(ends: Sequence[End]) -> list[float]:
    return [round(1.5 + 1.4 * math.log10(end.count + 1), 1) for end in ends]


def _mid(box: Box) -> float:
    return box.y + box.height / 2


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    bend = (x1 + x2) / 2
    return f"M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}"


def counted(counts: Mapping[str, Any], words: Mapping[str, str], number: Any) -> str:
    """``12 new, 3 changed``: the counters that are not zero, in the words given."""
    return ", ".join(f"{number(counts[name])} {word}" for name, word in words.items() if counts.get(name))
