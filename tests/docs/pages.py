"""The pages of the documentation, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Page:
    """One page. ``prose`` is its text without the blocks of code."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """The blocks of code in that language."""
        return [body for found, body in _FENCE.findall(self.text) if found == language]

    def languages(self) -> set[str]:
        return {found for found, _ in _FENCE.findall(self.text)}

    def inline(self) -> list[str]:
        """Code within lines."""
        return _CODE.findall(self.prose)


def written() -> list[Page]:
    """The pages that people write."""
    pages = [path for path in DOCS.rglob("*.md") if REFERENCE not in path.parents]
    return [Page(path) for path in [ROOT / "README.md", *sorted(pages)]]


def every() -> list[Page]:
    """Those, and the reference."""
    return [*written(), *map(Page, sorted(REFERENCE.glob("*.md")))]


def names(pages: list[Page]) -> Iterator[str]:
    """What tests are called by."""
    return (page.name for page in pages)
