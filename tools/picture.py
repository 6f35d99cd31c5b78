"""Draws ``docs/img/solmu.svg``: how a row becomes a change in the CRM.

    .venv/bin/python tools/picture.py
    .venv/bin/python tools/picture.py --check    # writes nothing; exit 1 if the file is not what it would write

The picture has no background, and takes lighter colours where the reader's system is dark.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

FILE = Path(__file__).resolve().parent.parent / "docs" / "img" / "solmu.svg"

WIDTH, HEIGHT = 1000, 344
STYLE = """\
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #24292f; text-anchor: middle; }
.name { font-weight: 600; }
.step { font-style: italic; fill: #57606a; }
.more { fill: #57606a; font-size: 12px; }
rect { fill: #8c959f; fill-opacity: .08; stroke: #6e7781; stroke-width: 1.2; }
.key { stroke: #0a6e6e; stroke-width: 2; }
.aside { stroke-dasharray: 4 3; }
path { fill: none; stroke: #6e7781; stroke-width: 1.4; }
.head { fill: #6e7781; stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .step, .more { fill: #9da7b3; }
  rect, path { stroke: #9da7b3; }
  .head { fill: #9da7b3; }
  .key { stroke: #4fb8b8; }
}"""


@dataclass(frozen=True, slots=True)
class Box:
    """A box with a name and some words on what it is. ``kind`` is a class of the style sheet."""

    x: int
    y: int
    width: int
    height: int
    name: str
    words: Sequence[str] = ()
    kind: str = ""

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def centre(self) -> int:
        return self.y + self.height // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def svg(self) -> Iterator[str]:
        """The box, with its lines of text around its centre."""
        kind = f' class="{self.kind}"' if self.kind else ""
        yield f'<rect{kind} x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="7"/>'
        first = self.centre + 5 - 9 * len(self.words)
        yield _text(self.middle, first, self.name, "name")
        for number, line in enumerate(self.words, start=1):
            yield _text(self.middle, first + 1 + 18 * number, line, "more")


TOP, TALL, WIDE = 42, 176, 136
SOURCES = [
    Box(8, TOP + 46 * place, 142, 38, name)
    for place, name in enumerate(("Partner sheets", "ERP orders", "Old customer list", "Edits in the CRM"))
]
RECORDS, MENTIONS, GOLDEN, PLAN, CRM = (
    Box(190 + 166 * place, TOP + 20, WIDE, TALL - 40, name, words, kind)
    for place, (name, words, kind) in enumerate(
        (
            ("Source records", ("every row,", "kept as it came"), ""),
            ("Mentions", ("what a row says", "of one company,", "of one person"), ""),
            ("Golden records", ("one a customer;", "each value knows", "its source and rule"), "key"),
            ("Plan", ("old → new,", "field by field,", "before it is sent"), ""),
            ("CRM", ("only what differs", "is written"), ""),
        )
    )
)
STEPS = ("land", "map", "resolve", "plan", "apply")
ASIDES = {
    MENTIONS: ("Quarantine", ("rows refused, and why",)),
    GOLDEN: ("Steward", ("doubtful pairs wait",)),
    PLAN: ("Guards", ("a surprise stops it",)),
}


def picture() -> str:
    """The SVG's text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">'
    yield '<title id="t">Sources become records, mentions, golden records, a plan, and changes in the CRM</title>'
    yield f"<style>\n{STYLE}\n</style>"
    chain = (RECORDS, MENTIONS, GOLDEN, PLAN, CRM)
    for box in (*SOURCES, *chain):
        yield from box.svg()
    for source in SOURCES:
        yield from _arrow(
            source.right, source.centre, RECORDS.x, RECORDS.centre + (source.centre - RECORDS.centre) // 3
        )
    for left, right in pairwise(chain):
        yield from _arrow(left.right, left.centre, right.x, right.centre)
    befores = (SOURCES[0], *chain)
    for step, left, right in zip(STEPS, befores, chain, strict=False):
        yield _text((left.right + right.x) // 2, TOP - 18, step, "step")
    for above, (name, words) in ASIDES.items():
        aside = Box(above.x - 8, 252, WIDE + 16, 48, name, words, "aside")
        yield from aside.svg()
        yield f'<path class="aside" d="M{above.middle} {above.bottom} V{aside.y}"/>'
    yield from _way_back()
    yield "</svg>"


def _way_back() -> Iterator[str]:
    """What people edit in the CRM is read again."""
    low, edits = HEIGHT - 22, SOURCES[-1]
    yield f'<path d="M{CRM.middle} {CRM.bottom} V{low} H{edits.middle} V{edits.bottom + 7}"/>'
    x, y = edits.middle, edits.bottom
    yield f'<path class="head" d="M{x} {y} l-4 8 h8 z"/>'
    yield _text(
        WIDTH // 2,
        low - 7,
        "what people change there is read again; what Solmu wrote is an echo, and no evidence",
        "more",
    )


def _arrow(x: int, y: int, to_x: int, to_y: int) -> Iterator[str]:
    half = (x + to_x) // 2
    yield f'<path d="M{x} {y} C{half} {y} {half} {to_y} {to_x - 7} {to_y}"/>'
    yield f'<path class="head" d="M{to_x} {to_y} l-8 -4 v8 z"/>'


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether the file is out of date")
    if parser.parse_args().check:
        current = FILE.is_file() and FILE.read_text(encoding="utf-8") == picture()
        if not current:
            print(f"out of date: {FILE.name}; tools/picture.py draws it anew", file=sys.stderr)
        return 0 if current else 1
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
