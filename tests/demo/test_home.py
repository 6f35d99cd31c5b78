"""The demo's own folder, and the CRM that it fills."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from examples.nordic.demo import crm as crms
from examples.nordic.demo.crm import open_crm
from examples.nordic.demo.home import Home, NotOurs
from solmu.config import load_hub
from solmu.config.secrets import resolve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / ".demo")
    made.make(7)
    return made


def test_making_it_anew_takes_only_what_the_demo_made(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("…", encoding="utf-8")
    with pytest.raises(NotOurs):
        Home(tmp_path / "letters").make(7)
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_a_folder_that_was_half_made_is_not_gone_on_with(home: Home) -> None:
    assert home.complete
    home.note(complete=False)
    assert not home.complete
    home.make(8)
    assert home.complete
    assert home.state()["seed"] == 8


def test_the_crm_is_filled_once_and_the_truth_names_its_records_by_their_ids(home: Home) -> None:
    with open_crm(home, keep=False) as crm:
        assert crm.fill(home) == {"Account": 110, "Contact": 90}
        assert crm.fill(home) == {}
    ids = json.loads(home.crm_ids.read_text(encoding="utf-8"))
    with home.truth.open(encoding="utf-8", newline="") as file:
        keys = {row["key"] for row in csv.DictReader(file) if row["connection"] == "crm"}
    assert keys == set(ids.values())
    assert home.state()["sandbox"] is None


def test_filling_that_was_interrupted_begins_again_from_an_empty_crm(home: Home) -> None:
    truth = home.truth.read_bytes()
    with open_crm(home, keep=False) as crm:
        crm.fill(home)
        home.crm_ids.unlink()
        home.truth.write_bytes(truth)
        assert crm.fill(home) == {"Account": 110, "Contact": 90}


def test_secrets_are_random_and_their_owners_alone(home: Home) -> None:
    with open_crm(home, keep=False):
        pass
    files = sorted(home.secrets.iterdir())
    assert [path.name for path in files] == [
        "salesforce-client-id",
        "salesforce-client-secret",
        "salesforce-url",
        "salesforce.json",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    settings = resolve(load_hub(home.folder).connection("crm").settings, folder=home.folder)
    known = json.loads((home.secrets / "salesforce.json").read_text(encoding="utf-8"))
    assert settings["client_secret"] == known["client_secret"]
    assert len(known["client_secret"]) >= 32


def test_a_crm_that_is_kept_serves_the_next_demo_until_it_is_stopped(home: Home) -> None:
    # By a process that ends, as `make demo-keep` does.
    keep = "import sys, pathlib; from examples.nordic.demo import crm, home\n"
    keep += "with crm.open_crm(home.Home(pathlib.Path(sys.argv[1])), keep=True): pass"
    subprocess.run([sys.executable, "-c", keep, str(home.folder)], cwd=ROOT, check=True)
    try:
        with open_crm(home, keep=False) as kept:
            assert kept.stays
        assert kept.answers()
    finally:
        assert crms.stop(home)
    assert not kept.answers()
    assert not crms.stop(home)
