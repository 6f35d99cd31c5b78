"""`init` makes a hub that loads at once, and never writes over one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from solmu.config import init_hub, load_hub
from solmu.config.schema import connection_schema, hub_schema
from solmu.config.yaml import load
from solmu.errors import ConfigurationError
from solmu.mapping import mapping_schema


def test_a_new_hub_loads_and_has_a_place_for_everything(tmp_path: Path) -> None:
    file = init_hub(tmp_path / "my hub", name='Ärjä: "Oy"')

    hub = load_hub(tmp_path / "my hub")

    assert file == tmp_path / "my hub" / "hub.yaml"
    assert hub.settings.name == 'Ärjä: "Oy"'
    assert hub.settings.schedules == {"nightly": "30 3 * * *"}
    for folder in ("connections", "mappings/sources", "mappings/targets", "reports"):
        assert (hub.folder / folder).is_dir()
    assert "solmu.db" in (hub.folder / ".gitignore").read_text()


def test_a_new_hub_differs_from_an_empty_hub_yaml_only_where_it_says_so(tmp_path: Path) -> None:
    init_hub(tmp_path / "new")
    (tmp_path / "hub.yaml").write_text(
        "{name: new, survivorship: {default: crm-unless-blank}, schedules: {nightly: '30 3 * * *'}}"
    )

    assert load_hub(tmp_path / "new").settings == load_hub(tmp_path).settings


def test_what_the_comments_of_a_new_hub_show_is_valid(tmp_path: Path) -> None:
    path = init_hub(tmp_path)
    commented = re.compile(r"^# (?=  |[a-z]+:( |$))|^  # ")
    lines = [commented.sub(lambda found: "  " * (found[0] == "  # "), line) for line in path.read_text().splitlines()]
    lines.remove("store: sqlite:///solmu.db")
    path.write_text("\n".join(lines))

    settings = load_hub(tmp_path).settings

    assert settings.store.startswith("postgresql+psycopg://")
    assert settings.assignment.rules[0].when == {"country": ("FI", "EE")}
    assert settings.survivorship.person == {"email": "newest"}


def test_a_hub_is_never_made_twice(tmp_path: Path) -> None:
    init_hub(tmp_path)
    (tmp_path / "hub.yaml").write_text("name: mine\n")

    with pytest.raises(ConfigurationError, match="is a hub already"):
        init_hub(tmp_path)

    assert (tmp_path / "hub.yaml").read_text() == "name: mine\n"


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match="cannot be made a hub"):
        init_hub(tmp_path / "file" / "hub")


def test_the_schemas_are_valid_and_are_where_the_files_say(tmp_path: Path) -> None:
    file = init_hub(tmp_path)

    for schema in (hub_schema(), connection_schema(), mapping_schema("sources"), mapping_schema("targets")):
        Draft202012Validator.check_schema(schema)
    named = file.read_text().splitlines()[0].partition("$schema=")[2]
    assert json.loads((tmp_path / named).read_text())["title"] == "hub.yaml"


def test_the_schema_of_hub_yaml_accepts_a_hub_and_knows_its_keys(tmp_path: Path) -> None:
    data, _ = load(init_hub(tmp_path))
    validator = Draft202012Validator(hub_schema())

    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors({"guards": {"changed_shre": 1}}))


def test_the_schema_of_connections_knows_each_connectors_settings() -> None:
    validator = Draft202012Validator(connection_schema())
    sheet = {
        "connector": "spreadsheet",
        "direction": "source",
        "settings": {"folder": "data"},
        "streams": {"leads": {"files": ["*.xlsx"], "mapping": "partner-sheet", "key": ["Nr"]}},
    }

    assert list(validator.iter_errors(sheet)) == []
    assert list(validator.iter_errors({**sheet, "settings": {"foldr": "data"}}))
    assert list(validator.iter_errors({**sheet, "settings": {}}))
