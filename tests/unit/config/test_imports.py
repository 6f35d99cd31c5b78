"""Reading a hub's configuration costs little: the command line does it before it knows what is asked."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"pandas", "splink", "duckdb", "prefect", "sqlalchemy", "phonenumbers", "babel", "pycountry", "nameparser"}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_configuration_is_imported_without_yaml_mappings_and_heavy_libraries() -> None:
    assert not loaded_by("import solmu.config") & (HEAVY | {"ruamel", "jmespath"})


def test_mappings_are_imported_without_heavy_libraries() -> None:
    assert not loaded_by("import solmu.mapping") & HEAVY
