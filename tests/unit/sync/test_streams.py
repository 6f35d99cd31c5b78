"""The streams of a target, as a hub's configuration describes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import load_hub
from solmu.config.connectors import open_connector
from solmu.errors import ConfigurationError
from solmu.model import Entity
from solmu.sync.planning import work_of
from solmu.sync.streams import pointing_nowhere, rules_hash
from tests.hubs import make_hub


def test_a_hub_says_what_goes_into_which_stream_by_which_rules(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    config = hub.connections["crm"]
    with open_connector(hub, config) as connector:
        work = work_of(hub, config, connector)
    assert [(each.name, each.level, each.entity, each.hanging) for each in work.streams] == [
        ("accounts", 0, Entity.ORGANISATION, None),
        ("contacts", 1, Entity.PERSON, None),
        ("tasks", 2, None, "lead"),
    ]
    assert work.streams[0].rules.include == ("lead", "order", "in-target")
    assert work.streams[2].parents == {"accounts", "contacts"}
    assert work.parent_fields == {"contacts": {"AccountId"}}
    assert work.settings.rule(Entity.ORGANISATION, "phone") == "union"
    assert work.limits == hub.settings.guards


def test_a_field_that_the_target_does_not_describe_is_left_out_where_the_mapping_says_so(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    mapping = tmp_path / "mappings" / "targets" / "account.yaml"
    mapping.write_text(mapping.read_text() + "  Industry: {from: industry, if_there: true}\n")
    config = hub.connections["crm"]
    with open_connector(hub, config) as connector:
        work = work_of(hub, config, connector)
    assert "Industry" not in work.streams[0].mapping.fields
    assert "City" in work.streams[0].mapping.fields


def test_the_rules_change_with_the_configuration_and_with_a_mapping(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    first = rules_hash(hub, hub.connections["crm"])
    assert rules_hash(load_hub(tmp_path), hub.connections["crm"]) == first
    mapping = tmp_path / "mappings" / "targets" / "account.yaml"
    mapping.write_text(mapping.read_text() + "  Industry: {from: industry}\n")
    changed = load_hub(tmp_path)
    second = rules_hash(changed, changed.connections["crm"])
    settings = tmp_path / "hub.yaml"
    settings.write_text(settings.read_text() + "guards: {created_count: 1}\n")
    changed = load_hub(tmp_path)
    assert len({first, second, rules_hash(changed, changed.connections["crm"])}) == 3


def test_a_field_that_can_point_at_nothing_is_told_with_its_line(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    mapping = tmp_path / "mappings" / "targets" / "contact.yaml"
    mapping.write_text(mapping.read_text() + "  ReportsToId: {parent: contacts}\n")
    config = hub.connections["crm"]
    with open_connector(hub, config) as connector, pytest.raises(ConfigurationError) as caught:
        work_of(hub, config, connector)
    assert (caught.value.file, caught.value.line) == (str(mapping), len(mapping.read_text().splitlines()))
    assert (caught.value.value, caught.value.expected) == ("contacts", "accounts")


def test_a_field_that_points_at_a_stream_that_is_not_written_is_told_of(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    config = hub.connections["crm"]
    assert pointing_nowhere(hub, config) == []
    mapping = tmp_path / "mappings" / "targets" / "contact.yaml"
    mapping.write_text(mapping.read_text().replace("parent: accounts", "parent: acounts"))
    (note,) = pointing_nowhere(load_hub(tmp_path), config)
    assert "AccountId of contacts points at acounts" in note
    assert "accounts" in note
