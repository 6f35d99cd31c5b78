"""Pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NOTICE = "<!-- Made by tools/docs.py from the code. Do not edit: `make docs` writes it anew. -->"


def page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([f"# {title}", NOTICE, *(part for part in parts if part)]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where there is no row."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(columns), "|---" * len(columns) + "|", *lines]) if lines else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def code(text: str) -> str:
    """Code within a line; nothing for nothing."""
    return f"`{text}`" if text else ""


def listed(names: Iterable[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(map(code, names))


def block(text: str, language: str = "text") -> str:
    """Code in lines of its own."""
    return f"```{language}\n{text.rstrip()}\n```"


def prose(docstring: str | None) -> str:
    """A docstring as Markdown: its paragraphs in one line each, reStructuredText's literals as Markdown's."""
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", (docstring or "").strip().replace("``", "`"))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip())


def first_paragraph(docstring: str | None) -> str:
    """What a docstring says first."""
    return prose(docstring).partition("\n\n")[0]
