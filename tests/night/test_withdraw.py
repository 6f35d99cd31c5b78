"""An import that is taken back. Synthetic names."""

from __future__ import annotations

from pathlib import Path

from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.store import open_store
from tests.hubs import crm_of
from tests.night.commands import Command
from tests.night.conftest import Night
from tests.night.test_import import (
    KOTKA,
    SORVI,
    TWO_AT,
    counts,
    home,
    read_xlsx,
    solmu,
    values,
    write_csv,
    write_xlsx,
)

__all__ = ["home", "solmu"]


def names(home: Path) -> set[str]:
    return {each["name"] for each in values(home, "organisation")}


def whole(hub: Hub) -> bool:
    with open_store(hub.store_url) as store:
        return bool(examine(store, hub)["ok"])


def brought(solmu: Command, home: Path, *rows: tuple[str, ...], name: str = "leads.csv") -> str:
    said = solmu("import", write_csv(home / name, *rows), "--yes", "--hub", home, "--output", "json")
    assert said.code == 0, said.err
    return str(said.json["run_id"])


def test_rows_that_only_the_import_showed_are_withdrawn(solmu: Command, home: Path) -> None:
    run = brought(solmu, home, KOTKA, SORVI)
    said = solmu("withdraw", run, "--yes", "--hub", home, "--output", "json")
    assert said.code == 0, said.err
    assert said.json["withdraw"] == {"run": run, "withdrawn": 2, "put_back": 0, "moved": 0}
    assert said.json["mentions"]["withdrawn"] == 4
    assert whole(load_hub(home))
    again = solmu("withdraw", run, "--yes", "--hub", home, "--output", "json")
    assert again.json["withdraw"] == {"run": run, "withdrawn": 0, "put_back": 0, "moved": 2}


def test_what_the_crm_showed_in_that_run_stays(
    solmu: Command, hub: Hub, night: Night, armed: None, tmp_path: Path
) -> None:
    """Here on a hub whose CRM was read before, and read again by the run that pushed."""
    night()
    crm_of(hub).put("accounts", {"Name": "Rauma Ruuvi", "City": "Rauma"})
    line = ("import", write_csv(tmp_path / "fair.csv", SORVI), "--yes", "--push", "--hub", hub.folder)
    run = str(solmu(*line, "--output", "json").json["run_id"])
    said = solmu("withdraw", run, "--yes", "--hub", hub.folder, "--output", "json")
    assert said.json["withdraw"] == {"run": run, "withdrawn": 1, "put_back": 0, "moved": 0}
    assert "Rauma Ruuvi" in names(hub.folder)
    assert whole(hub)


def test_the_same_list_can_be_imported_again(solmu: Command, home: Path) -> None:
    run = brought(solmu, home, KOTKA, SORVI)
    before = values(home, "person")
    solmu("withdraw", run, "--yes", "--hub", home)
    said = solmu("import", home / "leads.csv", "--yes", "--hub", home, "--output", "json")
    assert counts(said) == {"read": 2, "changed": 2}
    assert values(home, "person") == before
    assert said.json["mentions"].get("withdrawn", 0) == 0


def test_rows_that_the_import_replaced_are_what_they_were(solmu: Command, home: Path, tmp_path: Path) -> None:
    file = write_csv(home / "leads.csv", KOTKA, TWO_AT)
    first = solmu("import", file, "--yes", "--hub", home, "--output", "json").json
    header, (*row, origin, reason) = read_xlsx(first["import"]["refused_file"])
    mended = write_xlsx(
        tmp_path / "mended.xlsx", [header, [str(each).replace("@@", "@") for each in (*row, origin, reason)]]
    )
    second = solmu("import", mended, "--yes", "--hub", home, "--output", "json").json
    assert names(home) == {"Kotka Kone Oy", "Hanko Hitsi Oy"}
    said = solmu("withdraw", second["run_id"], "--yes", "--hub", home, "--output", "json")
    assert said.json["withdraw"] == {"run": second["run_id"], "withdrawn": 1, "put_back": 1, "moved": 0}
    assert solmu("status", "--hub", home, "--output", "json").json["waiting"]["quarantine"] == 1
    of_first = solmu("withdraw", first["run_id"], "--yes", "--hub", home, "--output", "json")
    assert of_first.json["withdraw"] == {"run": first["run_id"], "withdrawn": 1, "put_back": 0, "moved": 1}
    assert whole(load_hub(home))


def test_only_imports_are_taken_back(solmu: Command, home: Path) -> None:
    said = solmu("withdraw", "run_nothing", "--yes", "--hub", home)
    assert said.code == 2
    assert "there is no import run_nothing" in said.err


def test_nobody_is_asked_without_a_terminal(solmu: Command, home: Path) -> None:
    run = brought(solmu, home, KOTKA)
    assert solmu("withdraw", run, "--hub", home).code == 2
    assert names(home) == {"Kotka Kone Oy"}
