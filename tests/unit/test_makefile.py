"""What `make` would do, told by `make --dry-run`, and how the interpreter is chosen; nothing is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO_TARGETS = ["demo", "demo-keep", "demo-stop", "demo-change", "demo-clean"]
TARGETS = [*DEMO_TARGETS, "test", "test-all", "lint", "bench", "docs", "clean"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what make reads, in which everything seems to be installed."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    for extent in ("run", "dev"):
        (tmp_path / f".venv/.installed-{extent}").touch()
    return tmp_path


def make(project: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "PYTHON", "SEED")}
    command = ["make", "--dry-run", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("target", TARGETS)
def test_a_promised_target_is_there_and_installs_nothing_twice(project: Path, target: str) -> None:
    assert "tools/venv.py" not in make(project, target)


@pytest.mark.parametrize(
    ("target", "command"), [("demo", "run"), ("demo-keep", "keep"), ("demo-change", "change"), ("demo-stop", "stop")]
)
def test_the_demo_is_told_what_to_do(project: Path, target: str, command: str) -> None:
    assert f".venv/bin/python -m examples.nordic.demo {command}" in make(project, target)


def test_a_seed_goes_to_the_demo(project: Path) -> None:
    assert "examples.nordic.demo run --seed 7\n" in make(project, "demo", "SEED=7")


def test_stopping_and_removing_the_demo_need_no_installation(project: Path) -> None:
    shutil.rmtree(project / ".venv")

    assert "tools/venv.py" not in make(project, "demo-stop") + make(project, "demo-clean") + make(project, "clean")


@pytest.mark.parametrize(
    ("changed", "target", "installs"),
    [
        ("requirements.lock", "demo", "run"),
        ("requirements.lock", "test", "dev"),
        ("requirements-dev.lock", "test", "dev"),
        ("requirements-dev.lock", "demo", None),
        ("pyproject.toml", "demo", "run"),
    ],
)
def test_a_changed_lock_is_installed_where_it_matters(
    project: Path, changed: str, target: str, installs: str | None
) -> None:
    later = (project / ".venv/.installed-dev").stat().st_mtime + 5
    os.utime(project / changed, (later, later))

    done = make(project, target)

    assert [extent for extent in ("run", "dev") if f"tools/venv.py {extent}" in done] == (
        [installs] if installs else []
    )


def test_an_interpreter_that_has_gone_is_replaced(project: Path) -> None:
    (project / ".venv/bin/python").unlink()
    (project / ".venv/bin/python").symlink_to("/nowhere/python3.11")

    assert "tools/venv.py run" in make(project, "demo")


# How tools/python.sh chooses, on a PATH of pretended programs.

WORKS = "exit 0"
SHIM_OF_NOTHING = "exit 127"
LACKS_VENV = 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.11 ;; esac'


@pytest.mark.parametrize(
    ("programs", "chosen"),
    [
        ({"python3.13": WORKS, "python3.12": WORKS}, "python3.13"),
        ({"python3.13": SHIM_OF_NOTHING, "python3.11": WORKS}, "python3.11"),
        ({"python3.12": LACKS_VENV, "python3.11": WORKS}, "python3.11"),
        ({"python3.12": LACKS_VENV, "python3.11": WORKS, "uv": WORKS}, "python3.12"),
        ({"python3.11": LACKS_VENV, "uv": SHIM_OF_NOTHING, "python3": WORKS}, "python3"),
    ],
)
def test_the_newest_python_that_works_is_chosen(tmp_path: Path, programs: dict[str, str], chosen: str) -> None:
    assert choose(tmp_path, programs).stdout == f"{chosen}\n"


def test_a_named_python_is_taken_whatever_else_there_is(tmp_path: Path) -> None:
    assert choose(tmp_path, {"python3.13": WORKS, "mine": WORKS}, "mine").stdout == "mine\n"


def test_a_named_python_that_does_not_work_is_not_replaced_by_another(tmp_path: Path) -> None:
    refused = choose(tmp_path, {"python3.13": WORKS, "mine": SHIM_OF_NOTHING}, "mine")

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "PYTHON=mine" in refused.stderr


def test_a_missing_venv_module_is_mended_by_the_command_on_the_last_line(tmp_path: Path) -> None:
    refused = choose(tmp_path, {"python3.11": LACKS_VENV, "apt-get": WORKS, "id": "echo 1000"})

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].strip() == "sudo apt-get install python3.11-venv"


def choose(folder: Path, programs: dict[str, str], asked: str = "") -> subprocess.CompletedProcess[str]:
    programs = {"id": "echo 0"} | programs
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    command: list[str | Path] = ["/bin/sh", ROOT / "tools/python.sh", asked]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True)
