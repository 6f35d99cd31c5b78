"""The mappings that ship with Solmu: each sample has its golden result beside it.

``samples/…/<mapping>.json`` has payloads, and ``….golden.json`` beside it what the mapping makes of them. After a
change that is meant, ``python -m tests.unit.mapping.test_shipped`` writes the golden files anew, to be read in the
diff. All samples are synthetic.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox.salesforce.objects import OBJECTS
from solmu.config.mappings import shipped_mappings
from solmu.config.yaml import load
from solmu.errors import Skippable
from solmu.exchange import FieldInfo
from solmu.mapping import SourceMapping, map_batch, mapping_schema
from solmu.mapping.source import source_mapping
from solmu.mapping.target import TargetMapping, target_mapping
from solmu.sync.equal import same

SAMPLES = Path(__file__).with_name("samples")
SHIPPED = shipped_mappings()
SOURCES = sorted(
    path.relative_to(SHIPPED / "sources").with_suffix("").as_posix() for path in SHIPPED.glob("sources/**/*.yaml")
)
TARGETS = sorted(
    path.relative_to(SHIPPED / "targets").with_suffix("").as_posix() for path in SHIPPED.glob("targets/**/*.yaml")
)


def shipped_source(name: str) -> SourceMapping:
    path = SHIPPED / "sources" / f"{name}.yaml"
    return source_mapping(name, path, *load(path))


def shipped_target(name: str) -> TargetMapping:
    path = SHIPPED / "targets" / f"{name}.yaml"
    return target_mapping(name, path, *load(path))


def sample(side: str, name: str) -> list[dict[str, Any]]:
    payloads: list[dict[str, Any]] = json.loads((SAMPLES / side / f"{name}.json").read_text())
    return payloads


def golden(side: str, name: str) -> Any:
    return json.loads((SAMPLES / side / f"{name}.golden.json").read_text())


def mapped(name: str) -> Any:
    results = map_batch(shipped_source(name), sample("sources", name), "sample")
    return plain([each.as_dict() if isinstance(each, Skippable) else asdict(each) for each in results])


def pushed(name: str) -> Any:
    mapping = shipped_target(name)
    return plain(
        [{field: asdict(each) for field, each in mapping.desired(one).items()} for one in sample("targets", name)]
    )


def plain(results: list[dict[str, Any]]) -> Any:
    """As JSON, without what is not said."""
    return json.loads(json.dumps([told(each) for each in results], default=str))


def told(value: Any) -> Any:
    if isinstance(value, dict):
        said = {key: told(each) for key, each in value.items() if each not in (None, (), [], {})}
        return {key: each for key, each in said.items() if each is not False or key not in USUALLY_FALSE}
    return [told(each) for each in value] if isinstance(value, list | tuple) else value


USUALLY_FALSE = {"ignored", "assign", "required"}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_mapping_gives_its_golden_result(name: str) -> None:
    assert mapped(name) == golden("sources", name)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_mapping_gives_its_golden_result(name: str) -> None:
    assert pushed(name) == golden("targets", name)


@pytest.mark.parametrize(("side", "name"), [("sources", n) for n in SOURCES] + [("targets", n) for n in TARGETS])
def test_a_shipped_mapping_fits_the_published_schema(side: Any, name: str) -> None:
    data, _ = load(SHIPPED / side / f"{name}.yaml")

    assert [error.message for error in Draft202012Validator(mapping_schema(side)).iter_errors(data)] == []


def test_the_published_schemas_know_what_is_wrong() -> None:
    validator = Draft202012Validator(mapping_schema("sources"))
    assert not validator.is_valid({"organisation": {"nme": "C"}})
    assert not validator.is_valid({"person": {"name": {"from": "C", "as": "persn_name"}}})
    assert validator.is_valid({"organisation": {"name": "C", "custom.machine": "M"}, "person#2": {"name": ["A", "B"]}})
    assert not Draft202012Validator(mapping_schema("targets")).is_valid({"fields": {"Name": "name"}})


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("salesforce/")])
def test_of_the_sandboxs_standard_fields_none_is_unknown_to_a_mapping(name: str) -> None:
    mapping = shipped_source(name)
    fields = OBJECTS[mapping.record.title().replace(" ", "")].fields.values()
    payload = dict.fromkeys(field.name for field in fields if not field.custom or field.external_id)

    assert set(mapping.unmapped(payload)) <= {
        "Rating",
        "Type",
        "AccountSource",
        "AnnualRevenue",
        "Fax",
        "LeadSource",
        "Birthdate",
    }


@pytest.mark.parametrize("name", [name for name in TARGETS if name.startswith("salesforce/")])
def test_a_mapping_writes_only_fields_that_salesforce_has_and_within_their_lengths(name: str) -> None:
    mapping = shipped_target(name)
    fields = OBJECTS[mapping.object].fields
    data, _ = load(mapping.file)

    assert {field for field, each in mapping.fields.items() if each.if_there and field not in fields} <= {
        "CurrencyIsoCode"  # of orgs with several currencies, as which the sandbox is not one
    }
    for field in mapping.fitted(fields).fields:
        assert fields[field].createable
        length = data["fields"][field].get("length") if isinstance(data["fields"][field], dict) else None
        assert length is None or int(length) <= fields[field].length
    assert mapping.external_id is not None
    assert fields[mapping.external_id].external_id


@pytest.mark.parametrize("name", ["salesforce/account", "salesforce/contact", "salesforce/lead"])
def test_what_comes_from_salesforce_goes_back_unchanged(name: str) -> None:
    """Otherwise the first plan would want to change what nobody changed."""
    source, target = shipped_source(name), shipped_target(name)

    for payload in sample("sources", name):
        mention = source.map(payload, connection="crm").mentions[0]
        for field, wanted in target.desired(mention.fields).items():
            if wanted.value is not None and payload.get(field) is not None:
                described = FieldInfo(field, OBJECTS[target.object].fields[field].kind)
                assert same(wanted.value, payload[field], described), (field, wanted.value, payload[field])


def write_golden() -> None:
    for side, names, make in (("sources", SOURCES, mapped), ("targets", TARGETS, pushed)):
        for name in names:
            text = json.dumps(make(name), indent=2, ensure_ascii=False)
            (SAMPLES / side / f"{name}.golden.json").write_text(text + "\n")


if __name__ == "__main__":
    write_golden()
