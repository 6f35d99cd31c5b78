"""Writes ``docs/reference``: what the code itself can tell of commands, settings, mappings, fields and errors.

    .venv/bin/python tools/docs.py            # make docs
    .venv/bin/python tools/docs.py --check    # writes nothing; exit 1 if a page is not what it would write

The same code gives the same pages, byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.reference.commands import commands_page
from tools.reference.configuration import connections_page, connectors_page, hub_page
from tools.reference.errors import errors_page
from tools.reference.fields import fields_page, matching_page, normalisers_page
from tools.reference.mappings import mappings_page, transforms_page
from tools.reference.markdown import page
from tools.reference.report import report_page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGES = {
    "commands.md": commands_page,
    "hub.md": hub_page,
    "connections.md": connections_page,
    "connectors.md": connectors_page,
    "mappings.md": mappings_page,
    "transforms.md": transforms_page,
    "fields.md": fields_page,
    "normalisers.md": normalisers_page,
    "matching-rules.md": matching_page,
    "run-report.md": report_page,
    "errors.md": errors_page,
}


def pages() -> dict[str, str]:
    """Every page by its file's name, the list of them among them."""
    made = {name: make() for name, make in PAGES.items()}
    titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in made.items()}
    index = "\n".join(f"- [{title}]({name})" for name, title in titles.items())
    return {**made, "README.md": page("Reference", "Made from the code, so it says what this version does.", index)}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say which pages are out of date")
    check = parser.parse_args().check
    made = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if check:
        stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
        for name in stale:
            print(f"out of date: docs/reference/{name}", file=sys.stderr)
        if stale:
            print("`make docs` writes them anew", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
