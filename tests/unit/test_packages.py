"""Imports run one way, flows → connectors → solmu, and the command line starts without the heavy libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = {"benchmarks", "docs", "examples", "sandbox", "tests", "tools"}
FORBIDDEN = {
    "solmu": {"connectors", "flows", "prefect"} | NOT_SHIPPED,
    "connectors": {"flows", "prefect"} | NOT_SHIPPED,
    "flows": NOT_SHIPPED,
    # A stand-in that shared code with what it is to test would agree with it by construction.
    "sandbox": {"solmu", "connectors", "flows", "prefect"} | NOT_SHIPPED - {"sandbox"},
}
# Both stand below it. What else they have in common with it goes to a package of its own, as solmu/beside did.
TAKEN_FROM_SYNC = {
    "match": {"solmu.sync.fold", "solmu.sync.hanging", "solmu.sync.let_in", "solmu.sync.slots"},
    "golden": {
        "solmu.sync.carried",
        "solmu.sync.equal",
        "solmu.sync.judge",
        "solmu.sync.lost_columns",
        "solmu.sync.slots",
        "solmu.sync.stream",
    },
}
HEAVY = {"prefect", "splink", "duckdb", "pandas", "polars", "numpy", "pyarrow"}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_that_stands_above_it(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules

    wrong = [
        f"{module.relative_to(ROOT)}:{line} imports {name}"
        for module in modules
        for line, name in imports(module.read_text(encoding="utf-8"))
        if name.partition(".")[0] in FORBIDDEN[package]
    ]

    assert wrong == []


def test_what_runs_a_process_beside_knows_nothing_of_what_it_works_out() -> None:
    assert imported_by("solmu/beside") - {"solmu.beside"} == set()


@pytest.mark.parametrize("package", ["match", "golden"])
def test_of_syncing_nothing_more_is_taken_below_than_what_it_knows_of_mentions_and_fields(package: str) -> None:
    taken = imported_by(f"solmu/{package}", whole=True)

    assert {name for name in taken if name.startswith("solmu.sync.")} == TAKEN_FROM_SYNC[package]


def imported_by(package: str, *, whole: bool = False) -> set[str]:
    """The packages of the core that a folder's modules import, or the modules."""
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    names = {name for module in modules for _, name in imports(module.read_text(encoding="utf-8"))}
    return {name if whole else ".".join(name.split(".")[:2]) for name in names if name.startswith("solmu.")}


def imports(source: str) -> list[tuple[int, str]]:
    """Line and dotted name of every module that is imported by its full name, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            found.append((node.lineno, node.module))
    return found


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import os.path as p\ndef f():\n    from flows.nightly import nightly\nfrom . import near\n"

    assert imports(source) == [(1, "os.path"), (3, "flows.nightly")]


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    probe = "import sys, solmu.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"

    loaded = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(loaded.stdout.split()) & HEAVY == set()
