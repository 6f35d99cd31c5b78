"""What tests/conftest.py promises, seen on a project of its own with a peer that no machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOON = 'def available() -> str | None:\n    return "too far away"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests/peers").mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "peers/__init__.py", "peers/postgres.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests/peers/moon.py").write_text(MOON)
    (tmp_path / "tests/stores-differ.txt").touch()
    return tmp_path


def run(project: Path, body: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (project / "tests/test_it.py").write_text(f"import logging\nimport pytest\n\n{body}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SOLMU_", "COV_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=project,
        env=environment | variables,
        capture_output=True,
        text=True,
    )


AN_ABSENT_PEER = "@pytest.mark.peer('moon')\ndef test_landing(): pass\n\ndef test_rest(): pass\n"


def test_an_absent_peer_fails_the_run_where_peers_are_required(project: Path) -> None:
    ran = run(project, AN_ABSENT_PEER, SOLMU_REQUIRE_PEERS="1")

    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert "left out: moon: too far away" in ran.stderr


def test_a_peer_that_no_chosen_test_needs_is_not_asked_for(project: Path) -> None:
    ran = run(project, AN_ABSENT_PEER, "-k", "rest", SOLMU_REQUIRE_PEERS="1")

    assert ran.returncode == 0
    assert "left out" not in ran.stdout


LOGGING = """
def test_surprised(): logging.getLogger('far').error('lost %s', 'it')

def test_prepared(expect_errors):
    logging.getLogger('far').error('lost it')
    assert len(expect_errors) == 1

def test_warned(): logging.getLogger('far').warning('mind it')
"""


def test_an_absent_peer_is_left_out_by_name_and_an_unexpected_error_in_the_log_fails(project: Path) -> None:
    ran = run(project, AN_ABSENT_PEER + LOGGING)

    assert "ERROR tests/test_it.py::test_surprised - Failed: logged, and not expected:" in ran.stdout
    assert "far: lost it" in ran.stdout
    assert "left out: moon: too far away" in ran.stdout.splitlines()
    assert ran.stdout.splitlines()[-1].startswith("4 passed, 1 deselected, 1 error")


def test_a_test_on_one_store_only_must_be_listed_and_no_other(project: Path) -> None:
    body = "def test_pragma(sqlite_url): pass\ndef test_wal(sqlite_url): pass\ndef test_both(database_url): pass\n"
    (project / "tests/stores-differ.txt").write_text(
        "tests/test_it.py::test_pragma  SQLite alone has pragmas\ntests/test_it.py::test_both  no longer true\n"
    )

    refused = run(project, body, "--collect-only")

    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "tests/test_it.py::test_wal runs on sqlite only" in refused.stderr
    assert "tests/test_it.py::test_both is listed, and does not differ" in refused.stderr
    assert "test_pragma" not in refused.stderr
