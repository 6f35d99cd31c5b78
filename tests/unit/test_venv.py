"""How .venv is set up, with a pretended uv that installs nothing and notes what it was asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = f"""#!/bin/sh
case "$1" in
    --version) exit 0 ;;
    venv) mkdir -p .venv/bin && ln -s {sys.executable} .venv/bin/python ;;
    *) echo "$*" >> asked; sleep 0.3 ;;
esac
"""
BROKEN_UV = '#!/bin/sh\n[ "$1" = --version ] || { echo "the disk is full"; exit 2; }\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What tools/venv.py reads, and the pretended uv."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/venv.py", tmp_path / "tools")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text("one==1 \\\n    --hash=sha256:0\ntwo==2 \\\n    --hash=sha256:0\n")
    (tmp_path / "pyproject.toml").touch()
    pretend(tmp_path, UV)
    return tmp_path


def pretend(project: Path, uv: str) -> None:
    (project / "uv").write_text(uv)
    (project / "uv").chmod(0o755)


def start(project: Path, extent: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PATH": os.pathsep.join([str(project), os.environ["PATH"]])}
    command = [sys.executable, "tools/venv.py", extent]
    return subprocess.Popen(
        command, cwd=project, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def set_up(project: Path, extent: str) -> tuple[int | None, str, str]:
    process = start(project, extent)
    out, err = process.communicate()
    return process.returncode, out, err


def asked(project: Path) -> list[str]:
    return (project / "asked").read_text().splitlines()


def test_setting_up_installs_the_lock_and_then_solmu_without_fetching_more(project: Path) -> None:
    code, out, _ = set_up(project, "run")

    assert code == 0
    assert "2 packages of requirements.lock, by uv" in out
    locked, solmu = asked(project)
    assert locked.endswith(f"--require-hashes --only-binary :all: --no-deps -r {project / 'requirements.lock'}")
    assert "--no-deps --no-build-isolation --editable" in solmu


def test_what_is_done_is_not_done_again(project: Path) -> None:
    set_up(project, "dev")
    before = asked(project)

    assert set_up(project, "dev") == (0, "", "")
    assert set_up(project, "run") == (0, "", ""), "the development lock holds the other one"
    assert asked(project) == before


def test_a_changed_lock_is_installed_into_the_same_environment(project: Path) -> None:
    set_up(project, "run")
    (project / ".venv/kept").touch()
    (project / "requirements.lock").write_text("one==2 --hash=sha256:1\n")

    code, out, _ = set_up(project, "run")

    assert code == 0
    assert "1 packages" in out
    assert (project / ".venv/kept").exists()


def test_an_environment_without_its_interpreter_is_made_anew(project: Path) -> None:
    set_up(project, "run")
    (project / ".venv/kept").touch()
    (project / ".venv/bin/python").unlink()

    assert set_up(project, "run")[0] == 0
    assert not (project / ".venv/kept").exists()


def test_two_at_the_same_time_install_once(project: Path) -> None:
    both = [start(project, "run"), start(project, "run")]
    for process in both:
        process.communicate()

    assert [process.returncode for process in both] == [0, 0]
    assert len(asked(project)) == 2


def test_a_failed_installation_shows_why_and_is_tried_again(project: Path) -> None:
    pretend(project, BROKEN_UV)
    code, _, err = set_up(project, "run")

    assert code == 1
    assert "the disk is full" in err

    pretend(project, UV)
    assert set_up(project, "run")[0] == 0
